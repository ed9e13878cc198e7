"""A newcomer's own machine: `script/server`."""

from portal.settings.base import *  # noqa: F403

DEBUG = False
SECRET_KEY = "only-for-development-on-this-machine-never-in-production"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

"""The test settings with a mail carrier of which a test can see what it was given."""

from portal.settings.test import *  # noqa: F403

MAIL_DELIVERY_BACKEND = "tests.journeys.slow_mail.SlowCarrier"

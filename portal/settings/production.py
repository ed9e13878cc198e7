"""A server that others reach. Everything secret or local comes from the environment."""

import os

from pythonjsonlogger.core import RESERVED_ATTRS

from portal.settings import environment
from portal.settings.base import *  # noqa: F403

DEBUG = False
SECRET_KEY = environment.secret("SECRET_KEY")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [
    f"https://{'*' if host.startswith('.') else ''}{host}" for host in ALLOWED_HOSTS if host != "*"
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = os.environ.get("PORTAL_PLAIN_HTTP") != "1"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked on this machine, beside the proxy
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
# Else all who come through the proxy would share one limit of attempts.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("PORTAL_PROXIES", int(SECURE_SSL_REDIRECT))
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0

KNOWLEDGE = {
    **KNOWLEDGE,  # noqa: F405
    "METRICS_TOKEN": os.environ.get("METRICS_TOKEN", ""),
    "LOG_QUERIES": os.environ.get("PORTAL_LOG_QUERIES") == "1",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": ["levelname", "name", "message"],
            "rename_fields": {"levelname": "level", "name": "logger", "exc_info": "traceback"},
            "reserved_attrs": [*RESERVED_ATTRS, "request"],  # its address contains the question
            "timestamp": "time",
            "json_ensure_ascii": False,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "embeddings": {"level": "INFO"},
        "knowledge": {"level": "INFO"},
        "portal.search": {"level": "INFO"},
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

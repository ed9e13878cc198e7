"""Settings shared by every purpose. What differs from place to place comes from the environment."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from portal.settings import environment
from portal.settings.accounts import *  # noqa: F403
from portal.settings.languages import (
    CONTENT_LANGUAGES,
    INTERFACE_LANGUAGES,
    register_language_names,
)

register_language_names()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("PORTAL_VAR_DIR", BASE_DIR / "var"))

INSTALLED_APPS = [
    "portal",
    "content_seed",
    "knowledge",
    "embeddings",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.redirects",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "knowledge.accounts.apps.UsersConfig",  # wagtail.users
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_filters",
    "ninja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",  # for its templates
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "knowledge.reader_language.ReaderLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "knowledge.desk.known.KnownPagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "knowledge.security_headers.ContentSecurityPolicyMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "portal.urls"
CSRF_FAILURE_VIEW = "knowledge.views.csrf_failure"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "knowledge.context_processors.reader",
            ],
        },
    }
]

try:
    DATABASES = {
        "default": dj_database_url.parse(
            os.environ.get("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'portal.sqlite3'}",
            conn_max_age=60,
            conn_health_checks=True,
        )
    }
except ValueError as error:  # says nothing of the address: a password may be in it
    raise ImproperlyConfigured(
        "DATABASE_URL is no address of a database, such as postgres://user:password@host/name."
    ) from error
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue instead of failing half-way; readers never wait for them.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        # Shared by the workers of a machine, so that what limits attempts counts all of them.
        "BACKEND": "portal.cache.SteadyCache",
        "LOCATION": VAR_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = CONTENT_LANGUAGES
WAGTAIL_I18N_ENABLED = True
FORMAT_MODULE_PATH = "portal.formats"
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
LANGUAGE_COOKIE_NAME = "interface_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
KNOWLEDGE: dict[str, Any] = {
    "INTERFACE_LANGUAGES": INTERFACE_LANGUAGES,
    "FILES": {"LIMITS": {}, "PICTURES_DIR": VAR_DIR / "page-pictures"},
    "BOARD_POSTS_A_DAY": 30,
    "COUNT_UNANSWERED": True,  # questions that found nothing, without who asked
    "UNANSWERED_SHOWN_FROM": 3,
    "KEEP_DRAFTS_DAYS": 365,
    "KEEP_MAILS_DAYS": 30,
    "KEEP_UNCONFIRMED_ACCOUNTS_DAYS": 14,
    "KEEP_STRAY_FILES_DAYS": 30,
}
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"

EMAIL_BACKEND = "knowledge.mail.backend.OutboxBackend"  # rows, in the transaction of their cause
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
_MAIL_PORTS = {"starttls": 587, "ssl": 465, "none": 25}
_MAIL_SECURITY = environment.choice("EMAIL_SECURITY", _MAIL_PORTS)
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL_SECURITY == "starttls", _MAIL_SECURITY == "ssl"
EMAIL_PORT = environment.number("EMAIL_PORT", _MAIL_PORTS[_MAIL_SECURITY], least=1)
EMAIL_TIMEOUT = 30
EMAIL_FILE_PATH = VAR_DIR / "mail"
MAIL_DELIVERY_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "knowledge.mail.files.FilesBackend"
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get(
    "MAIL_FROM", "Village Knowledge Portal <portal@localhost>"
)

WAGTAIL_SITE_NAME = "Village Knowledge Portal"
PUBLIC_BASE_URL = os.environ.get("PORTAL_BASE_URL", "")  # of addresses that are cited
WAGTAILADMIN_BASE_URL = os.environ.get("PORTAL_BASE_URL", "http://127.0.0.1:8000")
WAGTAILDOCS_DOCUMENT_MODEL = "knowledge.StoredFile"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "pdf", "pptx", "xlsx", "png", "jpg", "jpeg", "webp"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # every file is asked for its page's rights
WAGTAILREDIRECTS_AUTO_CREATE = False  # an old address must not tell where a private page went
# A translation starts as a draft: it has the text of its source until somebody has translated it.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAIL_ENABLE_UPDATE_CHECK = False  # no request leaves the machine
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
# Wagtail's own list leaves out most languages that our labels and messages are translated into.
WAGTAILADMIN_PERMITTED_LANGUAGES = [
    (code, name) for code, name in CONTENT_LANGUAGES if code in INTERFACE_LANGUAGES
]
WAGTAILADMIN_UNSAFE_PAGE_DELETION_LIMIT = 10
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # long StreamField forms
WAGTAILDOCS_DOCUMENT_FORM_BASE = "knowledge.files.forms.StoredFileForm"
FILE_UPLOAD_HANDLERS = ["knowledge.files.uploads.LimitedUploadHandler"]
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)  # Django refuses to start without it

EMBEDDINGS = {
    "ENCODER": {
        "BACKEND": "embeddings.encoders.static.StaticEncoder",
        "OPTIONS": {
            "path": str(BASE_DIR / "embeddings" / "models" / "village-static-256"),
            # Measured for this encoder with this ranking: docs/decisions/0005-what-a-question-names.md.
            "score_floor": 0.34,
        },
    },
    "INDEX_DIR": VAR_DIR / "index",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"embeddings": {"level": "INFO"}, "knowledge": {"level": "INFO"}},
}

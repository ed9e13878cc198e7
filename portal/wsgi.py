"""WSGI entry point."""

import os
from collections.abc import Callable, Iterable
from email.message import Message
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Hand the request to Django without the headers it would break on before any handler."""
    if not _is_text_codec(_charset(environ.get("CONTENT_TYPE", ""))):
        environ["CONTENT_TYPE"] = ""
    if "\\000" in environ.get("HTTP_COOKIE", ""):  # an escaped NUL, which PostgreSQL refuses
        environ["HTTP_COOKIE"] = ""
    response: Iterable[bytes] = _django(environ, start_response)
    return response


def _charset(content_type: str) -> str:
    message = Message()
    message["content-type"] = content_type
    return str(message.get_param("charset", "utf-8"))


def _is_text_codec(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True

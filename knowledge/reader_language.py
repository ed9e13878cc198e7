"""The interface language belongs to the reader, the content language to the page.

While an address is resolved the content language of its first part is active, because Wagtail
finds the tree by it. From the moment a page is served the reader's own language is.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

INTERFACE_PARAMETER = "interface"
"""Names the interface language in an address: programs that fetch feeds and tables have none of
their own, and the columns of a table must not change with who asks for it."""
_FIRST_PART = re.compile(r"/([a-z]{2})(?:/|$)")


def reader_language(request: HttpRequest) -> str:
    """Return the interface language: the address's, the reader's choice, the browser's or English."""
    available: list[str] = settings.KNOWLEDGE["INTERFACE_LANGUAGES"]
    asked = request.GET.get(INTERFACE_PARAMETER, "")
    if asked in available:
        return asked
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in available:
        return chosen
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        code = wanted.split("-")[0]
        if code in available:
            return code
    return available[0]


class ReaderLanguageMiddleware:
    """Sets `request.reader_language` and activates the right language for each stage."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = reader_language(request)
        request.reader_language = language  # type: ignore[attr-defined]
        match = _FIRST_PART.match(request.path_info)
        content_languages = dict(settings.LANGUAGES)
        in_tree = match is not None and match.group(1) in content_languages
        with translation.override(match.group(1) if match and in_tree else language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def activate_reader_language(request: HttpRequest) -> None:
    """Switch from the content language to the reader's, once the page is known."""
    translation.activate(getattr(request, "reader_language", settings.LANGUAGE_CODE))

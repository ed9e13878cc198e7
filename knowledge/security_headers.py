"""Content Security Policy: pages load nothing from elsewhere and run no inline script."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_READER_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_OWN_POLICY = ("/admin/", "/api/docs")
"""Wagtail's admin and the API browser use inline scripts of their own."""


class ContentSecurityPolicyMiddleware:
    """Adds the policy to every page that readers see."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(_OWN_POLICY):
            response.headers.setdefault("Content-Security-Policy", _READER_POLICY)
        return response

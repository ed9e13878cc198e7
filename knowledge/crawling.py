"""What the programs of search engines are told: where to stay away, and which pages there are.

The list of pages is a stranger's, whoever asks: what is restricted, unpublished or expired is not in
it. It is asked of the database each time, so that a withdrawal counts at once; kept is only what was
written of the same rows.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.sitemaps.views import SitemapIndexItem, x_robots_tag
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Page

from knowledge.addresses import addresses_at
from knowledge.citing import whole_address
from knowledge.eligibility import searchable
from knowledge.models import WorkshopMaterialsPage
from knowledge.rights import AnonymousReader, barred_scopes, outside

_PAGES_IN_A_FILE = 5_000
"""A tenth of what the protocol allows: each is named by all versions of its work."""
_KEPT_SECONDS = 24 * 3600

_AWAY = (
    *("/search/", "/compare/ask", "/api/", "/board/ask", "/board/stop/", "/parallel/"),
    *("/admin/", "/review/", "/share/", "/account/", "/accounts/", "/alerts/", "/language/"),
    *("/brief/", "/join/", "/workshops/", "/cite/", "/work/", "/file/", "/healthz", "/metrics"),
)
"""Answers to questions, what is a person's own, the desk of the editors, other forms of what is a page."""


class _Version(NamedTuple):
    """A page as the list has it."""

    url_path: str
    language: str
    work: str
    changed: Any


@require_safe
@cache_control(max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Tell programs which addresses are no pages, and where the list of pages is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _AWAY), ""]
    lines.append(f"Sitemap: {whole_address(reverse('sitemap'), request)}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@x_robots_tag
@cache_control(no_cache=True)
def sitemap(request: HttpRequest) -> HttpResponse:
    """List all public pages; where they are too many for one file, the files that do."""
    versions = _versions()
    files = Paginator(versions, _PAGES_IN_A_FILE)
    if files.num_pages == 1:
        return _written(request, versions, number=1)
    parts = [reverse("sitemap_part", args=[number]) for number in files.page_range]
    named = [SitemapIndexItem(whole_address(part, request)) for part in parts]
    return _xml(render_to_string("sitemap_index.xml", {"sitemaps": named}))


@require_safe
@x_robots_tag
@cache_control(no_cache=True)
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """List some of the public pages."""
    versions = _versions()
    if number not in Paginator(versions, _PAGES_IN_A_FILE).page_range:
        raise Http404
    return _written(request, versions, number=number)


def _versions() -> list[_Version]:
    """Return every page that a stranger may open, in the order of the tree."""
    pages = searchable(Page.objects.not_type(WorkshopMaterialsPage))  # these lead to their workshop
    rows = (
        outside(pages, barred_scopes(AnonymousReader()))
        .order_by("path")
        .values_list("url_path", "locale__language_code", "translation_key", "last_published_at")
    )
    return [_Version(path, language, str(work), changed) for path, language, work, changed in rows]


def _written(request: HttpRequest, versions: Sequence[_Version], *, number: int) -> HttpResponse:
    seen = repr((number, _PAGES_IN_A_FILE, whole_address("/", request), versions))
    key = f"knowledge.sitemap:{hashlib.sha256(seen.encode()).hexdigest()}"
    text: str | None = cache.get(key)
    if text is None:
        start = (number - 1) * _PAGES_IN_A_FILE
        urls = list(_urls(request, versions))[start : start + _PAGES_IN_A_FILE]
        text = render_to_string("sitemap.xml", {"urlset": urls})
        cache.set(key, text, _KEPT_SECONDS)
    return _xml(text)


def _urls(request: HttpRequest, versions: Sequence[_Version]) -> Iterator[dict[str, Any]]:
    """Yield what the template takes: each page, with all versions of its work, its own among them."""
    addresses = addresses_at((one.url_path for one in versions), request)
    whole = [whole_address(one, request) if one else "" for one in addresses]
    by_work: dict[str, list[dict[str, str]]] = {}
    for one, address in zip(versions, whole, strict=True):
        if address:
            alternate = {"lang_code": one.language, "location": address}
            by_work.setdefault(one.work, []).append(alternate)
    for one, address in zip(versions, whole, strict=True):
        if address:
            alternates = by_work[one.work]
            yield {
                "location": address,
                "lastmod": one.changed,
                "alternates": alternates if len(alternates) > 1 else [],
            }


def _xml(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/xml")

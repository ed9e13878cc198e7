"""Addresses of pages of which no more than their row was read."""

from collections.abc import Iterable
from functools import lru_cache

from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Page, Site

from knowledge.rights import Reader


def addresses_at(url_paths: Iterable[str], reader: Reader | None = None) -> list[str]:
    """Return the addresses of pages by the paths under which Wagtail keeps them.

    Args:
        url_paths: Of the pages.
        reader: Where there are several sites, a page of the one that is read has an address without
            a host; None if it is not known which that is.
    """
    roots, active = tuple(Site.get_site_root_paths()), get_language()
    several = len({root.site_id for root in roots}) > 1
    site = Site.find_for_request(reader) if several and isinstance(reader, HttpRequest) else None
    if site is not None:  # a page that two sites have is taken for one of this site
        roots = tuple(sorted(roots, key=lambda root: root.site_id != site.pk))
    return [_address(path, roots, site, active) for path in url_paths]


@lru_cache(maxsize=20_000)
def _address(
    url_path: str, site_roots: tuple[object, ...], site: Site | None, _active_language: str | None
) -> str:
    """Return an address, worked out once: Wagtail resolves a route for every page.

    Args:
        url_path: Of the page.
        site_roots: `Site.get_site_root_paths()`.
        site: Which is read.
        _active_language: The interface language, which may be part of the address.
    """
    page = Page(url_path=url_path)
    page._wagtail_cached_site_root_paths = site_roots  # noqa: SLF001 – what get_url looks at first
    return page.get_url(current_site=site) or ""

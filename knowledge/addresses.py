"""Addresses of pages of which no more than their row was read."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import quote

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
    tops = {root.root_path for root in roots}
    return [_address_below(tops, path, roots, site, active) for path in url_paths]


def _address_below(
    tops: Collection[str],
    url_path: str,
    roots: tuple[object, ...],
    site: Site | None,
    active: str | None,
) -> str:
    """Return the address of a page: that of the page above and its own name.

    There are few sections and many pages; to resolve a route for each was the half of making cards.

    Args:
        tops: Paths of the roots of sites, above which no page has an address.
    """
    above, _, name = url_path.rstrip("/").rpartition("/")
    if url_path in tops or not name:
        return _address(url_path, roots, site, active)
    address = _address(f"{above}/", roots, site, active)
    return f"{address}{quote(name)}/" if address.endswith("/") else ""


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

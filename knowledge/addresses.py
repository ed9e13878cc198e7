"""Addresses of pages of which no more than their row was read."""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.translation import get_language
from wagtail.models import Page, Site


def addresses_at(url_paths: Iterable[str]) -> list[str]:
    """Return the addresses of pages by the paths under which Wagtail keeps them."""
    roots, active = tuple(Site.get_site_root_paths()), get_language()
    return [_address(path, roots, active) for path in url_paths]


@lru_cache(maxsize=20_000)
def _address(url_path: str, site_roots: tuple[object, ...], _active_language: str | None) -> str:
    """Return an address, worked out once: Wagtail resolves a route for every page.

    Args:
        url_path: Of the page.
        site_roots: `Site.get_site_root_paths()`.
        _active_language: The interface language, which may be part of the address.
    """
    page = Page(url_path=url_path)
    page._wagtail_cached_site_root_paths = site_roots  # noqa: SLF001 – what get_url looks at first
    return page.get_url() or ""

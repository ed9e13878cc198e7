"""The menu that every page has: the sections of the collection that a reader may open."""

from functools import lru_cache
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import get_language
from wagtail.models import Page

from knowledge.addresses import addresses_at
from knowledge.dates import language_only
from knowledge.models.indexes import IndexPage
from knowledge.rights import Reader, barred_scopes, outside
from knowledge.statements import Statement


class MenuEntry(NamedTuple):
    """One section of the collection."""

    page: int
    """Id of its index page."""
    title: str
    url: str


def menu_for(reader: Reader) -> list[MenuEntry]:
    """Return the index pages of the reader's language that they may open, in their order."""
    kinds = ContentType.objects.get_for_models(*IndexPage.__subclasses__()).values()
    types = tuple(sorted(one.pk for one in kinds))
    rows = _sections(barred_scopes(reader), types, language_only(get_language())).ask([])
    addresses = addresses_at((path for _, _, path in rows), reader)
    return [MenuEntry(pk, title, url) for (pk, title, _), url in zip(rows, addresses, strict=True)]


@lru_cache(maxsize=500)
def _sections(barred: frozenset[str], types: tuple[int, ...], language: str) -> Statement:
    """Return what asks for the sections of a language outside the barred scopes."""
    pages = Page.objects.live().filter(content_type__in=types, locale__language_code=language)
    rows = outside(pages, barred).order_by("path").values_list("pk", "title", "url_path")
    return Statement.of(rows, [])

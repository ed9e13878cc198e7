"""What a search must know before it begins, in one statement: marks to work off, and versions.

Glossary, countries and themes are kept in memory by version: how many rows there are, and when the
last of them changed, in whatever process that was.
"""

from dataclasses import dataclass
from functools import cache

from django.db import connection, models
from wagtail.models import Page, PageViewRestriction

from embeddings import service as index
from embeddings.models import IndexState
from knowledge.models import (
    Country,
    CountryName,
    GlossaryName,
    GlossaryTerm,
    PendingSync,
    ProgrammePage,
    Theme,
    ThemeName,
)
from knowledge.rights import Reader, barred_scopes
from knowledge.sync import drain_pending

Version = tuple[object, ...]

_WATCHED: dict[str, tuple[type[models.Model], ...]] = {
    "glossary": (GlossaryTerm, GlossaryName),
    "countries": (Country, CountryName),
    "themes": (Theme, ThemeName),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """The state of things at one moment."""

    log: IndexState
    """The newest state of the index, all marks worked off."""
    barred: frozenset[str]
    """Scopes that the reader may not enter."""
    glossary: Version
    """Changes with the programmes too, whose names some terms are."""
    countries: Version
    themes: Version
    programmes: Version
    """Changes with every document; a programme that moved is one."""


def read_pulse(reader: Reader) -> Pulse:
    """Ask the database, and bring the index up to date with pages that changed."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())
        pending, restrictions, pages, published, *versions = cursor.fetchone()
    if pending:
        drain_pending()
    log = index.current_state()
    glossary, countries, themes = (tuple(versions[at : at + 4]) for at in (0, 4, 8))
    return Pulse(
        log=log,
        barred=barred_scopes(reader) if restrictions else frozenset(),
        glossary=(*glossary, pages, published),
        countries=countries,
        themes=themes,
        programmes=(pages, published, log.generation, log.position),
    )


@cache
def _statement() -> str:
    """Return the statement; it names tables and columns only, nothing that anyone typed."""
    quote = connection.ops.quote_name
    page = quote(Page._meta.db_table)
    programme = quote(ProgrammePage._meta.db_table)
    live = f"FROM {programme} JOIN {page} ON id = page_ptr_id WHERE live"
    parts = [
        f"EXISTS (SELECT 1 FROM {quote(PendingSync._meta.db_table)})",  # noqa: S608
        f"EXISTS (SELECT 1 FROM {quote(PageViewRestriction._meta.db_table)})",  # noqa: S608
        f"(SELECT COUNT(*) {live})",
        f"(SELECT MAX(last_published_at) {live})",
    ]
    for watched in _WATCHED.values():
        for model in watched:
            table = quote(model._meta.db_table)
            parts.append(f"(SELECT COUNT(*) FROM {table})")  # noqa: S608
            parts.append(f"(SELECT MAX(changed_at) FROM {table})")  # noqa: S608
    return "SELECT " + ", ".join(parts)

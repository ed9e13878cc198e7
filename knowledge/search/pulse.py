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

_WATCHED: tuple[type[models.Model], ...] = (
    *(GlossaryTerm, GlossaryName),
    *(Country, CountryName),
    *(Theme, ThemeName),
)


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
        pending, restrictions, programmes, generation, position, *versions = cursor.fetchone()
    if pending:
        drain_pending()
        log = index.current_state()
    else:
        log = _state_at((generation, position))
    return Pulse(
        log=log,
        barred=barred_scopes(reader) if restrictions else frozenset(),
        glossary=(*versions[0:4], programmes),
        countries=tuple(versions[4:8]),
        themes=tuple(versions[8:12]),
        programmes=(programmes, log.generation, log.position),
    )


_last_state: tuple[Version, IndexState] | None = None


def _state_at(version: Version) -> IndexState:
    """Return the state of the log, or a newer one; read again only when it moved."""
    global _last_state  # noqa: PLW0603 – replaced in one step; whoever reads has a whole one
    known = _last_state
    if known is None or known[0] != version:
        known = _last_state = version, index.current_state()
    return known[1]


@cache
def _statement() -> str:
    """Return the statement; it names tables and columns only, nothing that anyone typed."""
    quote = connection.ops.quote_name
    page, programme = quote(Page._meta.db_table), quote(ProgrammePage._meta.db_table)
    parts = [
        f"EXISTS (SELECT 1 FROM {quote(PendingSync._meta.db_table)})",  # noqa: S608
        f"EXISTS (SELECT 1 FROM {quote(PageViewRestriction._meta.db_table)})",  # noqa: S608
        "(SELECT COUNT(*) || ':' || MAX(last_published_at)"  # noqa: S608
        f" FROM {programme} JOIN {page} ON id = page_ptr_id WHERE live)",
    ]
    parts += [
        f"(SELECT {column} FROM {quote(IndexState._meta.db_table)} WHERE id = 1)"  # noqa: S608
        for column in ("generation", "position")
    ]
    for model in _WATCHED:  # two statements: an index answers each of them
        table = quote(model._meta.db_table)
        parts += [f"(SELECT COUNT(*) FROM {table})", f"(SELECT MAX(changed_at) FROM {table})"]  # noqa: S608
    return "SELECT " + ", ".join(parts)

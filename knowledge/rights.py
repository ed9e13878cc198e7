"""What a reader may open, asked of the database at the moment of the question.

Nothing about rights is stored in the index: a restriction set, changed or lifted counts at the
next request, for the page and everything below it.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from wagtail.models import PageQuerySet, PageViewRestriction

from knowledge.eligibility import searchable_pages
from knowledge.statements import Statement


@dataclass(frozen=True, slots=True)
class AnonymousReader:
    """A reader without a request: the command line."""

    user: AnonymousUser = field(default_factory=AnonymousUser)
    session: dict[str, Any] = field(default_factory=dict)
    reader_language: str = ""


@dataclass(frozen=True, slots=True)
class AbsentReader:
    """Somebody for whom the portal searches while they are away; passwords they gave are not known."""

    user: AbstractBaseUser
    reader_language: str
    session: dict[str, Any] = field(default_factory=dict)


Reader = HttpRequest | AnonymousReader | AbsentReader


def barred_scopes(reader: Reader) -> frozenset[str]:
    """Return the tree paths this reader may not enter."""
    if not _first_restriction().ask([]):  # most portals, and Django takes long to compose the rest
        return frozenset()
    restrictions = PageViewRestriction.objects.select_related("page").prefetch_related("groups")
    return frozenset(
        restriction.page.path
        for restriction in restrictions
        if not restriction.accept_request(reader)
    )


@cache
def _first_restriction() -> Statement:
    return Statement.of(PageViewRestriction.objects.order_by("pk").values_list("pk")[:1], [])


def readable_pages(reader: Reader, barred: frozenset[str] | None = None) -> PageQuerySet:
    """Return the works' pages this reader may open.

    Args:
        reader: Whose rights count.
        barred: The reader's barred scopes, where they have just been asked for.
    """
    return pages_outside(barred_scopes(reader) if barred is None else barred)


def may_open(reader: Reader, page_id: int) -> bool:
    """Return whether a page is one of `readable_pages`."""
    return bool(readable_pages(reader).filter(pk=page_id).exists())


def pages_outside(barred: frozenset[str], at: dt.datetime | None = None) -> PageQuerySet:
    """Return the works' pages that are in none of the barred scopes, now or at another time."""
    return outside(searchable_pages(at), barred)


def outside(pages: PageQuerySet, barred: frozenset[str]) -> PageQuerySet:
    """Return those of some pages that are in none of the barred scopes."""
    for path in barred:
        pages = pages.exclude(path__startswith=path)
    return pages

"""What is filed under a country or a theme, by kind, as one reader may open it."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.models import PageQuerySet

from knowledge.dates import language_only
from knowledge.eligibility import work_types
from knowledge.listing import best_version, full_pages
from knowledge.models.base import WorkPage
from knowledge.rights import Reader, readable_pages

MOST_SHOWN = 6
"""Works of a kind that a page shows; a search lists the rest."""

_HEADINGS: dict[str, Promise] = {
    "programme": _("Programmes"),
    "policy": _("Policies"),
    "lesson": _("Lessons learned"),
    "case_study": _("Case studies"),
    "material": _("Materials"),
    "workshop": _("Workshops"),
}
"""Kind → what many of it are called, in the order of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The works of one kind."""

    kind: str
    label: str
    works: Sequence[WorkPage]
    """The newest, at most `MOST_SHOWN`."""
    total: int


class _Version(NamedTuple):
    """One language version of a work, as little of it as choosing needs."""

    pk: int
    work: uuid.UUID
    language: str
    is_original: bool
    dated: str
    title: str


def shelves_for(reader: Reader, *, country: str = "", theme: str = "") -> list[Shelf]:
    """Return the works filed under a country or a theme (codes), kinds without any left out.

    A work is filed where any version that the reader may open is, and shown in the reader's
    language where there is a version in it.
    """
    filing = {"country__code": country} if country else {"themes__code": theme}
    readable = readable_pages(reader)
    newest = {
        model.kind: _newest_first(_versions(model, readable, filing)) for model in work_types()
    }
    shown = [one.pk for works in newest.values() for one in works[:MOST_SHOWN]]
    pages = {page.pk: page for page in full_pages(shown)}
    return [
        Shelf(
            kind=model.kind,
            label=str(_HEADINGS.get(model.kind, model.kind_label)),
            works=[pages[one.pk] for one in newest[model.kind][:MOST_SHOWN] if one.pk in pages],
            total=len(newest[model.kind]),
        )
        for model in sorted(work_types(), key=_place)
        if newest[model.kind]
    ]


def _place(model: type[WorkPage]) -> int:
    """Return where a kind stands on the page; one without a heading stands last."""
    kinds = list(_HEADINGS)
    return kinds.index(model.kind) if model.kind in kinds else len(kinds)


def _versions(
    model: type[WorkPage], readable: PageQuerySet, filing: dict[str, str]
) -> Iterator[_Version]:
    """Yield all readable versions of the works of a type that are filed there."""
    pages = model.objects.filter(pk__in=readable.values("pk"))
    # Keys first: SQLite plans the two as one statement badly.
    works = set(pages.filter(**filing).values_list("translation_key", flat=True))
    if works:
        rows = pages.filter(translation_key__in=works).values_list(
            "pk", "translation_key", "locale__language_code", "is_original", "dated", "title"
        )
        yield from (_Version(*row) for row in rows)


def _newest_first(versions: Iterable[_Version]) -> list[_Version]:
    """Return the version of each work that suits the reader, newest work first."""
    language = language_only(get_language())
    by_work: dict[uuid.UUID, list[_Version]] = {}
    for version in versions:
        by_work.setdefault(version.work, []).append(version)
    chosen = [best_version(found, language) for found in by_work.values()]
    return sorted(chosen, key=lambda one: (one.dated, one.title), reverse=True)

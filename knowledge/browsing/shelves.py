"""What is filed under a country or a theme, by kind, as one reader may open it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.eligibility import work_types
from knowledge.listing import listed_pages, newest_first
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


def shelves_for(reader: Reader, *, country: str = "", theme: str = "") -> list[Shelf]:
    """Return the works filed under a country or a theme (codes), kinds without any left out.

    A work is filed where any version that the reader may open is, and shown in the reader's
    language where there is a version in it.
    """
    filing = {"country__code": country} if country else {"themes__code": theme}
    readable = readable_pages(reader)
    newest = {model.kind: newest_first(readable, [model], **filing) for model in work_types()}
    shown = listed_pages(one for works in newest.values() for one in works[:MOST_SHOWN])
    return [
        Shelf(
            kind=model.kind,
            label=str(_HEADINGS.get(model.kind, model.kind_label)),
            works=[page for page in shown if page.kind == model.kind],
            total=len(newest[model.kind]),
        )
        for model in sorted(work_types(), key=_place)
        if newest[model.kind]
    ]


def _place(model: type[WorkPage]) -> int:
    """Return where a kind stands on the page; one without a heading stands last."""
    kinds = list(_HEADINGS)
    return kinds.index(model.kind) if model.kind in kinds else len(kinds)

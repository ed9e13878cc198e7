"""The works that a search finds, newest published first."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from knowledge.rights import Reader, readable_pages
from knowledge.search.results import ResultCard
from knowledge.search.service import Filters, search_knowledge, works_answering


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A work with its days."""

    work: uuid.UUID
    card: ResultCard
    published: datetime
    """When its first version was."""
    changed: datetime
    """When the version that is shown last was."""


def newest(reader: Reader, text: str, filters: Filters, *, most: int) -> list[Published]:
    """Return the newest works that pass the filters and, with a text, answer it by themselves.

    Raises:
        EncoderUnavailable: What answers cannot be found by meaning now.
    """
    works = works_answering(text, reader=reader, filters=filters)
    days = _days_of(reader, works)
    chosen = sorted(days, key=lambda work: (days[work].first, work.int), reverse=True)[:most]
    cards = search_knowledge(
        text, reader=reader, filters=filters, limit=most, facets=False, only_good=True,
        works=frozenset(map(str, chosen)),
    ).cards  # fmt: skip
    by_page = {page: work for work, one in days.items() for page in one.pages}
    found = [
        Published(
            work=work, card=card, published=days[work].first, changed=days[work].pages[card.page]
        )
        for card in cards
        if (work := by_page.get(card.page)) is not None
    ]
    return sorted(found, key=lambda one: (one.published, one.work.int), reverse=True)


@dataclass(slots=True)
class _Days:
    first: datetime
    pages: dict[int, datetime]
    """Page → when it last was published."""


def _days_of(reader: Reader, works: Collection[uuid.UUID]) -> dict[uuid.UUID, _Days]:
    """Return work → days of its versions that the reader may open; one never published has none."""
    wanted = set(works)
    rows = (
        readable_pages(reader)
        .order_by()
        .values_list("translation_key", "pk", "first_published_at", "last_published_at")
    )
    days: dict[uuid.UUID, _Days] = {}
    for work, page, first, last in rows:
        if work not in wanted or first is None:
            continue
        known = days.setdefault(work, _Days(first, {}))
        known.first = min(known.first, first)
        known.pages[page] = last or first
    return days

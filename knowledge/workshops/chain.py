"""The yearly chain of events: each workshop names the one before it."""

import uuid

from knowledge.listing import versions_for_reader
from knowledge.models import WorkshopPage
from knowledge.models.base import WorkPage
from knowledge.rights import Reader


def chain_of(workshop: WorkshopPage, reader: Reader) -> list[WorkPage]:
    """Return the events before and after a workshop, itself included, the earliest first.

    What the reader may not open is passed over; alone in its chain a workshop has none.
    """
    links = _links()
    works = _before(workshop.translation_key, links)
    works |= _after(workshop.translation_key, links)
    if len(works) == 1:
        return []
    events = versions_for_reader(reader, works)
    return sorted(events, key=lambda event: event.dated) if len(events) > 1 else []


def _links() -> dict[uuid.UUID, uuid.UUID]:
    """Return work → the work before it, by what is live."""
    rows = WorkshopPage.objects.filter(live=True, previous__isnull=False).order_by("is_original")
    return dict(rows.values_list("translation_key", "previous__translation_key"))


def _before(work: uuid.UUID, links: dict[uuid.UUID, uuid.UUID]) -> set[uuid.UUID]:
    found = {work}
    while (work := links.get(work, work)) not in found:
        found.add(work)
    return found


def _after(work: uuid.UUID, links: dict[uuid.UUID, uuid.UUID]) -> set[uuid.UUID]:
    found, last = {work}, {work}
    while last:
        last = {event for event, previous in links.items() if previous in last} - found
        found |= last
    return found

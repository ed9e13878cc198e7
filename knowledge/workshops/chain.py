"""The yearly chain of events: each workshop names the one before it."""

import uuid

from knowledge.listing import versions_for_reader
from knowledge.models import WorkshopPage
from knowledge.models.base import WorkPage
from knowledge.rights import Reader, readable_pages


def chain_of(workshop: WorkshopPage, reader: Reader) -> list[WorkPage]:
    """Return the events before and after a workshop, itself included, the earliest first.

    What the reader may not open is passed over; alone in its chain a workshop has none.
    """
    links = _links(reader)
    works = _before(workshop.translation_key, links)
    works |= _after(workshop.translation_key, links)
    if len(works) == 1:
        return []
    events = versions_for_reader(reader, works)
    return sorted(events, key=lambda event: event.dated) if len(events) > 1 else []


def _links(reader: Reader) -> dict[uuid.UUID, uuid.UUID]:
    """Return work → the work before it, as the versions say that the reader may open."""
    readable = WorkshopPage.objects.filter(pk__in=readable_pages(reader).values("pk"))
    rows = readable.filter(previous__isnull=False).order_by("is_original")
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

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
    """Return work → the work before it, as the versions say that the reader may open.

    An event of which no version is open is passed over by what it says itself.
    """
    live = WorkshopPage.objects.filter(live=True).order_by("is_original")
    rows = list(live.values_list("pk", "translation_key", "previous__translation_key"))
    readable = set(readable_pages(reader).type(WorkshopPage).values_list("pk", flat=True))
    shown = {work for pk, work, _ in rows if pk in readable}
    return {
        work: previous
        for pk, work, previous in rows
        if previous is not None and (pk in readable or work not in shown)
    }


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

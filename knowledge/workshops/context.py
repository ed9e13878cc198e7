"""What the page of a workshop shows to this reader."""

from typing import Any

from knowledge.dates import show_days
from knowledge.models import Participation, WorkshopPage
from knowledge.people import name_of
from knowledge.workshops.agenda import agenda_of, zone_of
from knowledge.workshops.chain import chain_of
from knowledge.workshops.follow_ups import actions_of
from knowledge.workshops.materials import are_open, materials_of
from knowledge.workshops.participation import (
    Person,
    is_organiser,
    is_participant,
    original_of,
    shown_original,
)


def context_of(workshop: WorkshopPage, request: Any) -> dict[str, Any]:
    """Return the parts of a workshop's page; people and closed materials for those inside only."""
    original, shown_in = original_of(workshop), shown_original(workshop, request)
    by_session, other = materials_of(original, request)
    days = agenda_of(workshop, shown_in, by_session)
    shown = {item.key for day in days for item in day.items}
    lost = [work for title, works in by_session.items() if title not in shown for work in works]
    user: Person = request.user
    inside = shown_in.pk == original.pk  # else the reader may not even know that it is there
    organises = inside and is_organiser(user, original)
    joined = inside and is_participant(user, original)
    return {
        "original": shown_in,
        "days_label": days_of(shown_in),
        "zone": str(zone_of(shown_in)),
        "agenda": days,
        "materials": [*other, *lost],
        "materials_are_open": inside and are_open(original),
        "actions": actions_of(workshop, shown_in),
        "events": chain_of(workshop, request),
        "can_be_joined": inside and bool(original.organisers.all()),
        "organises": organises,
        "joined": joined,
        "people": people_of(original) if organises or joined else None,
    }


def days_of(workshop: WorkshopPage) -> str:
    """Return the days of a workshop in words of the active locale; its date without days."""
    if workshop.starts_on is None:
        return workshop.date_label
    return show_days(workshop.starts_on, workshop.ends_on)


def people_of(original: WorkshopPage) -> dict[str, Any]:
    """Return the names of those who chose to be listed, and how many others there are."""
    participations = Participation.objects.filter(workshop=original).select_related("user")
    rows = list(participations.order_by("joined_at", "pk"))
    listed = [name_of(row.user) for row in rows if row.is_listed]
    return {"listed": sorted(listed, key=str.casefold), "others": len(rows) - len(listed)}

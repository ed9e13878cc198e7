"""Workshops as iCalendar (RFC 5545, properties of calendars by RFC 7986). No join code is in it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from icalendar import Calendar, Event, vText, vUri

from knowledge.citing import address_of
from knowledge.models import WorkshopPage
from knowledge.workshops.agenda import Item, agenda_of
from knowledge.workshops.participation import shown_original

_PRODUCT = "-//Village Knowledge Portal//Workshops//EN"
_REFRESH = dt.timedelta(hours=12)


def calendar_of(workshops: Iterable[WorkshopPage], *, name: str, request: Any) -> bytes:
    """Return the events of some workshops, and of their sessions that have a time.

    Args:
        workshops: That the reader may open, each in one version.
        name: Of the calendar.
        request: For full addresses.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", vText(name))  # icalendar takes both for names it does not know
    calendar.add("x-wr-calname", vText(name))
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for workshop in workshops:
        for event in _events(workshop, request):
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(workshop: WorkshopPage, request: Any) -> Iterable[Event]:
    original = shown_original(workshop, request)
    if original.starts_on is not None:
        event = _event(workshop, str(workshop.translation_key), workshop.title, request)
        last = original.ends_on or original.starts_on
        event.add("dtstart", original.starts_on)
        event.add("dtend", last + dt.timedelta(days=1))  # the day after: RFC 5545, 3.6.1
        event.add("transp", "TRANSPARENT")
        if workshop.summary:
            event.add("description", _text(workshop.summary, workshop.language))
        yield event
    seen: dict[str, int] = {}
    for day in agenda_of(workshop, original, {}):
        for item in day.items:
            seen[item.key] = seen.get(item.key, 0) + 1
            if item.starts is not None:
                name = f"{item.key}\n{seen[item.key]}"
                yield _session(workshop, item, item.starts, name, request)


def _session(
    workshop: WorkshopPage, item: Item, starts: dt.datetime, name: str, request: Any
) -> Event:
    event = _event(
        workshop, str(uuid.uuid5(workshop.translation_key, name)), item.title, request,
        language=item.language,
    )  # fmt: skip
    event.add("dtstart", starts.astimezone(dt.UTC))
    if item.ends is not None and item.ends > starts:
        event.add("dtend", item.ends.astimezone(dt.UTC))
    told = "\n".join(filter(None, (workshop.title, item.speakers, item.description)))
    event.add("description", _text(told, item.language))
    return event


def _event(
    workshop: WorkshopPage, uid: str, title: str, request: Any, *, language: str = ""
) -> Event:
    changed = workshop.last_published_at or workshop.latest_revision_created_at
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", (changed or dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).astimezone(dt.UTC))
    event.add("summary", _text(title, language or workshop.language))
    event.add("url", vUri(address_of(workshop, request)))
    if workshop.place:
        event.add("location", _text(workshop.place, workshop.language))
    if workshop.link:
        event.add("conference", vUri(workshop.link), parameters={"VALUE": "URI"})
    return event


def _text(value: str, language: str) -> vText:
    text = vText(value)
    text.params["LANGUAGE"] = language
    return text

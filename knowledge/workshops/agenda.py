"""The agenda by day, in the time zone of the place."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_gmt
from django.conf import settings
from django.utils.translation import get_language

from knowledge.dates import language_only
from knowledge.models import WorkshopPage, WorkshopSession
from knowledge.models.base import WorkPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A session, with its times in the zone of the place."""

    title: str
    language: str
    speakers: str
    description: str
    starts: dt.datetime | None
    ends: dt.datetime | None
    materials: Sequence[WorkPage]
    key: str
    """Its title in the original version."""


@dataclass(slots=True, kw_only=True)
class Day:
    """What happens on one day; None for sessions without a time."""

    date: dt.date | None
    zone: str = ""
    """How far the place is from Greenwich, in the reader's language."""
    items: list[Item] = field(default_factory=list)


def zone_of(workshop: WorkshopPage) -> ZoneInfo:
    """Return the time zone of the workshop's country where it has only one, else the server's."""
    country = workshop.country.code.upper() if workshop.country else ""
    return ZoneInfo(_zones_by_country().get(country, settings.TIME_ZONE))


@cache
def _zones_by_country() -> dict[str, str]:
    """Return the zones of countries that have one, by the Unicode CLDR."""
    zones: dict[str, list[str]] = {}
    for zone, country in get_global("zone_territories").items():
        zones.setdefault(country, []).append(zone)
    return {country: names[0] for country, names in zones.items() if len(names) == 1}


def _zone_label(moment: dt.datetime | None) -> str:
    if moment is None:
        return ""
    return get_timezone_gmt(moment, locale=language_only(get_language()))


def agenda_of(
    workshop: WorkshopPage, original: WorkshopPage, materials: Mapping[str, Sequence[WorkPage]]
) -> list[Day]:
    """Return the days of the agenda.

    Args:
        workshop: The version that is read.
        original: The version on which materials hang.
        materials: By the title of their session in the original.
    """
    page, sessions, keys = _sessions(workshop, original)
    zone = zone_of(original)
    days: dict[dt.date | None, Day] = {}
    for session, key in zip(sessions, keys, strict=True):
        starts = session.starts_at.astimezone(zone) if session.starts_at else None
        ends = session.ends_at.astimezone(zone) if session.ends_at else None
        date = starts.date() if starts else None
        day = days.setdefault(date, Day(date=date, zone=_zone_label(starts)))
        day.items.append(
            Item(
                title=session.title,
                language=page.language,
                speakers=session.speakers,
                description=session.description,
                starts=starts,
                ends=ends,
                materials=materials.get(key, ()),
                key=key,
            )
        )
    for day in days.values():
        day.items.sort(key=lambda item: item.starts.timestamp() if item.starts else 0)
    return sorted(days.values(), key=lambda day: day.date or dt.date.max)


def _sessions(
    workshop: WorkshopPage, original: WorkshopPage
) -> tuple[WorkshopPage, list[WorkshopSession], list[str]]:
    """Return whose sessions are shown, and for each the title it has in the original.

    Those of a translation where it has all of them, in the order of the original.
    """
    of_original, translated = list(original.sessions.all()), list(workshop.sessions.all())
    keys = [session.title for session in of_original]
    if len(translated) == len(of_original):
        return workshop, translated, keys
    return original, of_original, keys

"""Partial dates ("2023", "2023-02", "2023-02-24") and language codes, read and shown. Pure."""

import datetime as dt
import re
from functools import lru_cache

from babel.dates import (
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    format_timedelta,
)
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

_CLDR_LOCALES = {"en": "en_GB", "pt": "pt_PT"}
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def _parse(value: str) -> tuple[dt.date, int] | None:
    """Return the first day meant and how many parts were given, or None when it is no date."""
    match = _PARTIAL.fullmatch(value)
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        return dt.date(int(year), int(month or 1), int(day or 1)), sum(map(bool, match.groups()))
    except ValueError:
        return None


def validate_partial_date(value: str) -> None:
    """Raise ValidationError unless the value is a year, a month or a day."""
    if _parse(value) is None:
        raise ValidationError(_("Write a date as YYYY, YYYY-MM or YYYY-MM-DD."))


def show_partial_date(value: str) -> str:
    """Return the date as the active locale writes it, with the precision it was given in."""
    return _shown(value, get_language())


@lru_cache(maxsize=10_000)
def _shown(value: str, _active_language: str | None) -> str:
    parsed = _parse(value)
    if parsed is None:
        return value
    date, parts = parsed
    if parts == 1:
        return f"{date:%Y}"
    return show_month(date) if parts == 2 else show_day(date)


def cldr_locale() -> str:
    """Return the locale of the Unicode CLDR for the active language.

    Django writes no dates in Lao or Swahili, no "3 days" in Lao or Khmer, and "Feb. 24, 2023" in English.
    """
    language = language_only(get_language())
    return _CLDR_LOCALES.get(language, language)


def show_day(day: dt.date) -> str:
    """Return a day as the active locale writes it."""
    return format_date(day, "long", locale=cldr_locale())


def show_time(moment: dt.datetime) -> str:
    """Return the time of a moment, on the clock of its own zone, as the active locale writes it."""
    return format_time(moment.time(), "short", locale=cldr_locale())


def show_time_since(moment: dt.datetime) -> str:
    """Return how long ago a moment was, in its largest unit, as the active locale writes it."""
    return format_timedelta(timezone.now() - moment, locale=cldr_locale())


def show_month(day: dt.date) -> str:
    """Return the month of a day as the active locale writes it."""
    return format_skeleton("yMMMM", day, locale=cldr_locale())


def language_only(code: str | None) -> str:
    """Return the language of a code without its region: "pt" for "pt-br", "en" for none."""
    return (code or "en").split("-")[0]


def direction(code: str) -> str:
    """Return "rtl" or "ltr" for a language."""
    try:
        return "rtl" if get_language_info(code)["bidi"] else "ltr"
    except KeyError:
        return "ltr"


def show_days(first: dt.date, last: dt.date | None) -> str:
    """Return one day, or from the first to the last, as the active locale writes them."""
    if last is None or last == first:
        return show_day(first)
    return format_interval(first, last, "yMMMMd", locale=cldr_locale())

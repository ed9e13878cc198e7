"""Partial dates ("2023", "2023-02", "2023-02-24") and language codes, read and shown. Pure."""

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def validate_partial_date(value: str) -> None:
    """Raise ValidationError unless the value is a year, a month or a day."""
    match = _PARTIAL.fullmatch(value)
    if match is not None:
        year, month, day = (int(part or 1) for part in match.groups())
        try:
            dt.date(year, month, day)
        except ValueError:
            pass
        else:
            return
    raise ValidationError(_("Write a date as YYYY, YYYY-MM or YYYY-MM-DD."))


def show_partial_date(value: str) -> str:
    """Return the date as the active locale writes it, with the precision it was given in."""
    match = _PARTIAL.fullmatch(value)
    if match is None:
        return value
    year, month, day = match.groups()
    if month is None:
        return year
    date = dt.date(int(year), int(month), int(day or 1))
    return date_format(date, "DATE_FORMAT" if day else "YEAR_MONTH_FORMAT")


def language_only(code: str | None) -> str:
    """Return the language of a code without its region: "pt" for "pt-br", "en" for none."""
    return (code or "en").split("-")[0]

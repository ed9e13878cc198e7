"""Dates as people type them into forms, by the language of the interface."""

import datetime as dt

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import DateField, DateTimeField
from django.utils import translation

LANGUAGES = settings.KNOWLEDGE["INTERFACE_LANGUAGES"]
DAY = dt.date(2027, 2, 5)


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en", "ja"}))
def test_the_day_is_named_before_the_month(language: str) -> None:
    with translation.override(language):
        assert DateField().clean("5/2/2027") == DAY
        assert DateField().clean("05/02/2027") == DAY


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_of_the_calendar_beside_the_field_is_understood_everywhere(language: str) -> None:
    with translation.override(language):
        assert DateField().clean("2027-02-05") == DAY
        assert DateTimeField().clean("2027-02-05 10:00").hour == 10


def test_japanese_name_the_year_first() -> None:
    with translation.override("ja"):
        assert DateField().clean("2027/2/5") == DateField().clean("2027年2月5日") == DAY


def test_in_english_figures_are_not_guessed_at() -> None:
    with translation.override("en"):
        assert DateField().clean("5 February 2027") == DateField().clean("Feb 5, 2027") == DAY
        with pytest.raises(ValidationError):
            DateField().clean("5/2/2027")

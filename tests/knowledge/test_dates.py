import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from knowledge.dates import (
    language_only,
    show_partial_date,
    show_time_since,
    validate_partial_date,
)


@pytest.mark.parametrize("value", ["2023", "2023-02", "2023-02-24", "2024-02-29", "0001"])
def test_a_year_a_month_or_a_day_is_a_date(value: str) -> None:
    validate_partial_date(value)


@pytest.mark.parametrize(
    "value",
    ["", "23", "2023-2", "2023-13", "2023-00", "2023-02-30", "2023-02-29", "24.02.2023", "2023-02-24 ", "0000", "2023\n", "circa 2023"],
)  # fmt: skip
def test_anything_else_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="YYYY-MM-DD"):
        validate_partial_date(value)


@pytest.mark.parametrize("value", ["๒๕๖๖", "٢٠٢٣", "2023-٠٢"])
def test_digits_of_other_scripts_are_refused(value: str) -> None:
    """The year facet would hold "2023" and "٢٠٢٣" as two years."""
    with pytest.raises(ValidationError):
        validate_partial_date(value)


@pytest.mark.parametrize(
    ("language", "month", "day"),
    [
        ("en", "February 2023", "24 February 2023"),
        ("fr", "février 2023", "24 février 2023"),
        ("vi", "tháng 2 năm 2023", "24 tháng 2, 2023"),
        ("th", "กุมภาพันธ์ 2023", "24 กุมภาพันธ์ ค.ศ. 2023"),
        ("ja", "2023年2月", "2023年2月24日"),
        ("pt", "fevereiro de 2023", "24 de fevereiro de 2023"),
        ("lo", "ກຸມພາ 2023", "24 ກຸມພາ 2023"),
        ("km", "កុម្ភៈ 2023", "24 កុម្ភៈ 2023"),
        ("id", "Februari 2023", "24 Februari 2023"),
        ("sw", "Februari 2023", "24 Februari 2023"),
        ("ar", "فبراير 2023", "24 فبراير 2023"),
    ],
)
def test_a_date_is_shown_as_the_locale_writes_it(language: str, month: str, day: str) -> None:
    with translation.override(language):
        assert show_partial_date("2023-02") == month
        assert show_partial_date("2023-02-24") == day
        assert show_partial_date("2023") == "2023"


@pytest.mark.parametrize(
    ("language", "days", "minutes"),
    [
        ("en", "3 days", "5 minutes"),
        ("fr", "3 jours", "5 minutes"),
        ("vi", "3 ngày", "5 phút"),
        ("th", "3 วัน", "5 นาที"),
        ("ja", "3 日", "5 分"),
        ("pt", "3 dias", "5 minutos"),
        ("lo", "3 ມື້", "5 ນາທີ"),
        ("km", "3 ថ្ងៃ", "5 នាទី"),
        ("id", "3 hari", "5 menit"),
        ("sw", "siku 3", "dakika 5"),
        ("ar", "3 أيام", "5 دقائق"),
    ],
)
def test_how_long_ago_is_said_as_the_locale_says_it(language: str, days: str, minutes: str) -> None:
    """Django has no words for it in five of our languages."""
    with translation.override(language):
        now = timezone.now()
        told = [
            show_time_since(now - ago) for ago in (dt.timedelta(days=3), dt.timedelta(minutes=5))
        ]
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in told] == [days, minutes]


@pytest.mark.parametrize("value", ["", "soon", "1868-1912", "2023-13", "2023-02-30"])
def test_what_is_no_date_is_shown_as_it_is(value: str) -> None:
    assert show_partial_date(value) == value


@pytest.mark.parametrize(
    ("code", "language"),
    [("pt-br", "pt"), ("vi", "vi"), (None, "en"), ("", "en"), ("zh-hans", "zh")],
)
def test_a_language_code_without_its_region(code: str | None, language: str) -> None:
    assert language_only(code) == language

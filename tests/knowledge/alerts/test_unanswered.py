from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from knowledge.alerts.unanswered import asked_often, forget_rare
from knowledge.models import UnansweredQuestion
from tests.factories import work

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOTHING = "Comment fabriquer une horloge astronomique en Norvège"


def ask(question: str, *, agent: str = BROWSER, **query: str) -> None:
    headers = {"user-agent": agent}
    assert Client().get("/search/", {"q": question} | query, headers=headers).status_code == 200


def counted() -> list[tuple[str, int]]:
    return list(UnansweredQuestion.objects.values_list("question", "times"))


def test_a_question_that_finds_nothing_is_counted_by_language_and_month() -> None:
    work(title="Honey", text="Honey.")
    ask(NOTHING)
    ask(f"  {NOTHING.upper()} ")
    (row,) = UnansweredQuestion.objects.all()
    assert (row.question, row.times, row.language) == (NOTHING.casefold(), 2, "fr")
    assert row.month == timezone.localdate().replace(day=1)


def test_nothing_about_who_asked_is_kept() -> None:
    names = {field.name for field in UnansweredQuestion._meta.get_fields()}
    assert names == {"id", "language", "question", "month", "times"}


def test_an_answered_question_is_not_kept() -> None:
    work(title="Honey", text="Honey.")
    ask("honey")
    assert counted() == []


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Googlebot/2.1",
        "curl/8.0",
        "python-requests/2.32",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
    ],
)
def test_programs_are_not_counted(agent: str) -> None:
    ask(NOTHING, agent=agent)
    assert counted() == []


@pytest.mark.parametrize(
    "question", ["", "   ", "write to nobody.knows@example.org", "Ruf +84 912 345 678 an"]
)
def test_nothing_empty_and_nothing_that_names_a_person_is_kept(question: str) -> None:
    ask(question)
    assert counted() == []


def test_a_question_narrowed_by_filters_is_not_counted() -> None:
    work(title="Honey", text="Honey.")
    ask("honey", country="xx")
    assert counted() == []


def test_a_long_question_is_cut() -> None:
    ask("zzyzx " * 100)
    ((question, _times),) = counted()
    assert len(question) <= 200


def test_it_can_be_switched_off(settings: Any) -> None:
    settings.KNOWLEDGE = {**settings.KNOWLEDGE, "COUNT_UNANSWERED": False}
    ask(NOTHING)
    assert counted() == []


def test_editors_see_only_what_was_asked_often_and_the_rest_is_forgotten() -> None:
    this_month = timezone.localdate().replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    for month, times in ((this_month, 1), (this_month, 3), (last_month, 2), (last_month, 5)):
        UnansweredQuestion.objects.create(
            question=f"{month} {times}", month=month, times=times, language="en"
        )
    assert {row.times for row in asked_often()} == {3, 5}
    assert forget_rare() == 1
    assert {times for _question, times in counted()} == {1, 3, 5}

"""Workshops of the collection, from their files to a chain of pages."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from content_seed.load import load_collection
from content_seed.parse import CollectionError, WorkFile, read_collection
from content_seed.workshops import workshop_faults
from knowledge.models import WorkshopPage

pytestmark = pytest.mark.long

WORKS = read_collection()
EVENTS = [work for work in WORKS if work.kind == "workshop"]


def test_the_events_of_the_collection_form_one_chain_in_the_order_of_reading() -> None:
    assert len(EVENTS) >= 4
    assert [work.workshop.get("previous") for work in EVENTS] == [
        None, *(work.slug for work in EVENTS[:-1]),
    ]  # fmt: skip
    assert list(workshop_faults(WORKS)) == []


def test_other_works_keep_the_fingerprint_they_had() -> None:
    lesson = next(work for work in WORKS if work.kind == "lesson")
    with_event = dataclasses.replace(lesson, workshop={"place": {"en": "x"}})
    assert with_event.fingerprint(lesson.original) != lesson.fingerprint(lesson.original)
    assert dataclasses.replace(lesson, workshop={}).fingerprint(
        lesson.original
    ) == lesson.fingerprint(lesson.original)


def planted(**workshop: Any) -> list[str]:
    last = EVENTS[-1]
    changed = dataclasses.replace(last, workshop={**last.workshop, **workshop})
    return list(workshop_faults([*EVENTS[:-1], changed]))


@pytest.mark.parametrize(
    ("workshop", "fault"),
    [
        ({"previous": "nowhere"}, "no workshop 'nowhere'"),
        ({"starts_on": dt.date(2020, 1, 1)}, "the first day is not the date"),
        ({"starts_on": None}, "the first day is not the date"),
        ({"organisers": ["me"]}, "unknown keys of a workshop: organisers"),
        ({"place": {"vi": "Hà Nội"}}, "not in the languages of its versions: Hà Nội"),
        ({"sessions": [{"en": "Only English"}]}, "not in the languages of its versions"),
        ({"sessions": [{"vi": "A", "en": "B", "thành phố": None}]}, "not in the languages"),
        ({"follow_ups": [{"action": {"vi": "A"}}]}, "not in the languages of its versions: A"),
        ({"follow_ups": [{"action": {"vi": "A", "en": "B"}, "who": 1}]}, "unknown keys of an action: who"),
    ],
)  # fmt: skip
def test_a_fault_of_a_workshop_is_told(workshop: dict[str, Any], fault: str) -> None:
    assert any(fault in told for told in planted(**workshop))


def test_an_event_does_not_follow_a_later_one() -> None:
    first = dataclasses.replace(
        EVENTS[0], workshop={**EVENTS[0].workshop, "previous": EVENTS[-1].slug}
    )
    assert f"{first.slug}: not after {EVENTS[-1].slug}" in list(
        workshop_faults([first, *EVENTS[1:]])
    )


def test_only_workshops_have_days_and_sessions() -> None:
    lesson = next(work for work in WORKS if work.kind == "lesson")
    changed = dataclasses.replace(lesson, workshop={"place": {"en": "x"}})
    assert list(workshop_faults([changed])) == [f"{lesson.slug}: a lesson is no workshop"]


@pytest.fixture
def wanted() -> list[WorkFile]:
    programmes = {work.programme for work in EVENTS}
    return [work for work in WORKS if work.slug in programmes or work in EVENTS]


@pytest.mark.django_db
def test_events_are_loaded_with_words_days_and_chain(wanted: list[WorkFile]) -> None:
    load_collection(works=wanted)
    last = WorkshopPage.objects.get(collection_slug=EVENTS[-1].slug, is_original=True)
    assert (last.starts_on, last.ends_on) == (dt.date(2025, 7, 15), dt.date(2025, 7, 16))
    assert last.dated == "2025-07-15"
    chain = []
    page: WorkshopPage | None = last
    while page is not None:
        assert page.is_original
        chain.append(page.collection_slug)
        page = page.previous
    assert chain == [work.slug for work in reversed(EVENTS)]
    english = WorkshopPage.objects.get(collection_slug=EVENTS[-1].slug, locale__language_code="en")
    assert english.sessions.count() == last.sessions.count() == 4
    assert english.follow_ups.first().action == "Set up a coordination mechanism after the forum"
    assert english.get_latest_revision_as_object().previous == english.previous
    assert last.follow_ups.first().action == "Lập cơ chế điều phối sau diễn đàn"
    report = load_collection(works=wanted)
    assert (report.created, report.updated, report.kept) == ([], [], [])


@pytest.mark.django_db
def test_a_chain_with_a_hole_is_refused(wanted: list[WorkFile]) -> None:
    with pytest.raises(CollectionError, match="no workshop"):
        load_collection(works=[work for work in wanted if work.slug != EVENTS[0].slug])

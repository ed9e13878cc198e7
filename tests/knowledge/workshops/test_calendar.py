"""Workshops in calendars."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from icalendar import Calendar
from wagtail.models import PageViewRestriction

from knowledge.models import WorkshopPage, WorkshopSession
from knowledge.workshops.participation import join
from tests.knowledge.workshops.conftest import hand_in, make_workshop

pytestmark = pytest.mark.django_db


def read(client: Client, address: str, language: str = "en") -> Calendar:
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    lines = response.content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)  # RFC 5545, 3.1
    return Calendar.from_ical(response.content)


def events(calendar: Calendar) -> dict[str, object]:
    return {str(event["summary"]): event for event in calendar.walk("VEVENT")}


def test_one_workshop_with_its_sessions(client: Client, workshop: WorkshopPage) -> None:
    calendar = read(client, f"/workshops/{workshop.pk}.ics")
    assert (str(calendar["version"]), "prodid" in calendar) == ("2.0", True)
    assert calendar.errors == []
    found = events(calendar)
    assert list(found) == ["Honey meeting", "Hives", "Jars"]
    whole, hives, jars = found.values()
    assert (whole["dtstart"].dt, whole["dtend"].dt) == (dt.date(2026, 5, 4), dt.date(2026, 5, 6))
    assert whole["dtstart"].params["VALUE"] == "DATE"
    assert (str(whole["uid"]), str(whole["location"])) == (str(workshop.translation_key), "Hà Nội")
    assert whole["summary"].params["LANGUAGE"] == "en"
    assert str(whole["url"]) == f"http://testserver{workshop.url}"  # where it was asked for
    assert hives["dtstart"].dt == dt.datetime(2026, 5, 4, 2, 0, tzinfo=dt.UTC)
    assert hives["dtend"].dt == dt.datetime(2026, 5, 4, 3, 0, tzinfo=dt.UTC)
    assert "Bee Keeper" in str(hives["description"])
    assert "dtend" not in jars
    assert len({str(event["uid"]) for event in found.values()}) == 3


def test_names_of_events_stay_when_the_page_is_published_again(
    client: Client, workshop: WorkshopPage
) -> None:
    before = {name: str(event["uid"]) for name, event in events(read(client, f"/workshops/{workshop.pk}.ics")).items()}  # fmt: skip
    page = WorkshopPage.objects.get(pk=workshop.pk)
    page.sessions = [
        WorkshopSession(title=one.title, starts_at=one.starts_at, sort_order=one.sort_order)
        for one in page.sessions.all()
    ]
    page.title = "Honey meeting, moved"
    page.save_revision().publish()
    after = {name: str(event["uid"]) for name, event in events(read(client, f"/workshops/{workshop.pk}.ics")).items()}  # fmt: skip
    assert after["Honey meeting, moved"] == before["Honey meeting"]
    assert (after["Hives"], after["Jars"]) == (before["Hives"], before["Jars"])


def test_sessions_of_one_name_are_two_events(client: Client) -> None:
    start = dt.datetime(2026, 5, 4, 8, tzinfo=dt.UTC)
    page = make_workshop(
        sessions=[
            WorkshopSession(title="Break", starts_at=start, sort_order=0),
            WorkshopSession(title="Break", starts_at=start + dt.timedelta(hours=3), sort_order=1),
        ]
    )
    calendar = read(client, f"/workshops/{page.pk}.ics")
    assert len({str(event["uid"]) for event in calendar.walk("VEVENT")}) == 3


def test_a_session_that_ends_before_it_starts_has_no_end(client: Client) -> None:
    start = dt.datetime(2026, 5, 4, 8, tzinfo=dt.UTC)
    page = make_workshop(
        sessions=[WorkshopSession(title="Odd", starts_at=start, ends_at=start - dt.timedelta(1))]
    )
    assert "dtend" not in events(read(client, f"/workshops/{page.pk}.ics"))["Odd"]


def test_no_code_and_no_person_is_in_it(
    client: Client, workshop: WorkshopPage, lan: User, signed_in: Callable[[User], Client]
) -> None:
    join(lan, workshop, is_listed=True)
    for address in (f"/workshops/{workshop.pk}.ics", "/workshops/calendar.ics"):
        for reader in (client, signed_in(lan)):
            text = reader.get(address).content.decode()
            assert workshop.join_code not in text
            assert workshop.join_code[:4] not in text
            assert "Lan Nguyen" not in text


def test_hostile_words_stay_words(client: Client) -> None:
    page = make_workshop(
        title="Evil; one, two\\three", place="A\r\nATTENDEE:mailto:x@example.org",
        summary="Line\nBEGIN:VEVENT\nEND:VEVENT",
    )  # fmt: skip
    calendar = read(client, f"/workshops/{page.pk}.ics")
    assert len(calendar.walk("VEVENT")) == 1
    written = client.get(f"/workshops/{page.pk}.ics").content.decode()
    assert "\r\nNAME:Evil\\; one\\, two\\\\three\r\n" in written
    assert "\r\nX-WR-CALNAME:Evil\\; one\\, two\\\\three\r\n" in written
    event = calendar.walk("VEVENT")[0]
    assert str(event["summary"]) == "Evil; one, two\\three"
    assert "attendee" not in event
    assert "BEGIN:VEVENT" in str(event["description"])


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_what_the_reader_may_not_open_is_in_no_calendar(
    client: Client, workshop: WorkshopPage, how: str
) -> None:
    make_workshop(title="Public", starts_on=dt.date(2026, 1, 1))
    if how == "draft":
        workshop.unpublish()
    else:
        PageViewRestriction.objects.create(page=workshop, restriction_type=how)
    assert list(events(read(client, "/workshops/calendar.ics"))) == ["Public"]
    assert client.get(f"/workshops/{workshop.pk}.ics").status_code == 404


def test_the_calendar_has_each_workshop_once_in_the_readers_language(
    client: Client, workshop: WorkshopPage
) -> None:
    make_workshop(language="fr", translation_of=workshop, title="Réunion du miel", place="Hanoï")
    hand_in(workshop)
    calendar = read(client, "/workshops/calendar.ics", "fr")
    found = events(calendar)
    assert list(found) == ["Réunion du miel", "Hives", "Jars"]
    assert found["Réunion du miel"]["summary"].params["LANGUAGE"] == "fr"
    assert found["Hives"]["summary"].params["LANGUAGE"] == "en"
    assert found["Réunion du miel"]["dtend"].dt == dt.date(2026, 5, 6)
    english = events(read(client, "/workshops/calendar.ics"))
    assert english["Honey meeting"]["uid"] == found["Réunion du miel"]["uid"]


def test_an_empty_calendar_is_a_calendar(client: Client, db: None) -> None:
    assert read(client, "/workshops/calendar.ics").walk("VEVENT") == []


def test_a_workshop_without_days_has_no_event(client: Client) -> None:
    page = make_workshop(starts_on=None)
    assert read(client, f"/workshops/{page.pk}.ics").walk("VEVENT") == []

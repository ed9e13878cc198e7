"""What organisers do, and that nobody else does it."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from knowledge.models import FollowUp, Participation, WorkshopPage
from knowledge.workshops.follow_ups import MOST
from knowledge.workshops.materials import are_open
from knowledge.workshops.participation import is_participant, join
from tests.knowledge.workshops.conftest import make_workshop

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def desk(organiser: User, signed_in: SignIn) -> Client:
    return signed_in(organiser)


def change(client: Client, workshop: WorkshopPage, action: str, **fields: object) -> str:
    address = f"/workshops/{workshop.pk}/change"
    response = client.post(address, {"action": action, **fields}, follow=True)
    assert response.status_code == 200
    assert response.redirect_chain == [(f"/workshops/{workshop.pk}/organise", 302)]
    return str(response.content.decode())


def actions(workshop: WorkshopPage) -> list[tuple[str, bool]]:
    return list(FollowUp.objects.filter(page=workshop).values_list("action", "is_done"))


@pytest.mark.parametrize("address", ["organise", "poster", "participants.csv"])
def test_only_organisers_enter(
    client: Client,
    workshop: WorkshopPage,
    lan: User,
    organiser: User,
    signed_in: SignIn,
    address: str,
) -> None:
    join(lan, workshop)
    path = f"/workshops/{workshop.pk}/{address}"
    assert client.get(path)["Location"].startswith("/accounts/login/?next=")
    assert signed_in(lan).get(path).status_code == 404
    assert signed_in(organiser).get(path).status_code == 200


@pytest.mark.parametrize("action", ["open", "close", "renew", "remove", "done", "drop", "add"])
def test_only_organisers_change_anything(
    client: Client, workshop: WorkshopPage, lan: User, signed_in: SignIn, action: str
) -> None:
    join(lan, workshop)
    row = Participation.objects.get().pk if action == "remove" else FollowUp.objects.first().pk
    code = workshop.join_code
    fields = {"action": action, "number": row}
    assert client.post(f"/workshops/{workshop.pk}/change", fields).status_code == 302
    assert signed_in(lan).post(f"/workshops/{workshop.pk}/change", fields).status_code == 404
    assert is_participant(lan, workshop)
    assert not are_open(workshop)
    assert WorkshopPage.objects.get(pk=workshop.pk).join_code == code
    assert actions(workshop) == [("Send the report", False), ("Plant trees", False)]


def test_an_organiser_of_another_workshop_is_nobody_here(
    workshop: WorkshopPage, desk: Client
) -> None:
    other = make_workshop(title="Another")
    assert desk.get(f"/workshops/{other.pk}/organise").status_code == 404
    assert desk.post(f"/workshops/{other.pk}/change", {"action": "open"}).status_code == 404


def test_changes_need_a_post(workshop: WorkshopPage, desk: Client) -> None:
    response = desk.get(f"/workshops/{workshop.pk}/change", {"action": "open"})
    assert response.headers["Location"] == f"/workshops/{workshop.pk}/organise"
    assert not are_open(workshop)


def test_forms_are_protected_against_other_sites(workshop: WorkshopPage, organiser: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(organiser)
    response = client.post(f"/workshops/{workshop.pk}/change", {"action": "open"})
    assert response.status_code == 403
    assert not are_open(workshop)


def test_code_address_and_picture_are_shown(workshop: WorkshopPage, desk: Client) -> None:
    code = f"{workshop.join_code[:4]}-{workshop.join_code[4:]}"
    for page in ("organise", "poster"):
        html = desk.get(f"/workshops/{workshop.pk}/{page}").content.decode()
        assert code in html
        assert "http://testserver/join/" in html
        picture = re.search(r"<svg.*?</svg>", html, re.DOTALL)
        assert picture
        assert "style" not in picture[0]
        assert "script" not in picture[0]


def test_the_picture_leads_to_joining(workshop: WorkshopPage, desk: Client) -> None:
    from knowledge.workshops.qr import qr_of

    code = f"{workshop.join_code[:4]}-{workshop.join_code[4:]}"
    html = desk.get(f"/workshops/{workshop.pk}/poster").content.decode()
    assert (
        str(qr_of(f"http://testserver/join/{code}", title="QR code that leads to joining")) in html
    )


def test_materials_are_opened_and_closed(workshop: WorkshopPage, desk: Client) -> None:
    assert "The materials are open to everybody." in change(desk, workshop, "open")
    assert are_open(workshop)
    assert "Only participants can read the materials." in change(desk, workshop, "close")
    assert not are_open(workshop)


def test_a_new_code_replaces_the_old(workshop: WorkshopPage, desk: Client) -> None:
    change(desk, workshop, "renew")
    assert WorkshopPage.objects.get(pk=workshop.pk).join_code != workshop.join_code


def test_a_person_is_removed(workshop: WorkshopPage, lan: User, desk: Client) -> None:
    join(lan, workshop)
    change(desk, workshop, "remove", number=Participation.objects.get().pk)
    assert not is_participant(lan, workshop)
    assert not lan.groups.exists()


def test_people_of_another_workshop_are_not_removed(
    workshop: WorkshopPage, lan: User, desk: Client
) -> None:
    other = make_workshop(title="Another")
    join(lan, other)
    change(desk, workshop, "remove", number=Participation.objects.get().pk)
    assert is_participant(lan, other)


def test_only_those_who_chose_to_be_listed_are_named(
    workshop: WorkshopPage, desk: Client, person: Callable[..., User], lan: User
) -> None:
    join(lan, workshop, is_listed=True)
    join(person("Hidden Person"), workshop)
    join(person("=HYPERLINK evil"), workshop, is_listed=True)
    html = desk.get(f"/workshops/{workshop.pk}/organise").content.decode()
    assert "Lan Nguyen" in html
    assert "Hidden" not in html
    assert "@example.org" not in html
    response = desk.get(f"/workshops/{workshop.pk}/participants.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == ["Name", "Lan Nguyen", "name not shown", "'=HYPERLINK evil"]
    assert "@example.org" not in text


def test_an_action_is_marked_done_and_undone(workshop: WorkshopPage, desk: Client) -> None:
    row = FollowUp.objects.get(action="Send the report")
    change(desk, workshop, "done", number=row.pk)
    assert actions(workshop) == [("Send the report", True), ("Plant trees", False)]
    assert not WorkshopPage.objects.get(pk=workshop.pk).has_unpublished_changes
    row = FollowUp.objects.get(action="Send the report")
    change(desk, workshop, "undone", number=row.pk)
    assert actions(workshop) == [("Send the report", False), ("Plant trees", False)]


def test_marking_publishes_no_draft_and_is_not_lost_with_it(
    workshop: WorkshopPage, desk: Client
) -> None:
    draft = WorkshopPage.objects.get(pk=workshop.pk)
    draft.title = "Not to be seen yet"
    draft.save_revision()
    row = FollowUp.objects.get(action="Plant trees")
    change(desk, workshop, "done", number=row.pk)
    page = WorkshopPage.objects.get(pk=workshop.pk)
    assert (page.title, page.has_unpublished_changes) == ("Honey meeting", True)
    assert ("Plant trees", True) in actions(workshop)
    page.get_latest_revision().publish()
    assert WorkshopPage.objects.get(pk=workshop.pk).title == "Not to be seen yet"
    assert ("Plant trees", True) in actions(workshop)


def test_actions_are_added_and_removed(workshop: WorkshopPage, desk: Client) -> None:
    response = desk.post(
        f"/workshops/{workshop.pk}/change",
        {"action": "add", "text": "Call <b>them</b>", "responsible": "Us", "due_on": "2026-09-01"},
        follow=True,
    )
    assert response.status_code == 200
    assert "Call &lt;b&gt;them&lt;/b&gt;" in response.content.decode()
    row = FollowUp.objects.get(action="Call <b>them</b>")
    assert (row.responsible, str(row.due_on)) == ("Us", "2026-09-01")
    change(desk, workshop, "drop", number=row.pk)
    assert [action for action, _ in actions(workshop)] == ["Send the report", "Plant trees"]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": "x" * 301},
        {"text": "\x00"},
        {"text": "Good", "due_on": "soon"},
        {"text": "Good", "due_on": "9999999-01-01"},
        {"text": "Good", "responsible": "x" * 201},
    ],
)
def test_a_faulty_action_is_refused_with_a_reason(
    workshop: WorkshopPage, desk: Client, fields: dict[str, str]
) -> None:
    response = desk.post(f"/workshops/{workshop.pk}/change", {"action": "add", **fields})
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert FollowUp.objects.filter(page=workshop).count() == 2


def test_there_is_an_end_to_actions(workshop: WorkshopPage, desk: Client) -> None:
    page = WorkshopPage.objects.get(pk=workshop.pk)
    page.follow_ups = [FollowUp(action=f"Action {number}") for number in range(MOST)]
    page.save_revision().publish()
    response = desk.post(f"/workshops/{workshop.pk}/change", {"action": "add", "text": "More"})
    assert response.status_code == 400
    assert "too many actions" in response.content.decode()


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "²", "1.5", "9" * 40, "999999"])
@pytest.mark.parametrize("action", ["done", "drop", "remove"])
def test_rows_that_are_none_change_nothing(
    workshop: WorkshopPage, desk: Client, lan: User, action: str, number: str
) -> None:
    join(lan, workshop)
    change(desk, workshop, action, number=number)
    assert actions(workshop) == [("Send the report", False), ("Plant trees", False)]
    assert is_participant(lan, workshop)


@pytest.mark.parametrize("action", ["", "explode", "OPEN", "x" * 10_000])
def test_an_unknown_action_changes_nothing(
    workshop: WorkshopPage, desk: Client, action: str
) -> None:
    change(desk, workshop, action)
    assert not are_open(workshop)


def test_actions_of_another_workshop_are_out_of_reach(workshop: WorkshopPage, desk: Client) -> None:
    other = make_workshop(title="Another", follow_ups=[FollowUp(action="Theirs")])
    row = FollowUp.objects.get(action="Theirs")
    change(desk, workshop, "done", number=row.pk)
    change(desk, workshop, "drop", number=row.pk)
    assert actions(other) == [("Theirs", False)]

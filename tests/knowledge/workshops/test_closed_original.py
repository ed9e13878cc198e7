"""What hangs on the original of a workshop is closed with it, whichever version is asked."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from knowledge.models import FollowUp, Problem, WorkshopPage
from knowledge.workshops.materials import open_to_all
from knowledge.workshops.participation import join
from tests.knowledge.workshops.conftest import hand_in, make_workshop

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def french(workshop: WorkshopPage) -> WorkshopPage:
    return make_workshop(
        title="Réunion ouverte", language="fr", translation_of=workshop, country=workshop.country
    )


def close(page: WorkshopPage) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type="groups")


def body(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_an_organiser_who_may_not_open_the_original_does_nothing_through_a_translation(
    workshop: WorkshopPage, french: WorkshopPage, organiser: User, signed_in: SignIn
) -> None:
    desk = signed_in(organiser)
    assert "Send the report" in body(desk, f"/workshops/{french.pk}/organise")
    close(workshop)
    for part in ("organise", "poster", "participants.csv"):
        assert desk.get(f"/workshops/{french.pk}/{part}").status_code == 404, part
    added = {"action": "add", "text": "Sneak in", "responsible": "", "due_on": ""}
    assert desk.post(f"/workshops/{french.pk}/change", added).status_code == 404
    assert not FollowUp.objects.filter(action="Sneak in").exists()


def test_nobody_learns_from_a_translation_who_takes_part_in_a_closed_original(
    workshop: WorkshopPage,
    french: WorkshopPage,
    organiser: User,
    lan: User,
    person: Callable[..., User],
    signed_in: SignIn,
) -> None:
    join(lan, workshop, is_listed=True)
    join(person("Zed Person"), workshop, is_listed=True)
    assert "Taking part" in body(Client(), french.url)
    assert "Zed Person" in body(signed_in(lan), french.url)
    close(workshop)
    assert "Taking part" not in body(Client(), french.url)
    assert "Zed Person" not in body(signed_in(lan), french.url)
    assert "/organise" not in body(signed_in(organiser), french.url)


@pytest.mark.parametrize("how", ["closed", "withdrawn"])
def test_what_a_closed_original_took_up_is_not_told_by_its_translation(
    workshop: WorkshopPage, french: WorkshopPage, how: str
) -> None:
    problem = Problem.objects.create(question="Why so sticky?", language="en")
    problem.workshops.add(workshop)
    assert "Why so sticky?" in body(Client(), french.url)
    assert "Honey meeting" in body(Client(), f"/board/{problem.pk}")
    close(workshop) if how == "closed" else workshop.unpublish()
    assert "Why so sticky?" not in body(Client(), french.url)
    assert "Réunion ouverte" not in body(Client(), f"/board/{problem.pk}")


def test_the_chain_goes_by_what_the_reader_may_open(
    workshop: WorkshopPage, french: WorkshopPage
) -> None:
    earlier = make_workshop(title="Earlier event", starts_on=dt.date(2020, 1, 1))
    draft = workshop.get_latest_revision_as_object()
    draft.previous = earlier
    draft.save_revision().publish()
    assert "Earlier event" in body(Client(), french.url)
    close(workshop)
    assert "Earlier event" not in body(Client(), french.url)
    assert "Réunion ouverte" not in body(Client(), earlier.url)


def test_open_materials_of_an_event_that_has_expired_have_a_time_of_their_own(
    workshop: WorkshopPage, client: Client
) -> None:
    """They are found, so they can be opened."""
    page = hand_in(workshop)
    open_to_all(workshop)
    WorkshopPage.objects.filter(pk=workshop.pk).update(
        expire_at=timezone.now() - dt.timedelta(days=1)
    )
    assert client.get(workshop.url).status_code == 404
    assert "Bamboo frames" in body(client, page.url)

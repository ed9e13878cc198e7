"""A workshop with a closed material, and people inside and outside of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client, RequestFactory

from knowledge.models import (
    Country,
    FollowUp,
    MaterialPage,
    SessionMaterial,
    WorkshopPage,
    WorkshopSession,
)
from knowledge.workshops.materials import materials_folder
from tests.factories import work

MORNING = dt.datetime(2026, 5, 4, 2, 0, tzinfo=dt.UTC)
"""Nine o'clock in Viet Nam."""


@pytest.fixture
def viet_nam(db: None) -> Country:
    return Country.objects.create(code="vn", name="Viet Nam")


def make_workshop(**fields: Any) -> WorkshopPage:
    fields.setdefault("title", "Honey meeting")
    fields.setdefault("starts_on", dt.date(2026, 5, 4))
    page = work(WorkshopPage, **fields)
    assert isinstance(page, WorkshopPage)
    return page


@pytest.fixture
def workshop(viet_nam: Country) -> WorkshopPage:
    """Two days with two sessions and two agreed actions."""
    return make_workshop(
        country=viet_nam,
        ends_on=dt.date(2026, 5, 5),
        place="Hà Nội",
        sessions=[
            WorkshopSession(
                title="Hives", speakers="Bee Keeper", starts_at=MORNING,
                ends_at=MORNING + dt.timedelta(hours=1), sort_order=0,
            ),
            WorkshopSession(title="Jars", starts_at=MORNING + dt.timedelta(days=1), sort_order=1),
        ],
        follow_ups=[
            FollowUp(action="Send the report", responsible="Office", sort_order=0),
            FollowUp(action="Plant trees", sort_order=1),
        ],
    )  # fmt: skip


def hand_in(workshop: WorkshopPage, session: str = "", **fields: Any) -> MaterialPage:
    """Publish a material in the folder of a workshop."""
    fields.setdefault("title", "Secret slides")
    fields.setdefault("text", "Bamboo frames hold the comb.")
    page = work(MaterialPage, parent=materials_folder(workshop), **fields)
    if session:
        SessionMaterial.objects.create(workshop=workshop, session_title=session, material=page)
    assert isinstance(page, MaterialPage)
    return page


@pytest.fixture
def material(workshop: WorkshopPage) -> MaterialPage:
    return hand_in(workshop)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make an account."""

    def make(name: str = "Lan Nguyen", **fields: Any) -> User:
        first, _, last = name.partition(" ")
        number = User.objects.count()
        return User.objects.create_user(
            f"user-{number}", f"secret-{number}@example.org", "pw",
            first_name=first, last_name=last, **fields,
        )  # fmt: skip

    return make


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person()


@pytest.fixture
def organiser(person: Callable[..., User], workshop: WorkshopPage) -> User:
    """Somebody who was made organiser of the workshop by an editor."""
    user = person("Olive Organiser")
    page = workshop.get_latest_revision_as_object()
    page.organisers = [user]
    page.save_revision().publish()
    return user


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def reader_of(user: User | None = None) -> Any:
    """A reader as the search sees them."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=user.pk) if user else AnonymousUser()
    request.session = {}
    return request

"""Materials handed in for a workshop: where they stand, who reviews them, who reads them."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import (
    Country,
    MaterialPage,
    SessionMaterial,
    WorkshopPage,
    WorkshopSession,
)
from knowledge.sharing.branches import ensure_branch
from knowledge.workshops.materials import materials_folder
from knowledge.workshops.participation import join
from tests.factories import work
from tests.knowledge.sharing.conftest import FIRST, approve, begun, fresh, person, sent

SignIn = Callable[[User], Client]


@pytest.fixture
def workshop() -> WorkshopPage:
    page = work(
        WorkshopPage,
        title="Honey meeting",
        country=Country.objects.get(code="vn"),
        sessions=[WorkshopSession(title="Hives", sort_order=0)],
    )
    assert isinstance(page, WorkshopPage)
    return page


def test_a_participant_hands_in_for_a_session(
    as_user: SignIn, lan: User, editor: User, workshop: WorkshopPage, client: Client
) -> None:
    join(lan, workshop)
    own = as_user(lan)
    html = own.get(f"/share/?workshop={workshop.join_code}").content.decode()
    assert f'<option value="{workshop.pk}" selected>' in html
    page = begun(own, country="mw", workshop=f"{workshop.pk}|Hives")
    assert page.get_parent().pk == materials_folder(workshop).pk
    assert SessionMaterial.objects.get().session_title == "Hives"
    sent(own, page)
    approve(as_user(editor), fresh(page))
    now = fresh(page)
    assert now.live
    # Closed: participants read it, others do not.
    assert "Honey meeting" in own.get(now.url).content.decode()
    assert client.get(now.url).status_code != 200
    assert FIRST["title"] not in client.get("/search/?q=honey+grading").content.decode()
    assert FIRST["title"] not in as_user(person("out")).get("/search/?q=honey").content.decode()


def test_the_editors_of_the_workshops_country_review(
    as_user: SignIn, lan: User, editor: User, stranger: User, workshop: WorkshopPage
) -> None:
    join(lan, workshop)
    sent(as_user(lan), begun(as_user(lan), country="mw", workshop=str(workshop.pk)))
    assert FIRST["title"] in as_user(editor).get("/review/").content.decode()
    assert FIRST["title"] not in as_user(stranger).get("/review/").content.decode()


def test_who_takes_no_part_cannot_hand_in(
    as_user: SignIn, lan: User, workshop: WorkshopPage
) -> None:
    client = as_user(lan)
    assert "Honey meeting" not in client.get(f"/share/?workshop={workshop.pk}").content.decode()
    response = client.get(f"/share/?workshop={workshop.join_code}")
    assert response.headers["Location"] == f"/join/{workshop.join_code}"
    client.post("/share/", {**FIRST, "workshop": str(workshop.pk)})
    assert fresh(MaterialPage.objects.get()).get_parent().specific.country.code == "vn"
    assert not SessionMaterial.objects.exists()


def test_a_draft_can_be_taken_out_of_the_workshop_again(
    as_user: SignIn, lan: User, workshop: WorkshopPage
) -> None:
    join(lan, workshop)
    client = as_user(lan)
    page = begun(client, workshop=f"{workshop.pk}|Hives")
    client.post(f"/share/{page.pk}/", {**FIRST, "workshop": ""})
    assert fresh(page).get_parent().pk == ensure_branch(workshop.country, "en").pk
    assert not SessionMaterial.objects.exists()


def test_a_branch_lists_the_materials_of_its_country(
    as_user: SignIn, lan: User, editor: User, stranger: User, client: Client
) -> None:
    approve(as_user(editor), sent(as_user(lan)))
    other = begun(as_user(lan), title="Malawi honey", country="mw")
    approve(as_user(stranger), sent(as_user(lan), other))
    begun(as_user(lan), title="A draft")
    html = client.get(ensure_branch(Country.objects.get(code="vn"), "en").url).content.decode()
    assert FIRST["title"] in html
    assert "Malawi honey" not in html
    assert "A draft" not in html
    everything = client.get("/en/materials/").content.decode()
    assert FIRST["title"] in everything
    assert "Malawi honey" in everything


def test_a_workshop_that_somebody_may_no_longer_open_is_not_offered(
    as_user: SignIn, lan: User, workshop: WorkshopPage
) -> None:
    join(lan, workshop)
    own = as_user(lan)
    assert "Honey meeting" in own.get("/share/").content.decode()
    PageViewRestriction.objects.create(page=workshop, restriction_type="groups")
    html = own.get(f"/share/?workshop={workshop.join_code}").content.decode()
    assert "Honey meeting" not in html
    assert "Hives" not in html

"""Joining and leaving, and the rights that come and go with it."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import MaterialPage, Participation, WorkshopPage
from knowledge.rights import readable_pages
from knowledge.search.service import browse_counts
from knowledge.search.similar import similar_to
from knowledge.search.suggestions import suggest
from knowledge.workshops.participation import (
    is_participant,
    join,
    leave,
    participants_group,
    takes_part,
)
from tests.knowledge.workshops.conftest import hand_in, make_workshop, reader_of

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def test_a_code_leads_a_newcomer_to_sign_in_and_back(
    client: Client, workshop: WorkshopPage
) -> None:
    address = f"/join/{workshop.join_code}"
    html = client.get(address).content.decode()
    assert "Honey meeting" in html
    assert f"/accounts/login/?next={address}" in html
    assert f"/accounts/signup/?next={address}" in html
    response = client.post(address)
    assert response["Location"] == f"/accounts/login/?next={address}"
    assert not Participation.objects.exists()


def test_looking_at_the_code_joins_nobody(
    workshop: WorkshopPage, lan: User, signed_in: SignIn
) -> None:
    html = signed_in(lan).get(f"/join/{workshop.join_code}").content.decode()
    assert 'name="is_listed"' in html
    assert not is_participant(lan, workshop)


@pytest.mark.parametrize("is_listed", [True, False])
def test_who_joins_takes_part_and_is_listed_by_choice(
    workshop: WorkshopPage, lan: User, signed_in: SignIn, is_listed: bool
) -> None:
    client = signed_in(lan)
    answer = {"is_listed": "on"} if is_listed else {}
    response = client.post(f"/join/{workshop.join_code}", answer, follow=True)
    assert response.redirect_chain == [(workshop.url, 302)]
    assert "You take part in this workshop now." in response.content.decode()
    assert Participation.objects.get().is_listed is is_listed
    client.post(f"/join/{workshop.join_code}", {})
    assert Participation.objects.get().is_listed is False
    assert [one.pk for one in takes_part(reader_of(lan))] == [workshop.pk]


def test_closed_materials_are_found_from_joining_to_leaving(
    titles: Callable[..., list[str]],
    workshop: WorkshopPage,
    material: MaterialPage,
    lan: User,
    signed_in: SignIn,
) -> None:
    client = signed_in(lan)
    assert "Secret slides" not in titles("bamboo", reader=reader_of(lan))
    assert client.get(material.url).status_code in {302, 403}
    client.post(f"/join/{workshop.join_code}")
    assert "Secret slides" in titles("bamboo", reader=reader_of(lan))
    assert client.get(material.url).status_code == 200
    client.post(f"/workshops/{workshop.pk}/leave")
    assert "Secret slides" not in titles("bamboo", reader=reader_of(lan))
    assert client.get(material.url).status_code in {302, 403}
    assert not lan.groups.exists()


def test_closed_materials_are_invisible_to_others_everywhere(
    ask: Callable[..., object], workshop: WorkshopPage, material: MaterialPage, client: Client
) -> None:
    twin = make_workshop(title="Public twin", text="Bamboo frames hold the comb.")
    found = ask("bamboo frames")
    assert found.cards[0].title == "Public twin"
    assert "Secret slides" not in [card.title for card in found.cards]
    kinds = next(facet for facet in found.facets if facet.name == "kind")
    assert [value.value for value in kinds.values] == ["workshop"]
    assert browse_counts(reader_of())["total"] == 2
    assert [one.title for one in similar_to(twin, reader_of())] != ["Secret slides"]
    assert "Secret slides" not in [one.title for one in similar_to(twin, reader_of())]
    assert suggest("Secret", reader=reader_of()) == []
    assert not readable_pages(reader_of()).filter(pk=material.pk).exists()
    for address in (
        workshop.url, twin.url, workshop.get_parent().url, "/search/?q=bamboo", "/search/?kind=material",
        "/api/search?q=bamboo", "/api/suggest?q=Secret", "/workshops/calendar.ics",
        f"/workshops/{workshop.pk}.ics", "/",
    ):  # fmt: skip
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        assert "Secret slides" not in response.content.decode(), address
    for address in (f"/work/{material.pk}.md", f"/cite/{material.pk}.bib"):
        assert client.get(address).status_code == 404


def test_a_participant_finds_the_material_as_similar_too(
    workshop: WorkshopPage, material: MaterialPage, lan: User
) -> None:
    twin = make_workshop(title="Public twin", text="Bamboo frames hold the comb.")
    join(lan, workshop)
    assert "Secret slides" in [one.title for one in similar_to(twin, reader_of(lan))]


def test_joining_one_workshop_opens_no_other(
    titles: Callable[..., list[str]], workshop: WorkshopPage, material: MaterialPage, lan: User
) -> None:
    join(lan, make_workshop(title="Another"))
    assert "Secret slides" not in titles("bamboo", reader=reader_of(lan))


def test_a_translation_joins_the_original(workshop: WorkshopPage, lan: User) -> None:
    translation = make_workshop(language="fr", translation_of=workshop, title="Réunion")
    join(lan, translation)
    assert Participation.objects.get().workshop_id == workshop.pk
    assert is_participant(lan, translation)
    leave(lan, translation)
    assert not is_participant(lan, workshop)


def test_leaving_is_asked_for_by_post_only(
    workshop: WorkshopPage, lan: User, signed_in: SignIn
) -> None:
    join(lan, workshop)
    assert signed_in(lan).get(f"/workshops/{workshop.pk}/leave").status_code == 405
    assert is_participant(lan, workshop)


def test_nobody_leaves_for_somebody_else(
    client: Client,
    workshop: WorkshopPage,
    lan: User,
    person: Callable[..., User],
    signed_in: SignIn,
) -> None:
    join(lan, workshop)
    client.post(f"/workshops/{workshop.pk}/leave")
    signed_in(person("Other")).post(f"/workshops/{workshop.pk}/leave")
    assert is_participant(lan, workshop)


def test_an_account_that_is_deleted_leaves_nothing(workshop: WorkshopPage, lan: User) -> None:
    join(lan, workshop)
    lan.delete()
    assert not Participation.objects.exists()
    assert not participants_group(workshop).user_set.exists()


def test_a_workshop_that_is_deleted_takes_its_group_along(
    workshop: WorkshopPage, lan: User
) -> None:
    hand_in(workshop)
    join(lan, workshop)
    other = make_workshop(title="Another")
    kept = participants_group(other)
    name = participants_group(workshop).name
    workshop.get_parent().get_children().get(pk=workshop.pk).delete()
    assert not Group.objects.filter(name=name).exists()
    assert Group.objects.filter(pk=kept.pk).exists()


def test_a_copy_of_a_workshop_has_people_and_code_of_its_own(
    workshop: WorkshopPage, lan: User
) -> None:
    join(lan, workshop)
    copy = workshop.copy(update_attrs={"slug": "copy", "title": "Copy"})
    assert copy.join_code != workshop.join_code
    assert not is_participant(lan, copy)
    assert participants_group(copy) != participants_group(workshop)


def test_a_version_for_translation_takes_no_group_along(workshop: WorkshopPage, lan: User) -> None:
    from wagtail.models import Locale

    join(lan, workshop)
    locale = Locale.objects.get_or_create(language_code="fr")[0]
    translation = workshop.copy_for_translation(locale, copy_parents=True)
    assert translation.participants_group is None
    assert not translation.is_original


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_addresses_of_no_workshop_are_not_found(
    client: Client, number: str, workshop: WorkshopPage
) -> None:
    assert client.get(f"/workshops/{number}.ics").status_code == 404
    assert client.post(f"/workshops/{number}/leave").status_code == 404
    assert client.get(f"/workshops/{workshop.get_parent().pk}.ics").status_code == 404


@pytest.mark.parametrize(
    ("reader", "versions", "shown"),
    [
        ("fr", ["fr", "en"], "fr"),
        ("ar", ["fr", "en"], "en"),
        ("ar", ["fr"], "vi"),
        ("en", ["fr"], "vi"),
    ],
)
def test_who_joins_comes_to_the_version_that_they_read(
    lan: User, signed_in: SignIn, reader: str, versions: list[str], shown: str
) -> None:
    original = make_workshop(title="Event vi", language="vi")
    pages = {"vi": original} | {
        one: make_workshop(title=f"Event {one}", language=one, translation_of=original)
        for one in versions
    }
    client = signed_in(lan)
    client.cookies["interface_language"] = reader
    address = f"/join/{original.join_code}"
    assert f"Event {shown}" in client.get(address).content.decode()
    assert client.post(address).headers["Location"] == pages[shown].url
    assert Participation.objects.get().workshop_id == original.pk


def test_a_version_that_is_closed_to_the_reader_is_not_shown_to_who_joins(
    lan: User, workshop: WorkshopPage, signed_in: SignIn
) -> None:
    french = make_workshop(title="Réunion", language="fr", translation_of=workshop)
    PageViewRestriction.objects.create(page=french, restriction_type="groups")
    client = signed_in(lan)
    client.cookies["interface_language"] = "fr"
    assert "Réunion" not in client.get(f"/join/{workshop.join_code}").content.decode()


def test_what_is_wrong_with_a_code_is_said_at_its_field(client: Client) -> None:
    for html in (
        client.post("/join/", {"code": ""}).content.decode(),
        client.post("/join/", {"code": "WRONG123"}).content.decode(),
        client.get("/join/WRONG123").content.decode(),
    ):
        (field,) = re.findall(r"<input[^>]*id=\"id_code\"[^>]*>", html)
        assert 'aria-invalid="true"' in field
        assert "autofocus" in field
        (described,) = re.findall(r'aria-describedby="([^"]*)"', field)
        assert "id_code_error" in described
        for one in described.split():
            assert html.count(f'id="{one}"') == 1

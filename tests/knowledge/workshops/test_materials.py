"""The folder of a workshop: closed when made, opened and closed by organisers."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from wagtail.models import PageLogEntry, PageViewRestriction

from knowledge.models import Country, WorkshopMaterialsPage, WorkshopPage
from knowledge.rights import readable_pages
from knowledge.sharing.branches import editors_group
from knowledge.workshops.materials import (
    are_open,
    close,
    materials_folder,
    materials_of,
    open_to_all,
)
from knowledge.workshops.participation import join, participants_group
from tests.knowledge.workshops.conftest import hand_in, make_workshop, reader_of

pytestmark = pytest.mark.django_db


def titles_for(workshop: WorkshopPage, user: User | None = None) -> list[str]:
    by_session, other = materials_of(workshop, reader_of(user))
    return sorted(one.title for works in [*by_session.values(), other] for one in works)


def test_the_folder_is_made_once_and_closed(workshop: WorkshopPage) -> None:
    folder = materials_folder(workshop)
    assert materials_folder(WorkshopPage.objects.get(pk=workshop.pk)) == folder
    assert WorkshopMaterialsPage.objects.count() == 1
    restriction = PageViewRestriction.objects.get()
    assert (restriction.page_id, restriction.restriction_type) == (folder.pk, "groups")
    assert set(restriction.groups.all()) == {
        participants_group(workshop), editors_group(workshop.country),
    }  # fmt: skip
    assert not are_open(workshop)
    assert folder.get_workflow() is not None


def test_the_folder_of_a_translation_is_that_of_the_original(workshop: WorkshopPage) -> None:
    translation = make_workshop(language="fr", translation_of=workshop, title="Réunion")
    assert materials_folder(translation) == materials_folder(workshop)
    assert materials_folder(workshop).get_parent().pk == workshop.pk


def test_who_reads_closed_materials(
    workshop: WorkshopPage, organiser: User, lan: User, person: Callable[..., User]
) -> None:
    hand_in(workshop)
    editor, foreign, outsider = person("Ed"), person("Foreign"), person("Out")
    editor.groups.add(editors_group(workshop.country))
    foreign.groups.add(editors_group(Country.objects.create(code="mw", name="Malawi")))
    join(lan, workshop)
    administrator = person("Root", is_superuser=True)
    for user in (lan, organiser, editor, administrator):
        assert titles_for(workshop, user) == ["Secret slides"], user.first_name
    for user in (foreign, outsider, None):
        assert titles_for(workshop, user) == []


def test_an_organiser_made_later_or_no_more_gains_and_loses_the_right(
    workshop: WorkshopPage, lan: User
) -> None:
    hand_in(workshop)
    page = WorkshopPage.objects.get(pk=workshop.pk)
    page.organisers = [lan]
    page.save_revision().publish()
    assert titles_for(workshop, lan) == ["Secret slides"]
    page = WorkshopPage.objects.get(pk=workshop.pk)
    page.organisers = []
    page.save_revision().publish()
    assert titles_for(workshop, lan) == []


def test_a_participant_who_organises_no_more_goes_on_taking_part(
    workshop: WorkshopPage, organiser: User
) -> None:
    hand_in(workshop)
    join(organiser, workshop)
    page = WorkshopPage.objects.get(pk=workshop.pk)
    page.organisers = []
    page.save_revision().publish()
    assert titles_for(workshop, organiser) == ["Secret slides"]


def test_a_draft_stays_a_draft_for_participants(workshop: WorkshopPage, lan: User) -> None:
    hand_in(workshop, publish=False)
    join(lan, workshop)
    assert titles_for(workshop, lan) == []


def test_opening_and_closing_count_at_the_next_question(
    titles: Callable[..., list[str]], workshop: WorkshopPage, organiser: User
) -> None:
    hand_in(workshop)
    assert "Secret slides" not in titles("bamboo")
    open_to_all(workshop, organiser)
    assert are_open(workshop)
    assert "Secret slides" in titles("bamboo")
    close(workshop, organiser)
    assert not are_open(workshop)
    assert "Secret slides" not in titles("bamboo")
    actions = PageLogEntry.objects.filter(user=organiser).values_list("action", flat=True)
    assert {"wagtail.view_restriction.delete", "wagtail.view_restriction.create"} <= set(actions)


def test_opening_before_anything_is_handed_in_lasts(workshop: WorkshopPage) -> None:
    open_to_all(workshop)
    hand_in(workshop)
    assert titles_for(workshop) == ["Secret slides"]


def test_closing_twice_changes_nothing(workshop: WorkshopPage) -> None:
    close(workshop)
    close(workshop)
    assert PageViewRestriction.objects.count() == 1


def test_a_restriction_an_administrator_set_is_left_as_it_is(workshop: WorkshopPage) -> None:
    folder = materials_folder(workshop)
    PageViewRestriction.objects.update(restriction_type="login")
    close(workshop)
    assert PageViewRestriction.objects.get(page=folder).restriction_type == "login"


def test_the_folder_itself_leads_to_the_workshop(client: Client, workshop: WorkshopPage) -> None:
    folder = materials_folder(workshop)
    assert client.get(folder.url).status_code == 302
    assert client.get(folder.url)["Location"].startswith("/accounts/login/")
    open_to_all(workshop)
    assert client.get(folder.url)["Location"] == f"{workshop.url}#materials"
    assert not readable_pages(reader_of()).filter(pk=folder.pk).exists()

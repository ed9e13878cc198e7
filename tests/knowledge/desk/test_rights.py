"""Who sees the desk, and what of it."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.people import make_contributor
from tests.factories import work
from tests.knowledge.desk.conftest import (
    ADDRESSES,
    editor_of,
    html_of,
    material_of,
    signed_in,
    table_of,
)

PLANTED = "In 2023 some 4,120 families sold honey."
"""Figures without a fact, so that each report of works has a reason to list it."""
FRENCH = (
    "Les coopératives du village vendent leur miel au marché de la ville voisine, et les familles "
    "partagent une presse, un livre de comptes et une camionnette depuis plusieurs années. Elles "
    "se réunissent le premier lundi du mois pour décider ensemble des prix et des commandes."
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_whoever_is_not_signed_in_is_led_to_the_door(client: Client, address: str) -> None:
    for place in (address, f"{address}results/", f"{address}?export=csv"):
        response = client.get(place)
        assert response.status_code == 302
        assert "login" in response["Location"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_contributor_is_refused(address: str) -> None:
    reader = User.objects.create_user("reader", "reader@example.org", "pass")
    make_contributor(reader)
    for place in (address, f"{address}results/", f"{address}?export=csv"):
        assert signed_in(reader).get(place).status_code == 302


@pytest.mark.parametrize("address", ADDRESSES)
def test_whoever_enters_the_admin_without_any_page_is_refused(address: str) -> None:
    user = User.objects.create_user("librarian", "librarian@example.org", "pass")
    group = Group.objects.create(name="Librarians")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(group)
    client = signed_in(user)
    assert client.get(address).status_code == 302
    assert address not in client.get("/admin/").content.decode()


def test_an_editor_sees_own_drafts_and_nothing_of_the_drafts_of_others(malawi: Client) -> None:
    texts = {"text": f"{PLANTED} {FRENCH}", "publish": False}
    material_of("mw", title="Own draft", **texts)
    material_of("vn", title="Foreign draft", **texts)
    for address in ADDRESSES[:3]:
        titles = [row["Title"] for row in table_of(malawi, address)]
        assert titles == ["Own draft"], address
        html = html_of(malawi, address)
        assert "Own draft" in html
        assert "Foreign draft" not in html
    assert "Viet Nam" not in html_of(malawi, ADDRESSES[0], country="vn")


def test_what_others_published_is_shown_as_readers_see_it(malawi: Client) -> None:
    page = material_of("vn", title="As published", text=f"{PLANTED} {FRENCH}")
    page.title = "As somebody drafts it"
    page.save_revision()
    for address in ADDRESSES[:3]:
        html = html_of(malawi, address)
        assert "As published" in html
        assert "As somebody drafts it" not in html
        assert f"/admin/pages/{page.pk}/edit/" not in html
        assert page.url in html
    own = signed_in(editor_of("vn"))
    html = html_of(own, ADDRESSES[0])
    assert "As somebody drafts it" in html
    assert f"/admin/pages/{page.pk}/edit/" in html


def test_a_draft_of_others_does_not_change_what_is_said_of_their_page(malawi: Client) -> None:
    page = material_of("vn", title="Sound", text="No figures.", licence="CC-BY-4.0")
    page.licence = ""
    page.save_revision()
    assert table_of(malawi, ADDRESSES[1]) == []
    reasons = table_of(signed_in(editor_of("vn")), ADDRESSES[1])
    assert [row["Reasons"] for row in reasons] == ["no licence: en"]


def test_a_page_that_is_closed_to_an_editor_is_not_listed(malawi: Client) -> None:
    page = work(title="Closed", text=f"{PLANTED} {FRENCH}")
    PageViewRestriction.objects.create(page=page, restriction_type="password", password="secret")
    for address in ADDRESSES[:3]:
        assert table_of(malawi, address) == [], address


def test_a_programme_that_an_editor_may_not_know_of_is_not_named(malawi: Client) -> None:
    from knowledge.models import ProgrammePage

    hidden = work(ProgrammePage, title="Hidden", code="hidden-programme", publish=False)
    work(title="Open work", programme=hidden)
    html = html_of(malawi, ADDRESSES[0])
    assert "Open work" in html
    assert "hidden-programme" not in html


def test_the_menu_leads_an_editor_to_the_reports(malawi: Client) -> None:
    html = html_of(malawi, "/admin/")
    for address in ADDRESSES:
        assert address in html

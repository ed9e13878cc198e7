"""Join codes as people type them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import WorkshopPage
from knowledge.models.workshop import new_join_code
from knowledge.workshops.codes import MOST_WRONG, folded, shown_code
from knowledge.workshops.participation import is_participant, renew_code
from tests.knowledge.workshops.conftest import make_workshop

pytestmark = pytest.mark.django_db


def coded(workshop: WorkshopPage, code: str) -> None:
    WorkshopPage.objects.filter(pk=workshop.pk).update(join_code=code)


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD2345", "abcd2345", " abcd 2345 ", "ABCD-2345", "ab-cd-23-45", "ABCD‑2345", "A.B.C.D/2345",
        "ＡＢＣＤ２３４５", "abcd٢٣٤٥", "ABCD๒๓๔๕", "ABCDZ345", "8BCD2345".replace("8B", "AB"),
    ],
)  # fmt: skip
def test_a_code_may_be_typed_in_many_ways(
    client: Client, workshop: WorkshopPage, typed: str
) -> None:
    coded(workshop, "ABCD2345")
    response = client.post("/join/", {"code": typed})
    assert (response.status_code, response["Location"]) == (302, "/join/ABCD-2345")


@pytest.mark.parametrize(
    ("one", "other"), [("S", "5"), ("B", "8"), ("L", "1"), ("l", "I"), ("Q", "0")]
)
def test_letters_that_look_alike_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


def test_codes_are_shown_in_groups_and_fold_to_themselves() -> None:
    for _ in range(50):
        code = new_join_code()
        assert len(code) == 8
        assert folded(shown_code(code)) == folded(code)
        assert len(folded(code)) == 8
    assert shown_code("ABCDEFGH") == "ABCD-EFGH"


HOSTILE = [
    "", " ", "-", "ABCD234", "ABCD23456", "'; DROP TABLE", "<script>alert(1)</script>", "%00", "\x00",
    "ABCD2345\x00X", "💣" * 8, "x" * 65, "x" * 100_000, "ABCD%", "_" * 8, "../../etc", "١٢٣", "\u202eABCD",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_no_code_opens_nothing_and_says_so(
    client: Client, workshop: WorkshopPage, typed: str
) -> None:
    coded(workshop, "ABCD2345")
    response = client.post("/join/", {"code": typed})
    assert response.status_code in {400, 404}
    assert 'role="alert"' in response.content.decode()
    assert "Honey meeting" not in response.content.decode()


@pytest.mark.parametrize(
    "typed", ["ABCD234", "%27", "%3Cscript%3E", "x" * 5000, "%F0%9F%92%A3", "%00"]
)
def test_an_address_with_a_wrong_code_says_so(
    client: Client, workshop: WorkshopPage, typed: str
) -> None:
    response = client.get(f"/join/{typed}")
    assert response.status_code == 404
    assert "No workshop has this code" in response.content.decode()
    assert "<script>" not in response.content.decode()


def test_whoever_guesses_must_rest_even_with_the_right_code(
    client: Client, workshop: WorkshopPage
) -> None:
    for _ in range(MOST_WRONG):
        assert client.get("/join/WRNGWRNG").status_code == 404
    response = client.get(f"/join/{workshop.join_code}")
    assert response.status_code == 429
    assert "Honey meeting" not in response.content.decode()
    assert "quarter of an hour" in response.content.decode()
    assert client.post("/join/", {"code": workshop.join_code}).status_code == 429
    cache.clear()
    assert client.get(f"/join/{workshop.join_code}").status_code == 200


def test_an_account_is_counted_by_itself(
    client: Client, workshop: WorkshopPage, lan: User, signed_in: Callable[[User], Client]
) -> None:
    for _ in range(MOST_WRONG):
        client.get("/join/WRNGWRNG")
    hers = signed_in(lan)
    assert hers.get(f"/join/{workshop.join_code}").status_code == 200
    for _ in range(MOST_WRONG):
        hers.get("/join/WRNGWRNG")
    assert hers.post(f"/join/{workshop.join_code}").status_code == 429
    assert not is_participant(lan, workshop)


def test_behind_a_proxy_everybody_is_counted_by_themselves(
    client: Client, workshop: WorkshopPage, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for _ in range(MOST_WRONG):
        client.get("/join/WRNGWRNG", headers={"x-forwarded-for": "9.9.9.9, 192.0.2.1"})
    address = f"/join/{workshop.join_code}"
    for forwarded, status in [("192.0.2.1", 429), ("1.1.1.1, 192.0.2.1", 429), ("192.0.2.2", 200)]:
        assert client.get(address, headers={"x-forwarded-for": forwarded}).status_code == status
    assert client.get(address, headers={"x-forwarded-for": "rubbish\u00e9"}).status_code == 200


def test_right_codes_are_not_counted(client: Client, workshop: WorkshopPage) -> None:
    for _ in range(MOST_WRONG * 2):
        assert client.get(f"/join/{workshop.join_code}").status_code == 200


def test_an_old_code_opens_nothing_any_more(client: Client, workshop: WorkshopPage) -> None:
    old = workshop.join_code
    new = renew_code(workshop)
    assert new != old
    assert client.get(f"/join/{old}").status_code == 404
    assert client.get(f"/join/{new}").status_code == 200


def test_the_code_of_a_translation_is_never_asked_for(
    client: Client, workshop: WorkshopPage
) -> None:
    translation = make_workshop(language="fr", translation_of=workshop, title="Réunion")
    assert client.get(f"/join/{translation.join_code}").status_code == 404


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_workshop_the_reader_may_not_open_is_not_told_of(
    client: Client, workshop: WorkshopPage, how: str
) -> None:
    if how == "draft":
        workshop.unpublish()
    else:
        PageViewRestriction.objects.create(page=workshop, restriction_type=how)
    response = client.get(f"/join/{workshop.join_code}")
    assert response.status_code == 404
    assert "Honey meeting" not in response.content.decode()


def test_publishing_an_older_revision_keeps_code_and_group(workshop: WorkshopPage) -> None:
    from knowledge.workshops.participation import participants_group

    old = workshop.get_latest_revision()
    code, group = renew_code(workshop), participants_group(workshop)
    old.publish()
    page = WorkshopPage.objects.get(pk=workshop.pk)
    assert (page.join_code, page.participants_group) == (code, group)

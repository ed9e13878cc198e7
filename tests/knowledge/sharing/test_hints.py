"""What is noticed before sending, and materials as translations of one another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import CaseStudyPage, Country, MaterialPage
from knowledge.models.base import LICENCES
from knowledge.sharing.branches import ensure_branch
from knowledge.sharing.licences import PLAIN_WORDS
from tests.factories import work
from tests.knowledge.sharing.conftest import FIRST, SECOND, approve, begun, fresh, sent

SignIn = Callable[[User], Client]


def material(title: str, language: str = "fr", **fields: Any) -> MaterialPage:
    parent = ensure_branch(Country.objects.get(code="vn"), language)
    page = work(MaterialPage, title=title, language=language, parent=parent, **fields)
    assert isinstance(page, MaterialPage)
    return page


def test_the_same_in_another_language_is_offered_as_original(as_user: SignIn, lan: User) -> None:
    miel = material("Le miel", summary="Le miel de bambou.")
    client = as_user(lan)
    page = begun(client, title="Honey and bamboo")
    assert "Le miel" in client.get(f"/share/{page.pk}/check").content.decode()
    client.post(f"/share/{page.pk}/check", {**SECOND, "translation_of": miel.pk, "action": "keep"})
    now = fresh(page)
    assert (now.translation_key, now.is_original) == (miel.translation_key, False)
    client.post(f"/share/{page.pk}/check", {**SECOND, "translation_of": "", "action": "keep"})
    now = fresh(page)
    assert now.translation_key != miel.translation_key
    assert now.is_original


def test_a_published_translation_is_one_work_with_its_original(
    as_user: SignIn, lan: User, editor: User, ask: Any
) -> None:
    miel = material("Le miel", summary="Le miel de bambou.")
    client = as_user(lan)
    page = begun(client, title="Honey and bamboo")
    approve(as_user(editor), sent(client, page, translation_of=miel.pk))
    cards = ask("honey bamboo").cards
    assert len(cards) == 1
    assert {cards[0].language, *(one.language for one in cards[0].versions)} == {"en", "fr"}


@pytest.mark.parametrize("how", ["draft", "login"])
def test_what_the_contributor_may_not_open_is_neither_hinted_at_nor_linked(
    as_user: SignIn, lan: User, how: str
) -> None:
    secret = material("Le miel secret", summary="Le miel de bambou.", publish=how != "draft")
    if how == "login":
        restriction = PageViewRestriction.objects.create(page=secret, restriction_type="groups")
        assert not restriction.groups.exists()
    client = as_user(lan)
    page = begun(client, title="Honey and bamboo")
    html = client.post(
        f"/share/{page.pk}/check", {**SECOND, "translation_of": secret.pk, "action": "keep"}
    ).content.decode()
    assert "secret" not in html
    assert fresh(page).translation_key != secret.translation_key


def test_there_is_one_version_a_language(as_user: SignIn, lan: User) -> None:
    miel = material("Le miel", summary="Le miel de bambou.")
    material("Honey", "en", translation_of=miel)
    client = as_user(lan)
    page = begun(client, title="Honey and bamboo")
    html = client.post(
        f"/share/{page.pk}/check", {**SECOND, "translation_of": miel.pk, "action": "keep"}
    ).content.decode()
    assert "already has a version in this language" in html
    assert fresh(page).is_original


def test_a_draft_linked_and_then_moved_to_a_taken_language_stands_alone(
    as_user: SignIn, lan: User
) -> None:
    miel = material("Le miel", summary="Le miel de bambou.")
    client = as_user(lan)
    page = begun(client, title="Honey and bamboo")
    client.post(f"/share/{page.pk}/check", {**SECOND, "translation_of": miel.pk, "action": "keep"})
    client.post(f"/share/{page.pk}/check", {**SECOND, "language": "fr", "action": "keep"})
    now = fresh(page)
    assert (now.language, now.is_original) == ("fr", True)
    assert now.translation_key != miel.translation_key


def test_a_repetition_in_the_same_language_is_pointed_out(as_user: SignIn, lan: User) -> None:
    words = "Bamboo frames hold the comb of the honey bee in the hills of the north. "
    summary = (words * 3)[:380]
    work(CaseStudyPage, title="Bamboo frames", summary=summary, text=words * 3)
    client = as_user(lan)
    page = begun(client, title="Frames")
    html = client.post(
        f"/share/{page.pk}/check", {**SECOND, "summary": summary, "action": "keep"}
    ).content.decode()
    assert "Much of this text is here already:" in html


def test_every_licence_is_explained_and_has_an_address(as_user: SignIn, lan: User) -> None:
    assert set(PLAIN_WORDS) == {code for code, _name in LICENCES}
    addresses = {MaterialPage(licence=code).licence_address for code in PLAIN_WORDS}
    assert len(addresses) == len(PLAIN_WORDS)
    assert "http://rightsstatements.org/vocab/NoC-NC/1.0/" in addresses
    assert "https://creativecommons.org/licenses/by-nc-nd/4.0/" in addresses
    assert MaterialPage(licence="").licence_address == ""
    assert FIRST

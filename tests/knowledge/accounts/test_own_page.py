"""A reader's own page, what the portal hands out of them, and what is left when they go."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import models
from django.test import Client
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from knowledge.mail.outbox import queue_mail
from knowledge.models import (
    Attempt,
    CaseStudyPage,
    MaterialFile,
    MaterialPage,
    OutgoingMail,
    Participation,
    Problem,
    ReviewMessage,
    SavedBrief,
    SavedSearch,
    StoredFile,
    WorkshopPage,
)
from knowledge.people import keep_language, language_of, make_contributor, name_of
from knowledge.personal_data import AtEnd, exported, forget, holdings
from tests.factories import home_page, work
from tests.knowledge.accounts.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tree(db: None) -> None:
    home_page()


def columns_to_accounts() -> set[str]:
    """Return `app.Model.field` of every column that leads to an account."""
    user_model = get_user_model()
    return {
        f"{field.model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.related_model is user_model
        and not getattr(field.remote_field, "parent_link", False)
    }


def test_every_column_that_leads_to_an_account_is_declared() -> None:
    assert columns_to_accounts() - {one.field for one in holdings()} == set()


def test_only_columns_that_may_be_empty_are_detached() -> None:
    for one in holdings():
        label, _, name = one.field.rpartition(".")
        field: Any = apps.get_model(label)._meta.get_field(name)
        assert one.at_end is AtEnd.DELETE or field.null, one.field


def test_what_is_handed_out_are_real_columns(person: Callable[..., User]) -> None:
    user = person()
    for one in holdings():
        if one.shows:
            list(one.rows(user).values(*one.shows))


@pytest.fixture
def full(person: Callable[..., User]) -> User:
    """Somebody of whom the portal keeps something in every part that readers use."""
    user = person(first_name="An Nguyễn")
    page = work(CaseStudyPage, title="Published hives")
    Page.objects.filter(pk=page.pk).update(owner=user, locked_by=user)
    workshop = WorkshopPage(title="Forum", slug="forum", summary="A forum.")
    home_page().add_child(instance=workshop)
    workshop.organisers.set([user])
    workshop.save()
    stored = StoredFile.objects.create(
        title="Shown", file=ContentFile(b"a", "a.txt"), uploaded_by_user=user
    )
    draft = MaterialPage(title="Secret draft", slug="draft", live=False, owner=user)
    home_page().add_child(instance=draft)
    MaterialFile.objects.create(page=draft, file=stored)
    shown = MaterialPage(title="Open slides", slug="open", owner=user, credit="Office of An")
    home_page().add_child(instance=shown)
    kept = StoredFile.objects.create(
        title="Kept", file=ContentFile(b"b", "b.txt"), uploaded_by_user=user
    )
    MaterialFile.objects.create(page=shown, file=kept)
    shown.save_revision(user=user, log_action=True)
    Participation.objects.create(workshop=workshop, user=user)
    problem = Problem.objects.create(author=user, question="How to dry?", language="en")
    Attempt.objects.create(problem=problem, author=user, outcome="worked", language="en")
    ReviewMessage.objects.create(page=shown, author=user, text="Corrected.")
    SavedSearch.objects.create(user=user, query="honey", language="en")
    SavedBrief.objects.create(user=user, content={"items": []})
    Authenticator.objects.create(user=user, type="totp", data={"secret": "TOPSECRET"})
    SocialAccount.objects.create(user=user, provider="sso", uid="42")
    make_contributor(user)
    keep_language(user, "vi")
    queue_mail(key="k", recipient=user.email, subject="s", body="b")
    ModelLogEntry.objects.create(
        user=user, label="x", action="wagtail.edit", object_id=str(user.pk),
        content_type=ContentType.objects.get_for_model(User), timestamp=user.date_joined,
    )  # fmt: skip
    return user


def test_everything_is_handed_out(full: User, client: Client) -> None:
    client.force_login(full)
    response = client.get("/account/data.json")
    assert "attachment" in response.headers["Content-Disposition"]
    assert "no-store" in response.headers["Cache-Control"]
    data = json.loads(response.content)
    assert data["account"]["email"] == "an@example.org"
    assert data["account"]["language"] == "vi"
    assert {one["title"] for one in data["works"]} >= {"Published hives", "Secret draft"}
    assert data["problems"][0]["question"] == "How to dry?"
    assert data["answers_to_reviewers"][0]["text"] == "Corrected."
    # By number: it may have been renamed since it was closed to its former participants.
    assert data["workshops"][0]["workshop_id"] == WorkshopPage.objects.get(title="Forum").pk
    assert "Forum" not in json.dumps(data["workshops"])
    assert data["alerts"][0]["query"] == "honey"
    assert data["mails"][0]["about"] == "k"
    for part in (
        "addresses", "second_factors", "connected_sign_ins", "groups", "brief", "attempts", "files",
        "organised_workshops", "versions", "log_of_pages", "preferences", "locks",
    ):  # fmt: skip
        assert data[part], part
    assert "TOPSECRET" not in response.content.decode()
    assert full.password not in response.content.decode()


def test_nothing_of_others_is_handed_out(full: User, person: Callable[..., User]) -> None:
    other = exported(person("other@example.org"))
    assert set(other) == {"account", "mails", "addresses", "groups"}
    assert "an@example.org" not in str(other)


def test_after_leaving_nothing_leads_to_the_person(full: User) -> None:
    number, username = full.pk, full.username
    forget(full)
    assert not User.objects.filter(username=username).exists()
    for one in holdings():
        label, _, name = one.field.rpartition(".")
        assert not apps.get_model(label)._base_manager.filter(**{name: number}).exists(), one.field
    assert not OutgoingMail.objects.exists()
    assert not EmailAddress.objects.exists()
    assert not ModelLogEntry.objects.filter(object_id=str(number)).exists()


def test_after_leaving_published_works_stay_and_drafts_are_gone(full: User) -> None:
    draft = MaterialPage.objects.get(title="Secret draft")
    path = StoredFile.objects.get(title="Shown").file
    forget(full)
    assert not MaterialPage.objects.filter(pk=draft.pk).exists()
    assert not PageLogEntry.objects.filter(page_id=draft.pk).exists()
    assert list(StoredFile.objects.values_list("title", flat=True)) == ["Kept"]
    shown = MaterialPage.objects.get(title="Open slides")
    assert (shown.live, shown.owner, shown.credit) == (True, None, "Office of An")
    assert Page.objects.get(title="Published hives").owner is None
    assert Problem.objects.get().author is None
    assert name_of(Problem.objects.get().author) == "A participant"
    assert path.name


def test_the_new_version_of_a_published_work_goes_with_its_author(
    person: Callable[..., User],
) -> None:
    user = person()
    page = MaterialPage(title="First", slug="first", live=False, owner=user)
    home_page().add_child(instance=page)
    page.save_revision(user=user).publish()
    page = MaterialPage.objects.get()
    page.title = "Second thoughts"
    page.save_revision(user=user)
    forget(user)
    page = MaterialPage.objects.get()
    assert (page.title, page.draft_title, page.live) == ("First", "First", True)
    assert not page.has_unpublished_changes
    assert page.get_latest_revision_as_object().title == "First"
    assert page.revisions.count() == 1


def test_files_that_others_still_show_stay(person: Callable[..., User]) -> None:
    user = person()
    stored = StoredFile.objects.create(
        title="Lent", file=ContentFile(b"a", "a.txt"), uploaded_by_user=user
    )
    page = MaterialPage(title="Of another", slug="of-another", live=False)
    home_page().add_child(instance=page)
    MaterialFile.objects.create(page=page, file=stored)
    forget(user)
    stored.refresh_from_db()
    assert stored.uploaded_by_user is None


# The page.


def test_strangers_are_led_to_the_sign_in(client: Client) -> None:
    for address in ("/account/", "/account/data.json", "/account/delete"):
        assert client.get(address).headers["Location"] == f"/accounts/login/?next={address}"


def test_the_name_and_language_are_kept(person: Callable[..., User], client: Client) -> None:
    user = person()
    client.force_login(user)
    response = client.post("/account/", {"name": "  An \n Nguyễn ", "language": "th"})
    assert response.cookies["interface_language"].value == "th"
    user = User.objects.get()
    assert name_of(user) == "An Nguyễn"
    assert language_of(user) == "th"


@pytest.mark.parametrize(
    ("name", "language"), [("x" * 151, "en"), ("An", "xx"), ("An", ""), ("An\x00", "en")]
)
def test_what_does_not_fit_is_refused(
    person: Callable[..., User], client: Client, name: str, language: str
) -> None:
    client.force_login(person())
    response = client.post("/account/", {"name": name, "language": language})
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()
    assert User.objects.get().first_name == ""


def test_a_name_is_no_markup(person: Callable[..., User], client: Client) -> None:
    client.force_login(person())
    client.post("/account/", {"name": "<script>alert(1)</script>", "language": "en"})
    assert "<script>alert" not in client.get("/account/").content.decode()


def test_leaving_needs_the_password_and_a_tick(person: Callable[..., User], client: Client) -> None:
    user = person()
    client.force_login(user)
    assert client.get("/account/delete").status_code == 200
    for data in ({}, {"password": PASSWORD}, {"password": "wrong", "sure": "on"}):
        assert client.post("/account/delete", data).status_code == 200
        assert User.objects.filter(pk=user.pk).exists()
    client.post("/account/delete", {"password": PASSWORD, "sure": "on"})
    assert not User.objects.filter(pk=user.pk).exists()
    assert client.get("/account/").status_code == 302
    assert sign_in(Client()).status_code == 200


def test_the_password_cannot_be_guessed_by_leaving(
    person: Callable[..., User], client: Client
) -> None:
    user = person()
    client.force_login(user)
    for _ in range(11):
        client.post("/account/delete", {"password": "wrong", "sure": "on"})
    client.post("/account/delete", {"password": PASSWORD, "sure": "on"})
    assert User.objects.filter(pk=user.pk).exists()


def test_who_signs_in_with_an_organisation_leaves_with_a_tick(
    person: Callable[..., User], client: Client
) -> None:
    user = person()
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    client.post("/account/delete", {})
    assert User.objects.filter(pk=user.pk).exists()
    client.post("/account/delete", {"sure": "on"})
    assert not User.objects.filter(pk=user.pk).exists()


def test_the_last_administrator_stays(person: Callable[..., User], client: Client) -> None:
    user = person(is_superuser=True)
    client.force_login(user)
    client.post("/account/delete", {"password": PASSWORD, "sure": "on"})
    assert User.objects.filter(pk=user.pk).exists()
    person("second@example.org", is_superuser=True)
    client.post("/account/delete", {"password": PASSWORD, "sure": "on"})
    assert not User.objects.filter(pk=user.pk).exists()


def test_models_have_no_second_kind_of_link() -> None:
    """Many-to-many links have a table of their own, whose columns are declared."""
    user_model = get_user_model()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.many_to_many:
            if field.related_model is user_model:
                through: type[models.Model] = field.remote_field.through
                assert any(one.field.startswith(through._meta.label) for one in holdings())

"""What is old is forgotten; what was handed in or published never is."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Page, Workflow, WorkflowState

from knowledge.mail.outbox import queue_mail
from knowledge.models import MaterialFile, MaterialPage, OutgoingMail, StoredFile
from knowledge.retention import forget_old
from tests.factories import home_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _days(settings: Any) -> None:
    settings.KNOWLEDGE = settings.KNOWLEDGE | {
        "KEEP_DRAFTS_DAYS": 100, "KEEP_MAILS_DAYS": 10, "KEEP_UNCONFIRMED_ACCOUNTS_DAYS": 5,
    }  # fmt: skip


def material(slug: str, *, days: int, **fields: Any) -> MaterialPage:
    page = MaterialPage(title=slug, slug=slug, **{"live": False, **fields})
    home_page().add_child(instance=page)
    MaterialPage.objects.filter(pk=page.pk).update(changed_at=timezone.now() - timedelta(days=days))
    return page


def left() -> set[str]:
    return set(MaterialPage.objects.values_list("slug", flat=True))


def test_old_drafts_are_forgotten_with_their_files() -> None:
    old = material("old", days=101)
    material("young", days=99)
    stored = StoredFile.objects.create(title="x", file=ContentFile(b"a", "a.txt"))
    MaterialFile.objects.create(page=old, file=stored)
    assert forget_old() == 1
    assert left() == {"young"}
    assert not StoredFile.objects.exists()
    assert forget_old() == 0


def test_what_was_handed_in_or_published_stays() -> None:
    material("live", days=999, live=True)
    material("once-live", days=999, first_published_at=timezone.now())
    for status in ("in_progress", "needs_changes", "cancelled"):
        page = material(status.replace("_", "-"), days=999)
        WorkflowState.objects.create(
            workflow=Workflow.objects.create(name="w"), object_id=str(page.pk), status=status,
            base_content_type=ContentType.objects.get_for_model(Page),
            content_type=ContentType.objects.get_for_model(MaterialPage),
        )  # fmt: skip
    assert forget_old() == 0
    assert left() == {"live", "once-live", "in-progress", "needs-changes", "cancelled"}


def test_a_file_that_another_work_shows_stays() -> None:
    stored = StoredFile.objects.create(title="x", file=ContentFile(b"a", "a.txt"))
    for slug, days in (("old", 101), ("young", 1)):
        MaterialFile.objects.create(page=material(slug, days=days), file=stored)
    forget_old()
    assert StoredFile.objects.get() == stored


@pytest.mark.parametrize("sent", [True, False])
def test_old_mails_are_forgotten(sent: bool) -> None:
    for key, days in (("old", 11), ("young", 9)):
        queue_mail(key=key, recipient="a@example.org", subject="s", body="b")
        when = timezone.now() - timedelta(days=days)
        OutgoingMail.objects.filter(key=key).update(written_at=when, sent_at=when if sent else None)
    assert forget_old() == 1
    assert OutgoingMail.objects.get().key == "young"


def account(name: str, *, days: int, confirmed: bool | None = False, **fields: Any) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", "x", **fields)
    user.date_joined = timezone.now() - timedelta(days=days)
    user.save()
    if confirmed is not None:
        EmailAddress.objects.create(user=user, email=user.email, verified=confirmed, primary=True)
    return user


def test_accounts_that_were_never_confirmed_are_forgotten() -> None:
    account("old", days=6)
    account("young", days=4)
    account("confirmed", days=999, confirmed=True)
    account("made-by-an-administrator", days=999, confirmed=None)
    account("signed-in", days=999, last_login=timezone.now())
    account("editor", days=999).groups.add(Group.objects.create(name="Editors: VN"))
    assert forget_old() == 1
    assert set(User.objects.values_list("username", flat=True)) == {
        "young", "confirmed", "made-by-an-administrator", "signed-in", "editor",
    }  # fmt: skip


def test_expired_sessions_are_forgotten() -> None:
    for key, days in (("a", -1), ("b", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days)
        )
    assert forget_old() == 1
    assert Session.objects.get().session_key == "b"

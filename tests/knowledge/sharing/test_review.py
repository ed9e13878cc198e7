"""Review: who may, what they see, what happens once, and who is told."""

import datetime as dt
import email
from collections.abc import Callable
from email.policy import default
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, TaskState, Workflow, WorkflowState, WorkflowTask

from knowledge.models import (
    CaseStudyPage,
    FilePart,
    MaterialPage,
    OutgoingMail,
    ReviewTask,
)
from knowledge.people import keep_language
from knowledge.sharing.errors import Changed, Decided
from knowledge.sharing.review import decide, queue_of
from tests.factories import work
from tests.knowledge.sharing.conftest import (
    FIRST,
    approve,
    ask_changes,
    begun,
    fresh,
    person,
    sent,
)

SignIn = Callable[[User], Client]
ALL = dict.fromkeys(("source", "licence", "language", "personal_data"), True)


def waiting(page: MaterialPage) -> TaskState:
    return fresh(page).current_workflow_state.current_task_state


def subjects(to: User) -> list[str]:
    return [
        str(email.message_from_bytes(bytes(one.message), policy=default)["Subject"])
        for one in OutgoingMail.objects.filter(recipient=to.email).order_by("pk")
    ]


def text_to(to: User) -> str:
    one = OutgoingMail.objects.filter(recipient=to.email).latest("pk")
    body = email.message_from_bytes(bytes(one.message), policy=default).get_body()
    assert body is not None
    return str(body.get_content())


# Who may.


def test_editors_see_what_waits_in_their_country_only(
    as_user: SignIn, lan: User, editor: User, stranger: User
) -> None:
    page = sent(as_user(lan))
    assert FIRST["title"] in as_user(editor).get("/review/").content.decode()
    assert FIRST["title"] not in as_user(stranger).get("/review/").content.decode()
    state = waiting(page)
    for method in ("get", "post"):
        address = f"/review/{state.pk}/" + ("decide" if method == "post" else "")
        response = getattr(as_user(stranger), method)(address, {"action": "approve"})
        assert response.status_code == 404
    assert not fresh(page).live


def test_others_find_no_review_at_all(as_user: SignIn, lan: User, client: Client) -> None:
    state = waiting(sent(as_user(lan)))
    assert client.get("/review/").headers["Location"] == "/accounts/login/?next=/review/"
    # A decision is sent to an address without a page: the submission has the form.
    assert client.post("/review/7/decide").headers["Location"] == (
        "/accounts/login/?next=/review/7/"
    )
    for address in ("/review/", f"/review/{state.pk}/", "/review/999999/"):
        assert as_user(lan).get(address).status_code == 404
    assert approve(as_user(lan), fresh(MaterialPage.objects.get())).status_code == 404
    assert not MaterialPage.objects.get().live


def test_an_administrator_reviews_everywhere(as_user: SignIn, lan: User) -> None:
    page = sent(as_user(lan))
    root = User.objects.create_superuser("root", "root@example.org", "pass")
    approve(as_user(root), page)
    assert fresh(page).live


def test_the_oldest_is_first(as_user: SignIn, lan: User, editor: User) -> None:
    first = sent(as_user(lan))
    second = sent(as_user(lan), begun(as_user(lan), title="Another"))
    assert [one.page.pk for one in queue_of(editor)] == [first.pk, second.pk]
    TaskState.objects.filter(pk=waiting(second).pk).update(started_at="2020-01-01T00:00Z")
    assert [one.page.pk for one in queue_of(editor)] == [second.pk, first.pk]
    assert queue_of(editor)[0].days > 1000


# What happens.


def test_what_is_approved_is_published_and_found_at_once(
    as_user: SignIn, lan: User, editor: User, client: Client,
    titles: Callable[..., list[str]], django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    page = sent(as_user(lan))
    FilePart.objects.create(
        file=page.files.first().file, number=7, kind="slide", text="Bamboo frames hold the comb."
    )
    assert titles("honey grading") == []
    assert client.get(f"/documents/{page.files.first().file_id}/prices.csv").status_code in {
        302,
        403,
        404,
    }
    approve(as_user(editor), page)
    now = fresh(page)
    assert now.live
    assert titles("honey grading") == [FIRST["title"]]
    assert titles("bamboo frames comb") == [FIRST["title"]]
    html = client.get(now.url).content.decode()
    for words in ("Ha Giang cooperative", "CC BY 4.0", "Report", "prices", "CSV"):
        assert words in html
    assert f'href="/file/{page.pk}/{page.files.first().file_id}/7"' in html


def test_approval_needs_the_whole_checklist(as_user: SignIn, lan: User, editor: User) -> None:
    page = sent(as_user(lan))
    response = approve(as_user(editor), page, licence="")
    assert response.status_code == 200
    assert not fresh(page).live


def test_asking_for_changes_needs_words(as_user: SignIn, lan: User, editor: User) -> None:
    page = sent(as_user(lan))
    assert ask_changes(as_user(editor), page, "  ").status_code == 200
    assert fresh(page).current_workflow_state.status == WorkflowState.STATUS_IN_PROGRESS


def test_the_second_of_two_editors_is_told_what_the_first_did(
    as_user: SignIn, lan: User, editor: User
) -> None:
    page = sent(as_user(lan))
    other = person("binh", contributes=False)
    other.groups.set(editor.groups.all())
    opened, number = fresh(page), waiting(page).pk
    approve(as_user(editor), page)
    mails = OutgoingMail.objects.count()
    late = as_user(other)
    for action in ("approve", "reject"):
        answers = {"action": action, "revision": opened.latest_revision_id, "comment": "No.", **ALL}
        response = late.post(f"/review/{number}/decide", answers, follow=True)
        assert "Editor has approved it already." in response.content.decode()
    response = late.get(f"/review/{number}/", follow=True)
    assert "Editor has approved it already." in response.content.decode()
    assert (fresh(page).live, OutgoingMail.objects.count()) == (True, mails)


def test_deciding_twice_is_deciding_once(as_user: SignIn, lan: User, editor: User) -> None:
    page = sent(as_user(lan))
    number, revision = waiting(page).pk, page.latest_revision_id
    decide(editor, number, "reject", {"comment": "No."}, revision=revision)
    with pytest.raises(Decided):
        decide(editor, number, "approve", ALL, revision=revision)
    assert not fresh(page).live


def test_the_task_itself_refuses_a_stale_decision(as_user: SignIn, lan: User, editor: User) -> None:
    """Wagtail's admin asks the task with what it loaded before."""
    page = sent(as_user(lan))
    stale = waiting(page)
    ask_changes(as_user(editor), page)
    response = as_user(editor).post(
        reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", stale.pk]),
        dict.fromkeys(ALL, "on"),
    )
    assert response.status_code in {302, 403}
    assert not fresh(page).live


def test_a_text_changed_after_it_was_read_is_not_published(
    as_user: SignIn, lan: User, editor: User
) -> None:
    page = sent(as_user(lan))
    number, read = waiting(page).pk, page.latest_revision_id
    copy = fresh(page)
    copy.title = "Corrected"
    copy.save_revision(user=editor)
    with pytest.raises(Changed):
        decide(editor, number, "approve", ALL, revision=read)
    answers = {"action": "approve", "revision": read, **ALL}
    html = as_user(editor).post(f"/review/{number}/decide", answers, follow=True).content.decode()
    assert "Please read it again." in html
    assert "Corrected" in html


def test_withdrawn_while_a_reviewer_reads(as_user: SignIn, lan: User, editor: User) -> None:
    page = sent(as_user(lan))
    number, revision = waiting(page).pk, page.latest_revision_id
    as_user(lan).post(f"/share/{page.pk}/withdraw")
    with pytest.raises(Decided):
        decide(editor, number, "approve", ALL, revision=revision)
    html = as_user(editor).get(f"/review/{number}/", follow=True).content.decode()
    assert "It was withdrawn, or published in another way." in html


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "publish"},
        {"action": ""},
        {"action": "approve", "revision": "x"},
        {"action": "approve", "revision": "9" * 40, **ALL},
        {"action": "reject", "comment": "\x00" + "x" * 99999},
    ],
)
def test_hostile_decisions_get_an_answer_and_decide_nothing(
    as_user: SignIn, lan: User, editor: User, fields: dict[str, Any]
) -> None:
    page = sent(as_user(lan))
    response = as_user(editor).post(f"/review/{waiting(page).pk}/decide", fields)
    assert response.status_code in {200, 302, 404}
    assert waiting(page).status == TaskState.STATUS_IN_PROGRESS


# The same in Wagtail's admin.


def test_an_editor_enters_the_admin_and_only_their_branch(
    as_user: SignIn, lan: User, editor: User, stranger: User
) -> None:
    page = sent(as_user(lan))
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert as_user(editor).get(edit).status_code == 200
    assert as_user(stranger).get(edit).status_code != 200
    case = work(CaseStudyPage)
    other = reverse("wagtailadmin_pages:edit", args=[case.pk])
    assert as_user(editor).get(other).status_code != 200
    assert as_user(lan).get(edit).status_code != 200


def test_the_admin_says_since_when_the_oldest_waits(
    as_user: SignIn, lan: User, editor: User
) -> None:
    """In the editor's language, which Django need not know."""
    state = waiting(sent(as_user(lan)))
    started = timezone.now() - dt.timedelta(days=3, hours=2)
    TaskState.objects.filter(pk=state.pk).update(started_at=started)
    keep_language(editor, "sw")
    assert "siku 3" in as_user(editor).get("/admin/").content.decode()


def test_approval_in_the_admin_publishes_and_tells_too(
    as_user: SignIn, lan: User, editor: User
) -> None:
    page = sent(as_user(lan))
    address = reverse(
        "wagtailadmin_pages:workflow_action", args=[page.pk, "approve", waiting(page).pk]
    )
    as_user(editor).post(address, dict.fromkeys(ALL, "on"))
    assert fresh(page).live
    assert subjects(lan)[-1] == f"Published: {FIRST['title']}"


def test_publishing_past_the_review_tells_the_contributor_once(
    as_user: SignIn, lan: User, editor: User
) -> None:
    page = sent(as_user(lan))
    page.get_latest_revision().publish(user=editor)
    assert [one for one in subjects(lan) if one.startswith("Published")] == [
        f"Published: {FIRST['title']}"
    ]
    assert queue_of(editor) == []


# Who is told.


def test_each_step_sends_one_mail_to_whom_it_concerns(
    as_user: SignIn, lan: User, editor: User, stranger: User
) -> None:
    title = FIRST["title"]
    page = sent(as_user(lan))
    assert subjects(editor) == [f"To review: {title}"]
    assert f"/review/{waiting(page).pk}/" in text_to(editor)
    ask_changes(as_user(editor), page)
    assert subjects(lan) == [f"Please change: {title}"]
    assert "Say the year." in text_to(lan)
    sent(as_user(lan), page, answer="It was 2025.")
    assert subjects(editor) == [f"To review: {title}", f"Sent again: {title}"]
    assert "It was 2025." in text_to(editor)
    approve(as_user(editor), fresh(page))
    assert subjects(lan) == [f"Please change: {title}", f"Published: {title}"]
    portal = settings.WAGTAILADMIN_BASE_URL  # not what the row of the site says
    assert f"{portal}{fresh(page).url}\n" in text_to(lan)
    assert subjects(stranger) == []
    assert mail.outbox == []
    assert OutgoingMail.objects.count() == 4


def test_where_a_country_has_no_editor_administrators_are_told(as_user: SignIn, lan: User) -> None:
    root = User.objects.create_superuser("root", "root@example.org", "pass")
    sent(as_user(lan))
    assert subjects(root) == [f"To review: {FIRST['title']}"]


def test_a_title_cannot_break_out_of_the_subject(as_user: SignIn, lan: User, editor: User) -> None:
    page = begun(as_user(lan), title="Honey\r\nBcc: evil@example.org")
    sent(as_user(lan), page)
    one = email.message_from_bytes(
        bytes(OutgoingMail.objects.get(recipient=editor.email).message), policy=default
    )
    assert one["Bcc"] is None


def test_other_workflows_keep_wagtails_notifications(editor: User, lan: User) -> None:
    """Only materials have mails of their own."""
    page = work(CaseStudyPage, publish=False)
    page.save_revision()
    task = ReviewTask.objects.create(name="Other")
    task.groups.add(Group.objects.get(name="Editors: VN"))
    workflow = Workflow.objects.create(name="Other")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    workflow.start(Page.objects.get(pk=page.pk).specific, lan)
    assert len(mail.outbox) + OutgoingMail.objects.filter(recipient=editor.email).count() >= 1
    assert not OutgoingMail.objects.filter(key__startswith="review/").exists()

"""The mail about an answer: who gets it, what it says, how it is stopped."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.board.posting import stop_token
from knowledge.models import Attempt, CaseStudyPage, OutgoingMail, Problem
from knowledge.people import keep_language
from tests.factories import work
from tests.knowledge.board.people import asked, client_of, html, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def mai() -> User:
    return person("mai")


@pytest.fixture
def joe() -> User:
    return person("joe")


def answer(user: User, problem: Problem, **fields: Any) -> None:
    fields = {"outcome": "failed", "comment": "Smoke it twice.", **fields}
    assert client_of(user).post(f"/board/{problem.pk}/answer", fields).status_code == 302


def mails() -> list[EmailMessage]:
    rows = OutgoingMail.objects.all()
    return [message_from_bytes(bytes(row.message), policy=policy.default) for row in rows]  # type: ignore[arg-type]


def body_of(mail: EmailMessage) -> str:
    return str(mail.get_content())


def test_the_author_is_told_of_each_answer_once(mai: User, joe: User) -> None:
    problem = asked(mai, "Why mould?")
    answer(joe, problem)
    (mail,) = mails()
    assert mail["To"] == "mai@example.org"
    assert mail["Subject"] == "An answer to your question: Why mould?"
    body = body_of(mail)
    for told in ("Joe answered", "It failed", "Smoke it twice.", f"/board/{problem.pk}\n"):
        assert told in body
    assert "joe@example.org" not in str(mail)
    answer(joe, problem)
    assert [row.key for row in OutgoingMail.objects.all()] == [
        f"board/attempt/{attempt.pk}" for attempt in Attempt.objects.order_by("pk")
    ]


def test_a_mail_is_worded_for_its_reader_not_for_who_answered(mai: User, joe: User) -> None:
    User.objects.filter(pk=joe.pk).update(first_name="")
    keep_language(mai, "en")
    client = client_of(joe)
    client.cookies["interface_language"] = "fr"
    client.post(f"/board/{asked(mai).pk}/answer", {"outcome": "worked", "comment": "ok"})
    (mail,) = mails()
    assert "A participant answered your question" in body_of(mail)
    assert "joe" not in str(mail).lower()


@pytest.mark.parametrize("how", ["own", "nobody", "inactive", "off"])
def test_nobody_is_told_who_wrote_it_or_left_or_wants_no_mail(
    mai: User, joe: User, how: str
) -> None:
    problem = asked(None if how == "nobody" else mai, tells_author=how != "off")
    if how == "inactive":
        mai.is_active = False
        mai.save()
    answer(mai if how == "own" else joe, problem)
    assert mails() == []


def test_no_mail_tells_of_a_work_that_its_reader_may_not_open(mai: User, joe: User) -> None:
    page, group = work(CaseStudyPage, title="Secret dryer"), Group.objects.create(name="In")
    PageViewRestriction.objects.create(page=page, restriction_type="groups").groups.add(group)
    joe.groups.add(group)
    problem = asked(mai)
    answer(joe, problem, work=str(page.pk))
    assert mails() == []
    mai.groups.add(group)
    answer(joe, problem, work=str(page.pk))
    assert len(mails()) == 1


def test_a_question_cannot_begin_another_header(mai: User, joe: User) -> None:
    answer(joe, asked(mai, "Why?\r\nBcc: all@example.org"))
    (mail,) = mails()
    assert mail["Bcc"] is None
    assert mail["Subject"] == "An answer to your question: Why?"


def test_mails_stop_by_the_link_without_signing_in(mai: User, joe: User) -> None:
    problem = asked(mai)
    answer(joe, problem)
    (mail,) = mails()
    link = f"/board/stop/{stop_token(problem)}"
    assert link in body_of(mail)
    assert mail["List-Unsubscribe"].endswith(f"{link}>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stranger = Client(enforce_csrf_checks=True)
    assert "Send me no more mails" in html(stranger, link)
    problem.refresh_from_db()
    assert problem.tells_author  # a mail program that looks ahead stops nothing
    assert stranger.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    answer(joe, problem)
    assert len(mails()) == 1


@pytest.mark.parametrize("token", ["x", "1:x", "1", "9" * 400, "%00", "<b>:x"])
def test_a_link_that_is_none_stops_nothing(mai: User, token: str) -> None:
    problem = asked(mai)
    assert client_of(mai).post(f"/board/stop/{token}").status_code == 404
    assert Problem.objects.get(pk=problem.pk).tells_author


def test_the_link_of_a_deleted_question_is_a_404(mai: User) -> None:
    problem = asked(mai)
    link = f"/board/stop/{stop_token(problem)}"
    problem.delete()
    html(client_of(None), link, status=404)

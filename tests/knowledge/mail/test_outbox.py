from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction

from knowledge.mail import outbox
from knowledge.mail.backend import OutboxBackend
from knowledge.mail.delivery import deliver
from knowledge.models import OutgoingMail

pytestmark = pytest.mark.django_db


def queue(key: str = "one", **changed: Any) -> bool:
    values = {"recipient": "lan@example.org", "subject": "Xin chào", "body": "Mật ong\n"} | changed
    return outbox.queue_mail(key=key, **values)


def test_a_mail_goes_out_as_it_was_written(mailoutbox: list[Any]) -> None:
    assert queue(headers={"List-Unsubscribe": "<https://example.org/stop>"})
    assert mailoutbox == []
    assert deliver() == 1
    (mail,) = mailoutbox
    assert (mail.subject, mail.body, mail.to) == ("Xin chào", "Mật ong\n", ["lan@example.org"])
    written = mail.message()
    assert written["List-Unsubscribe"] == "<https://example.org/stop>"
    assert written.get_content_charset() == "utf-8"
    assert "Village Knowledge Portal" in mail.from_email
    assert deliver() == 0


def test_one_key_is_one_mail() -> None:
    assert queue()
    assert not queue(subject="Again")
    assert OutgoingMail.objects.count() == 1


def test_a_mail_is_undone_with_what_caused_it() -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(
    "hostile",
    [
        "News\r\nBcc: victim@example.org",
        "News\nBcc: victim@example.org\n\nBody",
        "News\x0bBcc: victim@example.org",
        "News\u2028Bcc: victim@example.org",
        "News\x85Bcc: victim@example.org",
        "News\r\n\r\n<html>",
    ],
)
def test_nothing_typed_becomes_a_header_field(hostile: str, mailoutbox: list[Any]) -> None:
    assert queue(subject=hostile, headers={"List-Id": hostile})
    deliver()
    (mail,) = mailoutbox
    message = mail.message()
    assert message["Bcc"] is None
    assert "\n" not in mail.subject
    head = mail.message().as_bytes().partition(b"\n\n")[0]
    assert b"\nBcc:" not in head
    assert mail.recipients() == ["lan@example.org"]


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example"]
)
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    assert not queue(recipient=address)
    assert OutgoingMail.objects.count() == 0


def test_mail_of_django_goes_the_same_way_one_row_a_recipient(mailoutbox: list[Any]) -> None:
    mail = EmailMultiAlternatives(
        "Both", "Words", to=["a@example.org", "B <b@example.org>"], bcc=["c@example.org"]
    )
    mail.attach_alternative("<p>Words</p>", "text/html")
    assert OutboxBackend().send_messages([mail]) == 1
    assert mail.to == ["a@example.org", "B <b@example.org>"]  # the caller's own stays as it was
    rows = list(OutgoingMail.objects.values_list("recipient", flat=True))
    assert rows == ["a@example.org", "b@example.org", "c@example.org"]
    assert deliver() == 3
    for sent in mailoutbox:
        assert len(sent.to) == 1
        others = {"a@example.org", "b@example.org", "c@example.org"} - set(sent.to)
        assert not any(other.encode() in sent.message().as_bytes() for other in others)
        assert sent.body == "Words"
        assert b"text/html" in sent.message().as_bytes()


def test_the_project_sends_through_the_outbox() -> None:
    import portal.settings.base as base

    assert base.EMAIL_BACKEND == "knowledge.mail.backend.OutboxBackend"
    assert "outbox" not in base.MAIL_DELIVERY_BACKEND


def test_sending_with_that_backend_writes_a_row(settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_BACKEND = "knowledge.mail.backend.OutboxBackend"
    send_mail("Hello", "Body", None, ["a@example.org"])
    assert mailoutbox == []
    assert OutgoingMail.objects.get().recipient == "a@example.org"


@pytest.fixture
def template(tmp_path: Path, settings: Any) -> None:
    directory = tmp_path / "knowledge" / "mail"
    directory.mkdir(parents=True)
    (directory / "greeting.txt").write_text(
        "{% load i18n %}{% translate 'Search' %}: {{ title }}\n\nRead {{ base_url }}{{ path }}"
    )
    changed = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    settings.TEMPLATES = changed


def test_a_template_is_worded_in_the_readers_language(
    template: None, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    monkeypatch.setattr("knowledge.mail.outbox.language_of", lambda user: "vi")
    user = User.objects.create_user("lan", "lan@example.org")
    given = {"title": 'Cà phê & <mật> "ong"', "path": "/vi/", "why": "Because."}
    assert outbox.queue_template(key="k", user=user, template="greeting", context=given)
    deliver()
    (mail,) = mailoutbox
    assert mail.subject == 'Tìm kiếm: Cà phê & <mật> "ong"'
    first, foot = mail.body.split("\n\n-- \n")
    assert first == "Read http://127.0.0.1:8000/vi/"
    assert foot.splitlines()[-1] == "Because."
    assert "Village Knowledge Portal" not in foot  # its name in Vietnamese


def test_an_account_without_an_address_gets_none(
    template: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.mail.outbox.language_of", lambda user: "en")
    user = User.objects.create_user("nobody", "")
    assert not outbox.queue_template(key="k", user=user, template="greeting", context={})

import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from knowledge.mail import delivery
from knowledge.mail.outbox import queue_mail
from knowledge.models import OutgoingMail

pytestmark = pytest.mark.django_db


class Carrier(BaseEmailBackend):
    """Does what the test says."""

    faults: list[Exception] = []
    refuses_connection = False
    carried: list[str] = []

    def open(self) -> None:
        if type(self).refuses_connection:
            raise ConnectionRefusedError("nobody listens")

    def send_messages(self, messages: Any) -> int:
        if type(self).faults:
            raise type(self).faults.pop(0)
        type(self).carried += [message.to[0] for message in messages]
        return len(messages)


@pytest.fixture
def carrier(settings: Any) -> type[Carrier]:
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Carrier"
    Carrier.faults, Carrier.carried, Carrier.refuses_connection = [], [], False
    return Carrier


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Move the clock on."""
    passed = timedelta()

    def move(**by: int) -> None:
        nonlocal passed
        passed += timedelta(**by)
        now = timezone.now() + passed
        monkeypatch.setattr(delivery.timezone, "now", lambda: now)

    real = timezone.now
    monkeypatch.setattr(delivery, "timezone", type("Clock", (), {"now": staticmethod(real)}))
    return move


def queue(key: str = "k", recipient: str = "a@example.org") -> None:
    assert queue_mail(key=key, recipient=recipient, subject="S", body="B")


def test_a_fault_before_the_handing_over_is_tried_again_later(
    carrier: type[Carrier], later: Callable[..., None]
) -> None:
    queue()
    carrier.refuses_connection = True
    assert delivery.deliver() == 0
    row = OutgoingMail.objects.get()
    assert (row.attempts, row.sent_at) == (1, None)
    assert "nobody listens" in row.error
    carrier.refuses_connection = False
    assert delivery.deliver() == 0  # not at once
    later(minutes=6)
    assert delivery.deliver() == 1
    assert carrier.carried == ["a@example.org"]
    assert not delivery.mails_in_doubt()


def test_pauses_grow_and_it_is_given_up_in_the_end(
    carrier: type[Carrier], later: Callable[..., None]
) -> None:
    queue()
    carrier.refuses_connection = True
    tries, minutes = 0, 0
    while minutes < 60 * 24 * 4:
        before = OutgoingMail.objects.get().attempts
        delivery.deliver()
        tries += OutgoingMail.objects.get().attempts - before
        later(minutes=60)
        minutes += 60
    assert tries == delivery.MOST_ATTEMPTS
    assert [row.key for row in delivery.mails_given_up()] == ["k"]
    carrier.refuses_connection = False
    assert delivery.deliver() == 0
    assert delivery.send_again("k")
    assert delivery.deliver() == 1


@pytest.mark.parametrize(
    ("fault", "for_good"),
    [
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPDataError(554, b"no"), True),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (450, b"busy")}), False),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"unknown")}), True),
        (smtplib.SMTPSenderRefused(553, b"no", "x"), True),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), True),
    ],
)
def test_what_the_server_refuses_is_known_not_to_have_left(
    carrier: type[Carrier], later: Callable[..., None], fault: Exception, for_good: bool
) -> None:
    queue()
    carrier.faults = [fault]
    delivery.deliver()
    assert delivery.mails_given_up().exists() is for_good
    later(minutes=20)
    assert not delivery.mails_in_doubt()
    assert delivery.deliver() == (not for_good)


def test_one_refused_mail_does_not_keep_the_next(carrier: type[Carrier]) -> None:
    queue("first", "gone@example.org")
    queue("second", "here@example.org")
    carrier.faults = [smtplib.SMTPRecipientsRefused({"gone@example.org": (550, b"unknown")})]
    assert delivery.deliver() == 1
    assert carrier.carried == ["here@example.org"]


@pytest.mark.parametrize("fault", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("slow")])
def test_a_connection_that_breaks_while_sending_leaves_a_mail_in_doubt(
    carrier: type[Carrier], later: Callable[..., None], fault: Exception
) -> None:
    queue()
    carrier.faults = [fault]
    assert delivery.deliver() == 0
    assert not delivery.mails_in_doubt()  # another process might be at it
    later(days=30)
    assert [row.key for row in delivery.mails_in_doubt()] == ["k"]
    assert delivery.deliver() == 0  # never by itself
    assert delivery.send_again("k")
    assert delivery.deliver() == 1
    assert not delivery.send_again("k")


def test_a_claimed_mail_is_not_taken_by_another(carrier: type[Carrier]) -> None:
    queue()
    (mine,) = delivery.due_mails()
    (theirs,) = delivery.due_mails()
    assert delivery._claim(mine)
    assert not delivery._claim(theirs)
    assert delivery.deliver() == 0


def test_a_mail_that_cannot_be_written_does_not_stop_the_others(
    carrier: type[Carrier], caplog: pytest.LogCaptureFixture
) -> None:
    OutgoingMail.objects.create(
        key="broken", recipient="a@example.org", message=b"X-Compose: unknown\n\n{}"
    )
    queue("good")
    assert delivery.deliver() == 1
    assert [row.key for row in delivery.mails_given_up()] == ["broken"]


def test_at_most_so_many_at_a_time_oldest_first(carrier: type[Carrier]) -> None:
    for number in range(3):
        queue(f"k{number}", f"{number}@example.org")
    assert delivery.deliver(limit=2) == 2
    assert carrier.carried == ["0@example.org", "1@example.org"]

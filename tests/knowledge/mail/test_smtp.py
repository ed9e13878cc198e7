"""What a mail server gets to see, byte by byte."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest

from knowledge.mail.delivery import deliver
from knowledge.mail.outbox import queue_mail
from knowledge.models import OutgoingMail

pytestmark = pytest.mark.django_db


class Server(socketserver.ThreadingTCPServer):
    """Speaks as much of RFC 5321 as smtplib asks for."""

    daemon_threads = True
    given: list[tuple[list[str], bytes]]
    answer = "250 taken"


class Conversation(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        recipients: list[str] = []
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                recipients.append(line)
            if verb == "DATA":
                self.say("354 go on")
                self.server.given.append((recipients, self.read()))
                self.say(self.server.answer)
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 8BITMIME" if verb == "EHLO" else "250 yes")

    def read(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Conversation) as made:
        made.given = []
        threading.Thread(target=made.serve_forever, daemon=True).start()
        settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = made.server_address
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield made
        made.shutdown()


def test_a_server_gets_the_mail_whole_with_its_own_line_ends(server: Server) -> None:
    body = "Mật ong từ rừng\n.\nน้ำผึ้ง\n" + "x" * 2000 + "\nعسل"
    queue_mail(key="k", recipient="lan@example.org", subject="Tin mới: mật ong 🍯", body=body)
    assert deliver() == 1
    ((recipients, written),) = server.given
    assert [line.casefold() for line in recipients] == ["rcpt to:<lan@example.org>"]
    assert b"\n" not in written.replace(b"\r\n", b"")
    mail = message_from_bytes(written, policy=policy.default)
    assert mail["Subject"] == "Tin mới: mật ong 🍯"
    assert mail["To"] == "lan@example.org"
    assert mail.get_content().replace("\r\n", "\n").strip() == body.replace("\n.\n", "\n..\n")


def test_a_server_that_puts_it_off_gets_it_again_later(server: Server) -> None:
    server.answer = "451 later"
    queue_mail(key="k", recipient="lan@example.org", subject="S", body="B")
    assert deliver() == 0
    row = OutgoingMail.objects.get()
    assert (row.attempts, row.sent_at) == (1, None)
    assert "later" in row.error


def test_a_server_that_is_not_there_is_asked_once_a_round(server: Server, settings: Any) -> None:
    server.shutdown()
    server.server_close()
    for number in range(3):
        queue_mail(key=str(number), recipient="lan@example.org", subject="S", body="B")
    assert deliver() == 0
    assert list(OutgoingMail.objects.values_list("attempts", flat=True)) == [1, 0, 0]

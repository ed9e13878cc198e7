"""What is in the outbox, and what became of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.mail.delivery import (
    due_mails,
    mails_given_up,
    mails_in_doubt,
    mails_put_off,
    mails_unsent,
    send_again,
)
from knowledge.models import OutgoingMail
from knowledge.work import seconds_since_beat

_MOST_SHOWN = 50


class Command(BaseCommand):
    """Show mails that were put off, are in doubt or were given up; send one of the last two again."""

    help = "Show what is in the outbox; --resend KEY sends one mail again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--resend", metavar="KEY", help="a mail in doubt or given up, to be sent once more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = options["resend"]
        if key is not None:
            if not send_again(key):
                raise CommandError(f"No mail with the key {key} is in doubt or given up.")
            self.stdout.write(f"{key} will be sent by the worker.")
            return
        self._show()

    def _show(self) -> None:
        sent = OutgoingMail.objects.filter(sent_at__isnull=False).count()
        unsent = mails_unsent().count()
        seconds = seconds_since_beat()
        beat = "never" if seconds is None else f"{seconds:.0f} s ago"
        self.stdout.write(
            f"sent: {sent}, not sent: {unsent}, of these due now: {due_mails().count()}"
        )
        self.stdout.write(f"a worker was last seen: {beat}")
        self._list("put off and tried again", mails_put_off())
        self._list("in doubt (sent or not, nobody knows)", mails_in_doubt())
        self._list("given up", mails_given_up())

    def _list(self, title: str, mails: Any) -> None:
        self.stdout.write(f"{title}: {mails.count()}")
        for mail in mails.order_by("pk")[:_MOST_SHOWN]:
            self.stdout.write(f"  {mail.key}  {mail.written_at:%Y-%m-%d %H:%M}  {mail.error}")

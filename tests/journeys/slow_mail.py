"""A mail carrier for the journeys that takes its time: what it was given stands in a file."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class SlowCarrier(BaseEmailBackend):
    """Writes "begun", waits, writes "carried": one line each, by recipient and subject."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            message.message()
            self._note("begun", message)
            time.sleep(float(os.environ.get("CARRIER_SECONDS", "0.05")))
            self._note("carried", message)
            time.sleep(float(os.environ.get("CARRIER_SECONDS", "0.05")))
        return len(email_messages)

    def _note(self, what: str, message: EmailMessage) -> None:
        line = f"{what}\t{message.to[0]}\t{message.subject}\n".encode()
        descriptor = os.open(
            Path(os.environ["PORTAL_VAR_DIR"]) / "carried", os.O_CREAT | os.O_APPEND | os.O_WRONLY
        )
        os.write(descriptor, line)
        os.close(descriptor)

"""Django's mail goes the same way: what allauth and Wagtail send is put into the outbox."""

import copy
import uuid
from collections.abc import Sequence
from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from knowledge.mail.outbox import queue_message


class OutboxBackend(BaseEmailBackend):
    """Writes rows in the current transaction; each recipient gets a mail of their own."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Put mails into the outbox; return how many were given."""
        for message in email_messages:
            for recipient in dict.fromkeys(message.recipients()):
                own = copy.copy(message)
                own.to, own.cc, own.bcc = [parseaddr(recipient)[1] or recipient], [], []
                queue_message(own, key=f"django/{uuid.uuid4()}")
        return len(email_messages)

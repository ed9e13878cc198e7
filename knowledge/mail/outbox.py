"""The door to mail: a row in the transaction that causes the mail, so that neither is without the other.

`manage.py work` delivers what is in the outbox (`knowledge.mail.delivery`). Every row is one mail to
one recipient; nobody learns who else got it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template import Context
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext as _

from knowledge.mail.delivery import deliver
from knowledge.models import OutgoingMail
from knowledge.people import language_of

__all__ = [
    "compose_template", "deliver", "portal_address", "queue_composed", "queue_mail", "queue_template",
]  # fmt: skip

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_LONGEST_SUBJECT = 200
COMPOSE_HEADER = "X-Compose"
"""Of a row that is written only when it is delivered; names who writes it."""


def queue_mail(
    *,
    key: str,
    recipient: str,
    subject: str,
    body: str,
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Put a mail into the outbox, in the current transaction.

    Args:
        key: What it is about, at most 200 characters; one key is one mail.
        recipient: One address.
        subject: Line breaks and control characters in it become spaces.
        body: Text.
        headers: Further header fields (RFC 5322), treated as the subject is.

    Returns:
        False when that key was queued before, or the address is none.
    """
    message = written(recipient=recipient, subject=subject, body=body, headers=headers)
    return queue_message(message, key=key)


def queue_template(
    *,
    key: str,
    user: AbstractBaseUser,
    template: str,
    context: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Put a mail to a person into the outbox, in the language that they read.

    Args:
        key: As `queue_mail`.
        user: Who gets it; their address is used, and shown to nobody.
        template: Name of `knowledge/mail/<name>.txt`; its first line is the subject. In it are
            `context`, `base_url` (address of the portal, without a last slash) and `user`.
        context: May have `why`, words (also lazy ones) that say why the mail is sent.
        headers: As `queue_mail`.
    """
    subject, body = compose_template(template, context, user=user, language=language_of(user))
    recipient = str(getattr(user, "email", ""))
    return queue_mail(key=key, recipient=recipient, subject=subject, body=body, headers=headers)


def queue_composed(*, key: str, recipient: str, composer: str, content: Mapping[str, Any]) -> bool:
    """Put a mail into the outbox that is worded when it is delivered, by what is so then.

    Args:
        key: As `queue_mail`.
        recipient: One address.
        composer: Name of one of `knowledge.mail.delivery.COMPOSERS`.
        content: What the composer needs, as JSON.
    """
    headers = {COMPOSE_HEADER: composer}
    message = written(recipient=recipient, subject="", body=json.dumps(content), headers=headers)
    return queue_message(message, key=key)


def compose_template(
    template: str, context: Mapping[str, object], *, user: AbstractBaseUser, language: str
) -> tuple[str, str]:
    """Return (subject, body) of a mail in a language, with the lines that every mail ends with."""
    with translation.override(language):
        values = {
            "why": _("You get this mail because you have an account there."),
            **context,
            "user": user,
            "base_url": portal_address(),
        }
        subject, _newline, body = _as_text(f"knowledge/mail/{template}.txt", values).partition("\n")
        foot = _as_text("knowledge/mail/foot.txt", values)
    return subject.strip(), f"{body.strip()}\n\n-- \n{foot.strip()}\n"


def portal_address(path: str = "") -> str:
    """Return the whole address of a path of the portal, for a mail: no request says where it is."""
    base = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    return urljoin(f"{base}/", path) if path else base


def _as_text(name: str, values: Mapping[str, object]) -> str:
    """Return a template filled in; a mail is no HTML, so nothing is escaped."""
    template: Any = get_template(name)
    text: str = template.template.render(Context(dict(values), autoescape=False))
    return text.lstrip()


def written(
    *,
    recipient: str,
    subject: str,
    body: str,
    headers: Mapping[str, str] | None = None,
    from_email: str | None = None,
) -> EmailMessage:
    """Return a mail to one recipient whose header fields are one line each."""
    return EmailMessage(
        subject=one_line(subject)[:_LONGEST_SUBJECT],
        body=body,
        from_email=from_email,
        to=[one_line(recipient)],
        headers={name: one_line(value) for name, value in (headers or {}).items()},
    )


def one_line(value: str) -> str:
    """Return a value without what could begin another header field."""
    return " ".join(_BREAKS.sub(" ", str(value)).split())


def queue_message(message: EmailMessage, *, key: str) -> bool:
    """Put a mail to one recipient into the outbox; return False if its key is there already."""
    (recipient,) = message.to
    try:
        validate_email(recipient)
    except ValidationError:
        return False  # an account without an address, or something that is none
    row = OutgoingMail(key=key, recipient=recipient, message=message.message().as_bytes())
    if OutgoingMail.objects.filter(key=key).exists():
        return False
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another process was as quick
        return False
    return True

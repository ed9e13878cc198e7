"""From the outbox to whoever carries mail (`MAIL_DELIVERY_BACKEND`). Never twice.

A mail is claimed, the claim is committed, it is handed over, and then it is noted as sent. Whether a
mail of a process that died in between has left cannot be known: it is *in doubt*, reported, and sent
again only when a person says so (`manage.py mail_status --resend KEY`). A fault before or at the
handing over is known to have sent nothing; such a mail is tried again, later each time.

States of a row, by its columns:

- waiting: not claimed
- to be tried again: claimed at the last try, `error` says what failed, fewer than `MOST_ATTEMPTS`
- given up: the same with all attempts used, or refused for good
- in doubt: claimed, no `error`, not sent
"""

import json
import logging
import smtplib
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.message import Message

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from embeddings.errors import EncoderUnavailable
from knowledge.mail.stored import StoredMail, parsed
from knowledge.models import OutgoingMail

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 7
_FIRST_PAUSE = timedelta(minutes=5)
"""Each further pause is three times as long: the last try is after about 30 hours."""
DOUBT_AFTER = timedelta(minutes=10)
"""How long handing over one mail may take at most, `EMAIL_TIMEOUT` included."""
COMPOSERS: Mapping[str, str] = {"alert": "knowledge.alerts.mails.compose"}
"""Name → function from what was queued to the mail, or to None where there is nothing to say now."""
Composer = Callable[[Mapping[str, object]], EmailMessage | None]


class _UnreachableError(Exception):
    """The mail server cannot be reached, for this mail as for the next."""


def deliver(limit: int = 20) -> int:
    """Hand over what is due; return how many mails were sent. Several processes may do so at once."""
    sent = 0
    for row in list(due_mails()[:limit]):
        try:
            sent += _deliver_one(row)
        except _UnreachableError:
            break
    return sent


def due_mails() -> QuerySet[OutgoingMail]:
    """Return the mails to be handed over now, oldest first."""
    now = timezone.now()
    due = Q(claimed_at=None)
    for attempts in range(1, MOST_ATTEMPTS):
        pause = _FIRST_PAUSE * 3 ** (attempts - 1)
        due |= Q(attempts=attempts, claimed_at__lte=now - pause) & ~Q(error="")
    return OutgoingMail.objects.filter(due, sent_at=None).order_by("pk")


def mails_in_doubt() -> QuerySet[OutgoingMail]:
    """Return mails of which nobody knows whether they have left."""
    before = timezone.now() - DOUBT_AFTER
    return OutgoingMail.objects.filter(sent_at=None, error="", claimed_at__lt=before)


def mails_put_off() -> QuerySet[OutgoingMail]:
    """Return mails that could not be sent yet and are tried again."""
    return OutgoingMail.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).exclude(error="")


def mails_unsent() -> QuerySet[OutgoingMail]:
    """Return all that has not left: due, put off, in doubt or given up."""
    return OutgoingMail.objects.filter(sent_at=None)


def mails_given_up() -> QuerySet[OutgoingMail]:
    """Return mails that could not be sent."""
    unsent = OutgoingMail.objects.filter(sent_at=None, attempts__gte=MOST_ATTEMPTS)
    return unsent.exclude(error="")


def send_again(key: str) -> bool:
    """Let a mail that is in doubt or given up be sent as if it were new; return False if none is."""
    stuck = (mails_in_doubt() | mails_given_up()).filter(key=key)
    return bool(stuck.update(claimed_at=None, attempts=0, error=""))


def _deliver_one(row: OutgoingMail) -> bool:
    """Claim and hand over one mail; return True if it was sent."""
    try:
        mail = _mail_of(row)
    except EncoderUnavailable:
        return False  # it waits, like the pages that wait to be indexed
    except Exception:  # one broken mail must not keep the others
        logger.exception("Mail %s cannot be written.", row.key)
        if _claim(row):
            _note_fault(row, "cannot be written", for_good=True)
        return False
    if mail is None:
        OutgoingMail.objects.filter(pk=row.pk, sent_at=None, claimed_at=row.claimed_at).delete()
        return False
    connection = get_connection(settings.MAIL_DELIVERY_BACKEND)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as fault:
        if _claim(row):
            _note_fault(row, _words(fault))
        raise _UnreachableError from fault
    try:
        return _claim(row) and _hand_over(row, mail, connection)
    finally:
        _close(connection)


def _mail_of(row: OutgoingMail) -> EmailMessage | None:
    """Return the mail as it goes out; one that is worded at delivery is worded now."""
    message = parsed(bytes(row.message))
    composer = message["X-Compose"]
    if composer is None:
        return StoredMail(message, recipient=row.recipient)
    compose: Composer = import_string(COMPOSERS[composer])
    return compose(json.loads(_payload(message)))


def _payload(message: Message) -> bytes:
    content = message.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _claim(row: OutgoingMail) -> bool:
    """Take a mail for this process, committed; return False if another was quicker."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        taken = OutgoingMail.objects.filter(
            pk=row.pk, sent_at=None, claimed_at=row.claimed_at, attempts=row.attempts
        ).update(claimed_at=now, attempts=row.attempts + 1, error="")
    return bool(taken)


def _hand_over(row: OutgoingMail, mail: EmailMessage, connection: object) -> bool:
    try:
        connection.send_messages([mail])  # type: ignore[attr-defined]
    except smtplib.SMTPResponseException as fault:
        _note_fault(row, _words(fault), for_good=fault.smtp_code >= 500)
    except smtplib.SMTPRecipientsRefused as fault:
        codes = [code for code, _words in fault.recipients.values()]
        _note_fault(row, _words(fault), for_good=all(code >= 500 for code in codes))
    except smtplib.SMTPNotSupportedError as fault:
        _note_fault(row, _words(fault), for_good=True)
    except Exception:  # it may have left or not, whatever went wrong: in doubt
        logger.exception("Mail %s is in doubt: the connection broke while it was sent.", row.key)
    else:
        OutgoingMail.objects.filter(pk=row.pk).update(sent_at=timezone.now())
        return True
    return False


def _note_fault(row: OutgoingMail, words: str, *, for_good: bool = False) -> None:
    """Note why a mail was not sent, so that it is tried again, or not."""
    attempts = MOST_ATTEMPTS if for_good else row.attempts + 1
    OutgoingMail.objects.filter(pk=row.pk).update(attempts=attempts, error=words[:300])
    last = " for good" if attempts >= MOST_ATTEMPTS else ""
    logger.warning("Mail %s was not sent%s: %s", row.key, last, words[:300])


def _words(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except (OSError, smtplib.SMTPException):
        logger.debug("The mail server closed the connection first.")

"""A mail as it stands in the outbox, for Django's mail backends."""

from email import message_from_bytes, policy
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.message import Message
from io import BytesIO

from django.core.mail import EmailMessage


class _Parsed(Message):
    """Django's backends ask for bytes with the line ends of their protocol."""

    def as_bytes(  # type: ignore[override]
        self, unixfrom: bool = False, linesep: str = "\n"
    ) -> bytes:
        """Return the mail to the letter as it was written, but for the line ends."""
        written = BytesIO()
        BytesGenerator(written, mangle_from_=False).flatten(self, unixfrom, linesep)
        return written.getvalue()


class StoredMail(EmailMessage):
    """A mail that is written already; only its recipient is said anew."""

    def __init__(self, message: Message, *, recipient: str) -> None:
        text = _text_of(message)
        super().__init__(
            subject=_decoded(message["Subject"]),
            body=text,
            from_email=_decoded(message["From"]) or None,
            to=[recipient],
        )
        self._message = message
        self.extra_headers = {
            name: _decoded(value) for name, value in message.items() if name.lower() not in _ANYWAY
        }

    def message(self) -> Message:  # type: ignore[override]
        """Return the mail as it was written."""
        return self._message


_ANYWAY = frozenset(
    {"subject", "from", "to", "mime-version", "content-type", "content-transfer-encoding"}
)


def parsed(message: bytes) -> Message:
    """Return a mail from its bytes (RFC 5322)."""
    return message_from_bytes(message, _class=_Parsed, policy=policy.compat32)


def _text_of(message: Message) -> str:
    """Return the plain text of a mail."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            charset = part.get_content_charset() or "utf-8"
            return content.decode(charset, "replace") if isinstance(content, bytes) else ""
    return ""


def _decoded(value: str | None) -> str:
    return str(make_header(decode_header(value))) if value else ""

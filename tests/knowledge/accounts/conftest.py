"""Helpers of the tests of accounts: a person, and the mails in the outbox."""

import email
import email.policy
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.test import Client

from knowledge.models import OutgoingMail

PASSWORD = "honey-and-bamboo"


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make somebody with a confirmed address."""

    def make(address: str = "an@example.org", *, confirmed: bool = True, **fields: Any) -> User:
        user = User.objects.create_user(f"u{User.objects.count()}", address, PASSWORD, **fields)
        EmailAddress.objects.update_or_create(
            user=user, email=address, defaults={"verified": confirmed, "primary": True}
        )
        return user

    return make


def sign_in(
    client: Client, address: str = "an@example.org", password: str = PASSWORD, **more: Any
) -> Any:
    """Send the sign-in form."""
    return client.post("/accounts/login/", {"login": address, "password": password, **more})


def mails(recipient: str | None = None) -> list[str]:
    """Return subject and text of the mails in the outbox, oldest first."""
    rows = OutgoingMail.objects.order_by("pk")
    if recipient is not None:
        rows = rows.filter(recipient=recipient)
    read = [
        email.message_from_bytes(bytes(row.message), policy=email.policy.default) for row in rows
    ]
    return [f"{one['Subject']}\n{one.get_content()}" for one in read]


def link_in(mail: str, part: str) -> str:
    """Return the path of the address in a mail that contains some text."""
    found = re.search(rf"https?://[^/\s]+(/\S*{re.escape(part)}\S*)", mail)
    assert found, mail
    return found.group(1)

"""`manage.py createsuperuser`; Django's own takes any address or none."""

import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError

from knowledge.people import has_another_account


class Command(createsuperuser.Command):
    """Make an administrator, who needs an e-mail address that no account has: one signs in with it."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["email"]
        if given is None and not options["interactive"]:
            given = os.environ.get("DJANGO_SUPERUSER_EMAIL")
        if given is not None and (fault := _fault(given)):
            raise CommandError(fault)
        super().handle(*args, **options)

    def get_input_data(self, field: Any, message: str, default: Any = None) -> Any:
        """Ask for the address until it can be used."""
        value = super().get_input_data(field, message, default)
        if field.name == "email" and value is not None and (fault := _fault(value)):
            self.stderr.write(f"Error: {fault}")
            return None
        return value


def _fault(address: str) -> str:
    if not address:
        return "An administrator needs an e-mail address: one signs in with it."
    if has_another_account(address):
        return f"There is an account with the address {address} already."
    return ""

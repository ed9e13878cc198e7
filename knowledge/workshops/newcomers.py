"""Newcomers: who made an account with the code of a workshop and could not confirm it by mail.

Where no mail leaves the machine, an organiser confirms the account of somebody who stands before
her. She gives the address that she was told: the portal shows it to nobody, and only the account's
owner knows that it is theirs. What comes of it is what a link in a mail would have given, and never
more: an account that was given any right by hand is left to the administrators' own ways.
"""

from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from wagtail.log_actions import log

from knowledge.models import Newcomer, WorkshopPage
from knowledge.rights import AbsentReader
from knowledge.workshops.codes import TooManyWrongCodesError, workshop_by_code
from knowledge.workshops.participation import join, original_of

CONFIRMED = "knowledge.confirm_account"
"""The action in the log of the admin."""


def expect(user: User, request: HttpRequest) -> None:
    """Remember at which workshop somebody with an unconfirmed account was about to take part."""
    code = _code_in(get_next_redirect_url(request) or "")
    reader = AbsentReader(user=user, reader_language="")
    try:
        workshop = workshop_by_code(code, request, reader) if code else None
    except TooManyWrongCodesError:
        return
    if workshop is not None:
        Newcomer.objects.get_or_create(workshop=workshop, user=user)


def _code_in(address: str) -> str:
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    return str(match.kwargs["code"]) if match.url_name == "join_with_code" else ""


def waiting_at(workshop: WorkshopPage) -> QuerySet[User]:
    """Return whose accounts may be confirmed at a workshop: never confirmed, and without any right."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    here = Newcomer.objects.filter(workshop=original_of(workshop))
    return User.objects.filter(
        ~Exists(confirmed), pk__in=here.values("user"),
        is_active=True, is_superuser=False, groups=None, user_permissions=None,
    )  # fmt: skip


def confirm(workshop: WorkshopPage, address: str, *, organiser: User) -> bool:
    """Confirm the account of a newcomer, who takes part from now on; return False if there is none.

    Who did it, when and where stands in the log of the account, which the admin shows.
    """
    people = waiting_at(workshop).exclude(pk=organiser.pk)
    with transaction.atomic():
        given = EmailAddress.objects.filter(email__iexact=address, user__in=people)
        found = given.select_related("user").first()
        if found is None or not found.set_verified():
            return False
        join(found.user, workshop)
        log(found.user, CONFIRMED, user=organiser, data={"workshop": original_of(workshop).pk})
    return True

"""People: roles, the name that is shown of somebody, the language they read mails in.

Roles are groups. "Contributors" is joined when an e-mail address is confirmed, "Editors: XX" by an
administrator's hand; who administers the portal is a superuser.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.utils.translation import gettext as _
from wagtail.users.models import UserProfile

from knowledge.dates import language_only

CONTRIBUTORS = "Contributors"
_FIRST_LANGUAGE = "en"


def is_contributor(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Return True for somebody who may share materials: an address was confirmed."""
    if not (user.is_authenticated and user.is_active):
        return False
    account: Any = user
    return bool(account.is_superuser) or account.groups.filter(name=CONTRIBUTORS).exists()


def has_another_account(address: str, *, than: AbstractBaseUser | None = None) -> bool:
    """Return True if an address, in any letter case, is that of an account; of another than somebody's."""
    if not address:
        return False
    own: Any = than.pk if than is not None else None
    return (
        User.objects.filter(email__iexact=address).exclude(pk=own).exists()
        or EmailAddress.objects.filter(email__iexact=address).exclude(user_id=own).exists()
    )


def make_contributor(user: AbstractBaseUser) -> None:
    """Put somebody into the group of contributors."""
    account: Any = user
    account.groups.add(Group.objects.get_or_create(name=CONTRIBUTORS)[0])


def name_of(user: AbstractBaseUser | None) -> str:
    """Return the name somebody chose to be shown; never an address or what is made of one."""
    name = " ".join(user.get_full_name().split()) if user is not None else ""  # type: ignore[attr-defined]
    return name or _("A participant")


def language_of(user: AbstractBaseUser) -> str:
    """Return the interface language that somebody reads mails in."""
    return chosen_language(user) or _FIRST_LANGUAGE


def chosen_language(user: AbstractBaseUser) -> str:
    """Return the interface language that somebody has chosen; empty if none."""
    profile = UserProfile.objects.filter(user_id=user.pk).first()
    code = language_only(profile.preferred_language) if profile is not None else ""
    return code if code in settings.KNOWLEDGE["INTERFACE_LANGUAGES"] else ""


def keep_language(user: AbstractBaseUser, language: str) -> None:
    """Remember the interface language that somebody chose."""
    UserProfile.objects.update_or_create(user_id=user.pk, defaults={"preferred_language": language})

"""A confirmed address makes a contributor; who makes administrators on the machine vouches for theirs."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from knowledge.accounts.words import ADDRESS_TAKEN
from knowledge.people import has_another_account, make_contributor


@receiver(post_save, sender=EmailAddress, dispatch_uid="knowledge.address_confirmed")
def welcome_contributor(instance: EmailAddress, raw: bool = False, **_: Any) -> None:
    """Make a contributor of somebody whose address is confirmed."""
    if instance.verified and not raw:
        make_contributor(instance.user)


@receiver(pre_save, sender=User, dispatch_uid="knowledge.administrator_refused")
def refuse_second_account(instance: User, raw: bool = False, **_: Any) -> None:
    """Refuse a new administrator with the address of another account before anything is written."""
    is_new = instance.pk is None
    if is_new and instance.is_superuser and not raw and has_another_account(instance.email):
        raise ValidationError(ADDRESS_TAKEN)


@receiver(post_save, sender=User, dispatch_uid="knowledge.administrator_made")
def confirm_administrator(instance: User, created: bool, raw: bool = False, **_: Any) -> None:
    """Let a new administrator sign in before mail is set up."""
    if created and instance.is_superuser and instance.email and not raw:
        EmailAddress.objects.get_or_create(
            user=instance,
            email=instance.email.lower(),
            defaults={"verified": True, "primary": True},
        )

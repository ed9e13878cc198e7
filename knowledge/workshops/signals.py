"""Keeps the group of a workshop in step with who takes part and organises; forgets newcomers."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver

from knowledge.models import Newcomer, Participation, WorkshopPage
from knowledge.workshops.participation import renew_group


@receiver(post_save, sender=Participation, dispatch_uid="knowledge.joined")
@receiver(post_delete, sender=Participation, dispatch_uid="knowledge.left")
def renew_group_of_participation(instance: Participation, raw: bool = False, **_: Any) -> None:
    """Give or take the rights at once, whoever joins, leaves or removes."""
    workshop = WorkshopPage.objects.filter(pk=instance.workshop_id).first()
    if workshop is not None and not raw:
        renew_group(workshop)


@receiver(post_save, sender=EmailAddress, dispatch_uid="knowledge.newcomer_confirmed")
def forget_newcomer(instance: EmailAddress, raw: bool = False, **_: Any) -> None:
    """Forget where somebody waited to be confirmed, once that is done in whatever way."""
    if instance.verified and not raw:
        Newcomer.objects.filter(user_id=instance.user_id).delete()


@receiver(m2m_changed, sender=WorkshopPage.organisers.through, dispatch_uid="knowledge.organisers")
def renew_group_of_organisers(instance: Any, action: str, reverse: bool, **_: Any) -> None:
    """Give or take the rights of organisers when the page is published."""
    if action.startswith("post_") and not reverse and isinstance(instance, WorkshopPage):
        workshop = WorkshopPage.objects.filter(pk=instance.pk).first()
        if workshop is not None:
            renew_group(workshop)


@receiver(post_delete, sender=WorkshopPage, dispatch_uid="knowledge.workshop_deleted")
def delete_group(instance: WorkshopPage, **_: Any) -> None:
    """Leave no group behind that opens nothing."""
    if instance.participants_group_id is not None:
        Group.objects.filter(pk=instance.participants_group_id).delete()

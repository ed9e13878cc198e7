"""Who takes part in a workshop.

The group of a workshop holds its participants and organisers. Closed materials are restricted to
that group, so whoever joins finds them at the next request, and whoever leaves does not.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.db import transaction
from django.http import HttpRequest

from knowledge.models import Participation, WorkshopPage
from knowledge.models.workshop import new_join_code
from knowledge.rights import Reader, may_open, readable_pages

_LONGEST_GROUP_NAME = 150
Person = Any
"""A user, signed in or not."""


def original_of(workshop: WorkshopPage) -> WorkshopPage:
    """Return the original version, on which all that belongs to the event hangs."""
    if workshop.is_original:
        return workshop
    versions = WorkshopPage.objects.filter(translation_key=workshop.translation_key)
    return versions.filter(is_original=True).first() or workshop


def shown_original(workshop: WorkshopPage, reader: Reader) -> WorkshopPage:
    """Return the version whose agenda, days and agreements this reader sees beside a version.

    The original, unless it is closed to the reader or withdrawn: then the version has only its own.
    """
    original = original_of(workshop)
    if original.pk == workshop.pk or may_open(reader, original.pk):
        return original
    return workshop


def participants_group(workshop: WorkshopPage) -> Group:
    """Return the group of a workshop, made on first use."""
    original = original_of(workshop)
    with transaction.atomic():
        locked = WorkshopPage.objects.select_for_update().get(pk=original.pk)
        group: Group | None = locked.participants_group
        if group is None:
            name = f"Workshop {locked.pk}: {locked.title}"[:_LONGEST_GROUP_NAME]
            group, _ = Group.objects.get_or_create(name=name)
            WorkshopPage.objects.filter(pk=locked.pk).update(participants_group=group)
            group.user_set.set(_members(locked))
    workshop.participants_group = original.participants_group = group
    return group


def renew_group(workshop: WorkshopPage) -> None:
    """Make the group hold exactly the participants and the organisers."""
    group = Group.objects.filter(pk=workshop.participants_group_id).first()
    if group is not None:
        group.user_set.set(_members(workshop))


def _members(workshop: WorkshopPage) -> set[int]:
    people = Participation.objects.filter(workshop=workshop).values_list("user_id", flat=True)
    organisers = WorkshopPage.organisers.through.objects.filter(workshoppage_id=workshop.pk)
    return {*people, *organisers.values_list("user_id", flat=True)}


def join(user: Person, workshop: WorkshopPage, *, is_listed: bool = False) -> Participation:
    """Let somebody take part; who joins again changes only whether they are listed."""
    original = original_of(workshop)
    with transaction.atomic():
        group = participants_group(original)
        participation, _ = Participation.objects.update_or_create(
            workshop=original, user=user, defaults={"is_listed": is_listed}
        )
        group.user_set.add(user)
    return participation


def leave(user: Person, workshop: WorkshopPage) -> None:
    """End a participation; the rights that came with it end with it."""
    for participation in Participation.objects.filter(workshop=original_of(workshop), user=user):
        participation.delete()


def renew_code(workshop: WorkshopPage) -> str:
    """Give the workshop another code; the old one opens nothing any more."""
    code = new_join_code()
    original = original_of(workshop)
    WorkshopPage.objects.filter(pk=original.pk).update(join_code=code)
    workshop.join_code = original.join_code = code
    return code


def is_organiser(user: Person, workshop: WorkshopPage) -> bool:
    """Return True for organisers of the workshop and for administrators."""
    if not user.is_authenticated or not user.is_active:
        return False
    organisers = WorkshopPage.organisers.through.objects.filter(
        workshoppage_id=original_of(workshop).pk, user_id=user.pk
    )
    return bool(user.is_superuser) or organisers.exists()


def is_participant(user: Person, workshop: WorkshopPage) -> bool:
    """Return True for somebody who has joined the workshop."""
    if not user.is_authenticated:
        return False
    return Participation.objects.filter(workshop=original_of(workshop), user=user).exists()


def takes_part(request: HttpRequest) -> list[WorkshopPage]:
    """Return the workshops a reader has joined or organises and may open, the latest first."""
    user: Person = getattr(request, "user", AnonymousUser())
    if not user.is_authenticated:
        return []
    joined = Participation.objects.filter(user=user).values("workshop")
    organised = WorkshopPage.organisers.through.objects.filter(user_id=user.pk)
    mine = WorkshopPage.objects.filter(pk__in=joined) | WorkshopPage.objects.filter(
        pk__in=organised.values("workshoppage_id")
    )
    readable = mine.filter(pk__in=readable_pages(request).values("pk"), is_original=True)
    return sorted(
        readable.select_related("locale", "country"), key=lambda one: one.dated, reverse=True
    )

"""What was agreed and how far it is, kept by the organisers without the editors' admin."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from knowledge.models import FollowUp, WorkshopPage
from knowledge.workshops.participation import Person, original_of

MOST = 100
"""Actions of one workshop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One agreed action in the words of the version that is read, as far as the original says."""

    key: int
    """Of the row of the original."""
    text: str
    language: str
    responsible: str
    due_on: dt.date | None
    is_done: bool


def actions_of(workshop: WorkshopPage, original: WorkshopPage) -> list[Action]:
    """Return the actions; a translation lends its words where it has all of them."""
    rows, translated = list(original.follow_ups.all()), list(workshop.follow_ups.all())
    page, words = (workshop, translated) if len(rows) == len(translated) else (original, rows)
    return [
        Action(
            key=row.pk or 0,
            text=said.action,
            language=page.language,
            responsible=said.responsible,
            due_on=row.due_on,
            is_done=row.is_done,
        )
        for row, said in zip(rows, words, strict=True)
    ]


def mark(workshop: WorkshopPage, key: int, *, done: bool, user: Person) -> bool:
    """Mark an action done or not done; return False when there is no such action."""
    original = original_of(workshop)
    row = FollowUp.objects.filter(page_id=original.pk, pk=key).first()
    if row is None:
        return False

    def change(page: WorkshopPage) -> None:
        for one in _like(page, row):
            one.is_done = done

    _change(original, change, user)
    return True


def add(
    workshop: WorkshopPage, user: Person, *, text: str, responsible: str, due_on: dt.date | None
) -> bool:
    """Add an action; return False when there are too many."""
    original = original_of(workshop)
    if FollowUp.objects.filter(page_id=original.pk).count() >= MOST:
        return False

    def change(page: WorkshopPage) -> None:
        page.follow_ups.add(FollowUp(action=text, responsible=responsible, due_on=due_on))

    _change(original, change, user)
    return True


def remove(workshop: WorkshopPage, key: int, user: Person) -> bool:
    """Remove an action; return False when there is no such action."""
    original = original_of(workshop)
    row = FollowUp.objects.filter(page_id=original.pk, pk=key).first()
    if row is None:
        return False

    def change(page: WorkshopPage) -> None:
        page.follow_ups.remove(*_like(page, row))

    _change(original, change, user)
    return True


def _like(page: WorkshopPage, row: FollowUp) -> list[Any]:
    """Return the actions of a revision that are this row: keys may be missing there."""
    told = (row.action, row.responsible, row.due_on)
    return [
        one
        for one in page.follow_ups.get_object_list()
        if (one.action, one.responsible, one.due_on) == told
    ]


def _change(original: WorkshopPage, change: Callable[[WorkshopPage], None], user: Person) -> None:
    """Change the page as readers see it, and the draft that an editor may be writing."""
    with transaction.atomic():
        page = WorkshopPage.objects.select_for_update().get(pk=original.pk)
        draft = page.get_latest_revision_as_object()
        if page.has_unpublished_changes:
            change(page)
            page.save(clean=False)
            change(draft)
            draft.save_revision(user=user, clean=False)  # last: it becomes the latest revision
        else:
            change(draft)
            revision = draft.save_revision(user=user, clean=False)
            # Organisers may do this, and nothing else that editors may.
            revision.publish(user=user, skip_permission_checks=True)

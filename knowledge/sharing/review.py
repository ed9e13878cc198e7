"""What waits for a reviewer, and deciding it once even if two act at the same time."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from wagtail.models import Page, TaskState

from knowledge.models import MaterialPage, ReviewTask
from knowledge.sharing.errors import Changed, Decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One submission in the queue."""

    task_state: TaskState
    page: MaterialPage

    @property
    def days(self) -> int:
        """Whole days since it was sent, or sent again."""
        waited: dt.timedelta = timezone.now() - self.task_state.started_at
        return waited.days


def tasks_of(user: Any) -> QuerySet[ReviewTask]:
    """Return the review tasks of the countries somebody edits; all for an administrator."""
    tasks: QuerySet[ReviewTask] = ReviewTask.objects.filter(active=True)
    if getattr(user, "is_superuser", False) and user.is_active:
        return tasks
    if not isinstance(user, User) or not user.is_active:
        return tasks.none()
    return tasks.filter(groups__in=user.groups.all()).distinct()


def is_editor(user: Any) -> bool:
    """Return True if somebody reviews for any country."""
    return getattr(user, "is_superuser", False) or tasks_of(user).exists()


def queue_of(user: Any) -> list[Waiting]:
    """Return what waits for somebody's review, the oldest first."""
    states = (
        TaskState.objects.filter(
            task__in=tasks_of(user).values("pk"), status=TaskState.STATUS_IN_PROGRESS
        )
        .select_related("workflow_state")
        .order_by("started_at", "pk")
    )
    numbers = {state.pk: int(state.workflow_state.object_id) for state in states}
    related = ("locale", "country", "owner")
    pages = MaterialPage.objects.select_related(*related).in_bulk(set(numbers.values()))
    return [
        Waiting(task_state=state, page=pages[numbers[state.pk]])
        for state in states
        if numbers[state.pk] in pages
    ]


def under_review(user: Any, number: int) -> tuple[TaskState, MaterialPage]:
    """Return a step of a review and its material. Raises Http404 for editors of other countries."""
    state = (
        TaskState.objects.filter(pk=number, task__in=tasks_of(user).values("pk"))
        .select_related("workflow_state", "finished_by")
        .first()
    )
    page = MaterialPage.objects.filter(pk=state.workflow_state.object_id).first() if state else None
    if state is None or page is None:
        raise Http404
    return state, page


def decide(
    user: User, number: int, action: str, answers: Mapping[str, Any], *, revision: int
) -> MaterialPage:
    """Approve or ask for changes, and return the material.

    Args:
        user: The reviewer.
        number: Of the step of the review.
        action: "approve" or "reject".
        answers: Of the form that goes with the action, validated.
        revision: Of the text that the reviewer has read.

    Raises Http404, Decided and Changed.
    """
    state, page = under_review(user, number)
    with transaction.atomic():
        Page.objects.select_for_update().get(pk=page.pk)
        state, page = under_review(user, number)
        if state.status != TaskState.STATUS_IN_PROGRESS:
            raise Decided
        if page.latest_revision_id != revision:
            raise Changed
        state.task.specific.on_action(state, user, action, **answers)
    return page


def oldest_wait(queue: list[Waiting]) -> dt.datetime | None:
    """Return since when the first in the queue has been waiting."""
    return queue[0].task_state.started_at if queue else None

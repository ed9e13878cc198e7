"""Where a submission stands, read from Wagtail's workflow; nothing of it is stored twice."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import TaskState, WorkflowState

from knowledge.models import MaterialPage, ReviewMessage
from knowledge.people import name_of


class Stage(models.TextChoices):
    """From the first draft to publication, and back."""

    DRAFT = "draft", _("Draft, not sent yet")
    WAITING = "waiting", _("Waiting for review")
    CHANGES = "changes", _("Changes asked for")
    PUBLISHED = "published", _("Published")
    REVISED = "revised", _("Published; a new version is not sent yet")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    TAKEN_DOWN = "taken_down", _("No longer published")


EDITABLE = frozenset(Stage) - {Stage.WAITING}
"""Where the contributor may change it."""
UNPUBLISHED = frozenset({Stage.DRAFT, Stage.CHANGES, Stage.WITHDRAWN})
"""Where the contributor may delete it: no reader has ever seen it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one submission stands now."""

    stage: Stage
    since: dt.datetime | None = None
    workflow_state: WorkflowState | None = None
    """While it is under review, or changes are asked for."""

    @property
    def days(self) -> int:
        """Whole days since then."""
        return (timezone.now() - self.since).days if self.since else 0

    @property
    def is_editable(self) -> bool:
        """Whether the contributor may change it."""
        return self.stage in EDITABLE

    @property
    def is_unpublished(self) -> bool:
        """Whether the contributor may delete it."""
        return self.stage in UNPUBLISHED

    @property
    def is_under_review(self) -> bool:
        """Whether it can be withdrawn from review."""
        return self.workflow_state is not None


def standing_of(page: MaterialPage) -> Standing:
    """Return where a submission stands."""
    active = page.current_workflow_state
    if active is not None:
        task = active.current_task_state
        if active.status == WorkflowState.STATUS_IN_PROGRESS:
            since = task.started_at if task else active.created_at
            return Standing(stage=Stage.WAITING, since=since, workflow_state=active)
        since = task.finished_at if task else active.created_at
        return Standing(stage=Stage.CHANGES, since=since, workflow_state=active)
    if page.live:
        stage = Stage.REVISED if page.has_unpublished_changes else Stage.PUBLISHED
        return Standing(stage=stage, since=page.last_published_at)
    if page.first_published_at is not None:
        return Standing(stage=Stage.TAKEN_DOWN)
    withdrawn = page.workflow_states.filter(status=WorkflowState.STATUS_CANCELLED).exists()
    return Standing(stage=Stage.WITHDRAWN if withdrawn else Stage.DRAFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a reviewer asked, or the contributor answered."""

    name: str
    text: str
    written_at: dt.datetime
    by_reviewer: bool


def reviewer_name(user: AbstractBaseUser | None) -> str:
    """Return the name of a reviewer, or what they are where they have chosen none."""
    chosen = user is not None and user.get_full_name().strip()  # type: ignore[attr-defined]
    return name_of(user) if chosen else gettext("An editor")


def conversation(page: MaterialPage) -> Sequence[Remark]:
    """Return what reviewers and contributor wrote to one another, the oldest first."""
    decided = (
        TaskState.objects.for_instance(page)
        .exclude(comment="")
        .filter(finished_at__isnull=False)
        .select_related("finished_by")
    )
    remarks = [
        Remark(
            name=reviewer_name(task.finished_by),
            text=task.comment,
            written_at=task.finished_at,
            by_reviewer=True,
        )
        for task in decided
    ]
    remarks += [
        Remark(
            name=name_of(message.author),
            text=message.text,
            written_at=message.written_at,
            by_reviewer=False,
        )
        for message in ReviewMessage.objects.filter(page_id=page.pk).select_related("author")
    ]
    return sorted(remarks, key=lambda remark: remark.written_at)

"""Mails of a review, one for each step, in the language of whoever gets it.

They follow Wagtail's own signals, so that a decision made in its admin tells the same people. For
materials they take the place of Wagtail's notifications, which would repeat them in the editor's
words only.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from wagtail.admin import signal_handlers as wagtails
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.signals import (
    page_published,
    task_submitted,
    workflow_approved,
    workflow_rejected,
    workflow_submitted,
)

from knowledge.mail.outbox import portal_address, queue_template
from knowledge.models import MaterialPage, ReviewMessage
from knowledge.people import name_of


def connect() -> None:
    """Take the places of Wagtail's notifiers; it connects under the same names and is ignored."""
    replaced = [
        (task_submitted, TaskState, tell_editors, "group_approval_task_submitted_email_notification"),
        (workflow_submitted, WorkflowState, tell_nobody, "workflow_state_submitted_email_notification"),
        (workflow_rejected, WorkflowState, tell_of_changes, "workflow_state_rejected_email_notification"),
        (workflow_approved, WorkflowState, tell_of_approval, "workflow_state_approved_email_notification"),
    ]  # fmt: skip
    for signal, sender, receiver, name in replaced:
        signal.disconnect(sender=sender, dispatch_uid=name)
        signal.connect(receiver, sender=sender, dispatch_uid=name)
    page_published.connect(
        tell_of_publication, sender=MaterialPage, dispatch_uid="knowledge.material_published"
    )


def tell_editors(instance: TaskState, user: Any = None, **rest: Any) -> None:
    """Tell those who may review it that something was handed in, or sent again with an answer."""
    page = _material(instance.workflow_state)
    if page is None:
        wagtails.task_submission_email_notifier(instance=instance, user=user, **rest)
        return
    earlier = instance.workflow_state.task_states.exclude(pk=instance.pk).order_by("-pk").first()
    answer = None
    if earlier is not None and earlier.finished_at is not None:
        answers = ReviewMessage.objects.filter(page_id=page.pk, written_at__gte=earlier.finished_at)
        answer = answers.order_by("-pk").first()
    context = {
        "title": page.draft_title or page.title,
        "address": portal_address(reverse("review_page", args=[instance.pk])),
        "contributor": name_of(page.owner),
        "answer": answer.text if answer else "",
    }
    template = "review_waiting" if earlier is None else "review_answered"
    for editor in _editors(instance, user):
        key = f"review/{instance.pk}/{editor.pk}"
        queue_template(key=key, user=editor, template=template, context=context)


def tell_nobody(instance: WorkflowState, **rest: Any) -> None:
    """Say nothing of a material here: its editors are told of the task."""
    if _material(instance) is None:
        wagtails.workflow_submission_email_notifier(instance=instance, **rest)


def tell_of_changes(instance: WorkflowState, **rest: Any) -> None:
    """Tell the contributor what a reviewer wants changed."""
    page = _material(instance)
    if page is None:
        wagtails.workflow_rejection_email_notifier(instance=instance, **rest)
    elif page.owner is not None:
        task = TaskState.objects.get(pk=instance.current_task_state_id)
        context = {
            "title": page.draft_title or page.title,
            "comment": task.comment,
            "address": portal_address(reverse("share_check", args=[page.pk])),
        }
        _tell(page.owner, f"changes/{task.pk}", "review_changes", context)


def tell_of_approval(instance: WorkflowState, **rest: Any) -> None:
    """Tell the contributor that it is published."""
    page = _material(instance)
    if page is None:
        wagtails.workflow_approval_email_notifier(instance=instance, **rest)
    else:
        _tell_published(page, instance)


def tell_of_publication(instance: MaterialPage, **_rest: Any) -> None:
    """Tell the contributor when an editor publishes past the review that was under way."""
    review = instance.current_workflow_state
    if review is not None:
        _tell_published(instance, review)


def _tell_published(page: MaterialPage, review: WorkflowState) -> None:
    if page.owner is not None and page.live:
        path = page.get_url() or reverse("share_mine")
        context = {"title": page.title, "address": portal_address(path)}
        _tell(page.owner, f"published/{review.pk}", "review_published", context)


def _tell(user: User, key: str, template: str, context: dict[str, object]) -> None:
    if user.is_active and user.email:
        queue_template(key=key, user=user, template=template, context=context)


def _material(review: WorkflowState) -> MaterialPage | None:
    """Return the material under review, None where it is another kind of page or no page."""
    page = review.content_object
    if not isinstance(page, Page):
        return None
    material: MaterialPage | None
    material = MaterialPage.objects.filter(pk=page.pk).select_related("owner").first()
    return material


def _editors(task_state: TaskState, acting: Any) -> Iterable[User]:
    """Return who is told: the editors of the country; where there are none, administrators."""
    people = User.objects.filter(is_active=True).exclude(email="")
    if acting is not None:
        people = people.exclude(pk=acting.pk)
    groups = task_state.task.specific.groups.all()
    editors = people.filter(groups__in=groups).distinct()
    return editors if editors.exists() else people.filter(is_superuser=True)

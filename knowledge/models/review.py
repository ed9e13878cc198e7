"""Review: approval by the editors of a country, with a checklist."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Page, TaskState


class ChecklistForm(forms.Form):
    """What a reviewer confirms before something is published."""

    source = forms.BooleanField(label=_("It says where its figures come from."))
    licence = forms.BooleanField(label=_("The licence is stated and the contributor may give it."))
    language = forms.BooleanField(label=_("The language is right."))
    personal_data = forms.BooleanField(label=_("It shows no personal data that must stay private."))
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


CHECKLIST = ("source", "licence", "language", "personal_data")


class ChangesForm(forms.Form):
    """What a reviewer asks the contributor to change."""

    comment = forms.CharField(
        label=_("What should be changed?"), max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


class ReviewTask(AbstractGroupApprovalTask):
    """Approval by a group, after its checklist. The same in Wagtail's admin and at /review/."""

    class Meta:
        verbose_name = _("review with checklist")

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        """Return the form that goes with an action."""
        return ChecklistForm if action == "approve" else ChangesForm

    @classmethod
    def get_description(cls) -> str:
        """Say in the admin what this task is."""
        return str(_("Editors of the country approve it after a checklist, or ask for changes."))

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:  # noqa: ARG002
        """Offer approval with its checklist only."""
        if not (user.is_superuser or self._user_in_groups(user)):
            return []
        return [("reject", _("Request changes"), True), ("approve", _("Approve"), True)]

    def on_action(self, task_state: Any, user: Any, action_name: str, **answers: Any) -> None:
        """Approve or ask for changes.

        Args:
            task_state: Where the review stands.
            user: The reviewer.
            action_name: "approve" or "reject".
            answers: What the form of the action asked for.

        Raises PermissionDenied when the checklist is not complete, or someone has decided already.
        """
        if action_name == "approve" and not all(answers.get(point) for point in CHECKLIST):
            raise PermissionDenied
        with transaction.atomic():
            # Contributor and reviewers take turns by locking the page's row.
            Page.objects.select_for_update().get(pk=task_state.workflow_state.object_id)
            now = TaskState.objects.get(pk=task_state.pk)
            super().on_action(now, user, action_name, comment=answers.get("comment", ""))

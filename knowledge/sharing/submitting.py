"""Sending to review, withdrawing, deleting: what a contributor does with a whole submission."""

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.files.strays import delete_unused
from knowledge.models import MaterialPage, ReviewMessage, StoredFile
from knowledge.sharing.branches import put_under_review
from knowledge.sharing.drafts import (
    back_to_published,
    keep,
    responsible_country,
    taking_turns,
    working_copy,
)
from knowledge.sharing.errors import Incomplete, NotEditable
from knowledge.sharing.stages import Stage


def missing(copy: MaterialPage, *, consents: bool) -> dict[str, str]:
    """Return what a working copy needs before it can be sent: field → words."""
    problems = {}
    if not copy.files.all() and not copy.body:
        problems["files"] = _("Add a file.")
    if not copy.summary.strip():
        problems["summary"] = _("Say in a sentence or two what a reader learns here.")
    if not copy.credit.strip():
        problems["credit"] = _("Say who made it.")
    if not copy.licence:
        problems["licence"] = _("Choose how others may use it.")
    if not consents:
        problems["consent"] = _("Confirm that it may be published.")
    return problems


def send(user: User, page_id: int, *, consents: bool, answer: str = "") -> None:
    """Send a material to the editors, or send it again after changes were asked for.

    Args:
        user: The contributor.
        page_id: Of the material.
        consents: Whether the contributor has just confirmed that it may be published.
        answer: To the reviewer.

    Raises Http404, NotEditable, and Incomplete when something is missing.
    """
    with taking_turns(user, page_id) as (page, standing):
        if not standing.is_editable or standing.stage == Stage.PUBLISHED:
            raise NotEditable
        copy = working_copy(page)
        if problems := missing(copy, consents=consents):
            raise Incomplete(problems)
        copy.consented_at = timezone.now()
        keep(copy, user)
        if not copy.live:
            copy.save_revision(user=user)
        if answer:
            ReviewMessage.objects.create(page_id=page.pk, author=user, text=answer)
        if standing.workflow_state is not None:
            standing.workflow_state.resume(user=user)
            return
        put_under_review(page.get_parent(), responsible_country(page))
        MaterialPage.objects.get(pk=page.pk).get_workflow().start(copy, user)


def withdraw(user: User, page_id: int) -> None:
    """Take a submission back from review; it stays as a draft. Raises Http404, NotEditable."""
    with taking_turns(user, page_id) as (_page, standing):
        if standing.workflow_state is None:
            raise NotEditable
        standing.workflow_state.cancel(user=user)


def delete(user: User, page_id: int) -> None:
    """Delete what no reader has seen, with its files, or the new version of what is published.

    Files that were taken off after it was sent go too: its earlier versions are gone with it.

    Raises Http404, NotEditable.
    """
    with taking_turns(user, page_id) as (page, standing):
        if standing.stage == Stage.REVISED:
            back_to_published(page)
            return
        if not standing.is_unpublished:
            raise NotEditable
        files = _files_ever_on(page)
        page.delete()
        delete_unused(files)


def _files_ever_on(page: MaterialPage) -> list[StoredFile]:
    """Return the files of a material, also those that only an earlier version has."""
    versions = page.revisions.values_list("content", flat=True)
    named = {row["file"] for version in versions for row in version["files"]}
    shown = page.files.values_list("file_id", flat=True)
    return list(StoredFile.objects.filter(pk__in=named.union(shown)))

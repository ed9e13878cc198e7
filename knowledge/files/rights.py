"""Who may have a file: whoever may open a page that shows it, handed it in, or reviews it.

Asked of the database each time, like every right of the portal; the address of a file opens
nothing by itself.
"""

from typing import Any

from django.http import HttpRequest
from wagtail.models import Page
from wagtail.permissions import policy_registry

from knowledge.models.files import StoredFile
from knowledge.models.material import MaterialFile, MaterialPage
from knowledge.rights import Reader, may_open, readable_pages


def may_fetch(request: HttpRequest, stored: StoredFile) -> bool:
    """Return True if the reader may have a file."""
    return _is_own(request.user, stored) or _shows_to(request, stored)


def page_showing(request: HttpRequest, page_id: int, stored: StoredFile) -> Page | None:
    """Return a page if it shows the file and the reader may open or review it."""
    page = MaterialPage.objects.filter(pk=page_id).select_related("locale").first()
    if page is None:
        return None
    if may_open(request, page.pk) and _is_published_on(page, stored):
        return page
    if not _works_on(request.user, page):
        return None
    draft = page.get_latest_revision_as_object() if page.latest_revision_id else page
    shown = [attached.file_id for attached in draft.files.all()]
    return draft if stored.pk in shown or _is_published_on(page, stored) else None


def _is_published_on(page: Page, stored: StoredFile) -> bool:
    return bool(MaterialFile.objects.filter(page_id=page.pk, file=stored).exists())


def _shows_to(reader: Reader, stored: StoredFile) -> bool:
    """Return True if a page that the reader may open or review shows the file."""
    ids = list(MaterialFile.objects.filter(file=stored).values_list("page_id", flat=True))
    if not ids:
        return False
    if readable_pages(reader).filter(pk__in=ids).exists():
        return True
    return any(_works_on(reader.user, page) for page in MaterialPage.objects.filter(pk__in=ids))


def _works_on(user: Any, page: Page) -> bool:
    """Return True if the user wrote the page, or may edit or review it."""
    if not user.is_authenticated:
        return False
    if page.owner_id == user.pk:
        return True
    if page.permissions_for_user(user).can_edit():
        return True
    task = page.current_workflow_task
    return bool(task and task.specific.user_can_access_editor(page, user))


def _is_own(user: Any, stored: StoredFile) -> bool:
    """Return True if the user handed the file in, or looks after its collection."""
    if not user.is_authenticated:
        return False
    if stored.uploaded_by_user_id == user.pk:
        return True
    policy = policy_registry.get_by_type(StoredFile)
    return bool(policy.user_has_permission_for_instance(user, "change", stored))

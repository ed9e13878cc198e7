"""Materials of a workshop: closed to all but participants until an organiser opens them."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from wagtail.models import PageViewRestriction

from knowledge.listing import versions_for_reader
from knowledge.models import SessionMaterial, WorkshopMaterialsPage, WorkshopPage
from knowledge.models.base import WorkPage
from knowledge.rights import Reader, readable_pages
from knowledge.sharing.branches import editors_group, put_under_review
from knowledge.workshops.participation import Person, original_of, participants_group

_SLUG = "materials"


def materials_folder(workshop: WorkshopPage) -> WorkshopMaterialsPage:
    """Return the page under which materials are handed in, made closed on first use."""
    original = original_of(workshop)
    folder = _folder_of(original)
    if folder is not None:
        return folder
    with transaction.atomic():
        locked = WorkshopPage.objects.select_for_update().get(pk=original.pk)
        folder = _folder_of(locked)
        if folder is None:
            with translation.override(locked.language):
                title = gettext("Materials")
            folder = WorkshopMaterialsPage(title=title, slug=_SLUG, locale=locked.locale)
            locked.add_child(instance=folder)
            close(locked)
            put_under_review(folder, locked.country)
    return folder


def _folder_of(original: WorkshopPage) -> WorkshopMaterialsPage | None:
    if original.pk is None:
        return None
    folder: WorkshopMaterialsPage | None = (
        WorkshopMaterialsPage.objects.child_of(original).order_by("path").first()
    )
    return folder


def are_open(workshop: WorkshopPage) -> bool:
    """Return True when the folder is there and nothing restricts it."""
    folder = _folder_of(original_of(workshop))
    return folder is not None and not PageViewRestriction.objects.filter(page_id=folder.pk).exists()


def close(workshop: WorkshopPage, user: Person = None) -> None:
    """Restrict the materials to participants, organisers and the editors of the country."""
    original = original_of(workshop)
    folder = _folder_of(original)
    if folder is None:
        materials_folder(original)
        return
    with transaction.atomic():
        restriction = PageViewRestriction.objects.filter(page_id=folder.pk).first()
        if restriction is None:
            restriction = PageViewRestriction(
                page=folder, restriction_type=PageViewRestriction.GROUPS
            )
            restriction.save(user=user)
        if restriction.restriction_type == PageViewRestriction.GROUPS:
            restriction.groups.add(participants_group(original), editors_group(original.country))


def open_to_all(workshop: WorkshopPage, user: Person = None) -> None:
    """Let everybody who may open the workshop read its materials."""
    folder = materials_folder(workshop)
    with transaction.atomic():
        for restriction in PageViewRestriction.objects.filter(page_id=folder.pk):
            restriction.delete(user=user)


def materials_of(
    workshop: WorkshopPage, reader: Reader
) -> tuple[Mapping[str, Sequence[WorkPage]], Sequence[WorkPage]]:
    """Return the published materials this reader may open: by title of their session, and the rest."""
    folder = _folder_of(original_of(workshop))
    if folder is None:
        return {}, []
    readable = readable_pages(reader).filter(path__startswith=folder.path)
    keys = dict(readable.values_list("pk", "translation_key"))
    if not keys:
        return {}, []
    works = {one.translation_key: one for one in versions_for_reader(reader, set(keys.values()))}
    rows = SessionMaterial.objects.filter(material_id__in=keys).values_list(
        "material_id", "session_title"
    )
    sessions = {keys[page_id]: title for page_id, title in rows}
    by_session: dict[str, list[WorkPage]] = {}
    for key, work in works.items():
        by_session.setdefault(sessions.get(key, ""), []).append(work)
    return by_session, by_session.pop("", [])

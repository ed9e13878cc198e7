"""A contributor's working copy of a material.

What has never been published is kept in its own row. Changes of a published material are kept in
a revision, so that readers see the published version until the new one is approved.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404
from django.utils.text import slugify
from wagtail.models import Locale, Page

from knowledge.files.strays import delete_unused
from knowledge.models import (
    Country,
    MaterialFile,
    MaterialPage,
    SessionMaterial,
    StoredFile,
    WorkshopMaterialsPage,
    WorkshopPage,
)
from knowledge.rights import Reader, may_open
from knowledge.sharing.branches import ensure_branch, materials_collection, put_under_review
from knowledge.sharing.errors import NotEditable, TooMany
from knowledge.sharing.stages import Standing, standing_of
from knowledge.workshops.materials import materials_folder

MOST_FILES = 20
"""Of one material."""
MOST_DRAFTS = 50
"""Unpublished ones of one contributor."""


def begin(
    user: User, *, title: str, language: str, key: uuid.UUID, country: Country | None = None
) -> MaterialPage:
    """Return a new draft; the one begun before when the same form arrives twice.

    Args:
        user: The contributor.
        title: Of the material.
        language: Content language, a first guess.
        key: Made when the form was shown.
        country: Whose editors will review it.

    Raises TooMany.
    """
    with transaction.atomic():
        same = Page.objects.filter(translation_key=key)
        mine = MaterialPage.objects.filter(pk__in=same.values("pk"), owner=user, live=False)
        existing: MaterialPage | None = mine.first()
        if existing is not None:
            return existing
        if MaterialPage.objects.filter(owner=user, live=False).count() >= MOST_DRAFTS:
            raise TooMany
        if same.exists():  # someone else's: a form that was tampered with
            key = uuid.uuid4()
        parent = _locked_parent(ensure_branch(country, language))
        page = MaterialPage(
            title=title,
            slug=f"{slugify(title)[:60].strip('-') or MaterialPage.kind}-{uuid.uuid4().hex[:8]}",
            locale=Locale.objects.get(language_code=language),
            translation_key=key,
            country=country,
            owner=user,
            live=False,
        )
        parent.add_child(instance=page)
    return page


def _locked_parent(parent: Page) -> Page:
    """Return the page, locked: two children added at once would get the same path."""
    return Page.objects.select_for_update().get(pk=parent.pk)


def own_material(user: User, page_id: int) -> MaterialPage:
    """Return a material of the contributor as it is stored. Raises Http404 for all others."""
    page: MaterialPage | None
    page = MaterialPage.objects.filter(pk=page_id, owner_id=user.pk).first()
    if page is None:
        raise Http404
    return page


def working_copy(page: MaterialPage) -> MaterialPage:
    """Return the material as the contributor last left it."""
    copy: MaterialPage = page.get_latest_revision_as_object() if page.live else page
    return copy


@contextmanager
def taking_turns(user: User, page_id: int) -> Iterator[tuple[MaterialPage, Standing]]:
    """Yield a contributor's material and its standing while nobody else can change or decide it.

    Raises Http404 where it is not theirs.
    """
    with transaction.atomic():
        if not Page.objects.select_for_update().filter(pk=page_id, owner_id=user.pk).exists():
            raise Http404
        page = own_material(user, page_id)
        yield page, standing_of(page)


@contextmanager
def editing(user: User, page_id: int) -> Iterator[MaterialPage]:
    """Yield the working copy, and keep it at the end.

    Raises Http404 where it is not theirs, NotEditable while it is under review.
    """
    with taking_turns(user, page_id) as (page, standing):
        if not standing.is_editable:
            raise NotEditable
        copy = working_copy(page)
        yield copy
        keep(copy, user)


def keep(copy: MaterialPage, user: User) -> None:
    """Store a working copy."""
    if copy.live:
        copy.save_revision(user=user)
    else:
        copy.draft_title = copy.title
        copy.save()


def attach(user: User, page_id: int, stored: StoredFile) -> None:
    """Add a file to a material, once. Raises NotEditable, TooMany and Http404."""
    with editing(user, page_id) as copy:
        attached = list(copy.files.all())
        if stored.pk in {one.file_id for one in attached}:
            return
        if len(attached) >= MOST_FILES:
            raise TooMany
        copy.files.add(MaterialFile(file=stored, sort_order=len(attached)))


def detach(user: User, page_id: int, file_id: int) -> None:
    """Take a file off a material. Raises NotEditable and Http404.

    One that nothing shows and that nobody has been sent is deleted. Later it stays: an editor may
    go back to the version that was sent, which cannot be opened without its files.
    """
    with editing(user, page_id) as copy:
        gone = [one for one in copy.files.all() if one.file_id == file_id]
        for one in gone:
            copy.files.remove(one)
    if gone and copy.latest_revision_id is None:
        delete_unused(StoredFile.objects.filter(pk=file_id))


def back_to_published(page: MaterialPage) -> None:
    """Leave the newer version of a published material, as if it had never been begun."""
    published = page.live_revision
    if published is not None:
        Page.objects.filter(pk=page.pk).update(
            latest_revision=published,
            latest_revision_created_at=published.created_at,
            has_unpublished_changes=False,
            draft_title=page.title,
        )


def moved_to(
    user: User,
    page: MaterialPage,
    *,
    country: Country | None,
    language: str,
    workshop: WorkshopPage | None,
    session: str = "",
) -> MaterialPage:
    """Return an unpublished material after it was put where its editors look after it.

    Args:
        user: The contributor.
        page: As stored.
        country: Whose editors review it, unless it is for a workshop.
        language: Content language.
        workshop: For which it is handed in.
        session: Title of the session of the workshop.
    """
    if workshop is not None:
        target: Page = materials_folder(workshop)
        put_under_review(target, workshop.country)
    else:
        target = ensure_branch(country, language)
    if not page.is_child_of(target):
        page.move(_locked_parent(target), pos="last-child")
        page = MaterialPage.objects.get(pk=page.pk)
        review = page.current_workflow_state
        if review is not None and review.workflow != page.get_workflow():
            review.cancel(user=user)  # other editors are to look at it now
    page.locale = Locale.objects.get(language_code=language)
    page.country = country
    # Who looks after a collection may fetch its files.
    StoredFile.objects.filter(shown_on__page_id=page.pk).update(
        collection=materials_collection(responsible_country(page))
    )
    if workshop is not None and session:
        SessionMaterial.objects.update_or_create(
            material_id=page.pk, defaults={"workshop": workshop, "session_title": session}
        )
    else:
        SessionMaterial.objects.filter(material_id=page.pk).delete()
    return page


def workshop_of(page: MaterialPage) -> WorkshopPage | None:
    """Return the workshop a material was handed in for."""
    parent = page.get_parent()
    if parent is None or parent.specific_class is not WorkshopMaterialsPage:
        return None
    workshop: WorkshopPage = parent.get_parent().specific
    return workshop


def handed_in_for(page: MaterialPage, reader: Reader) -> dict[str, Any]:
    """Return `workshop` and `session` of a material; nothing where the reader may not open it."""
    workshop = workshop_of(page)
    if workshop is None or not may_open(reader, workshop.pk):
        return {}
    return {"workshop": workshop, "session": session_of(page)}


def responsible_country(page: MaterialPage) -> Country | None:
    """Return whose editors look after a material: of the workshop it is for, else of its own."""
    workshop = workshop_of(page)
    return workshop.country if workshop is not None else page.country


def session_of(page: MaterialPage) -> str:
    """Return the title of the session a material was handed in for, empty for none."""
    row = SessionMaterial.objects.filter(material_id=page.pk).first()
    return row.session_title if row else ""

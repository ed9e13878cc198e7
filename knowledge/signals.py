"""Every way a page can change what may be found marks it for synchronisation.

Model signals are used, not Wagtail's `page_published`: they run inside the transaction that
changes the page and also fire for `add_child()`, `save()` and descendants of a deleted page.
"""

from collections.abc import Set as AbstractSet
from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.dispatch import Signal, receiver
from wagtail.models import Page, PageQuerySet

from embeddings.service import documents_citing
from knowledge.documents import page_id_of
from knowledge.eligibility import work_types
from knowledge.models import Country, Fact, ProgrammePage, Theme
from knowledge.models.base import ProgrammeWorkPage
from knowledge.sync import filed_otherwise, mark_pending

_OF_DRAFTS = frozenset(
    {"latest_revision", "latest_revision_created_at", "draft_title", "has_unpublished_changes"}
)
"""What saving a draft writes to a page; readers see none of it."""


@receiver(post_save, dispatch_uid="knowledge.page_saved")
@receiver(post_delete, dispatch_uid="knowledge.page_deleted")
def mark_changed_page(
    sender: type[Page],
    instance: Any,
    raw: bool = False,
    update_fields: AbstractSet[str] | None = None,
    **_: Any,
) -> None:
    """Mark a work that was saved or deleted, unless only its draft was."""
    if update_fields is not None and update_fields <= _OF_DRAFTS:
        return
    if isinstance(instance, work_types()) and not raw:
        mark_pending([instance.pk])


@receiver(post_save, sender=Page, dispatch_uid="knowledge.plain_page_saved")
def mark_what_moved(instance: Page, raw: bool = False, **_: Any) -> None:
    """Mark a page that was saved without its type, and all that a move gave another path.

    A move saves the plain page. It gives new paths to all below it and, when a section is sorted,
    to its neighbours; the thousands that kept theirs are not read again.
    """
    if not raw:
        parent_path = instance.path[: -instance.steplen]
        beside = Page.objects.filter(path__startswith=parent_path).type(*work_types())
        paths = dict(beside.values_list("pk", "path"))
        moved = filed_otherwise(paths, lambda page_id, filed: filed.scope == paths[page_id])
        mark_pending({instance.pk} & paths.keys() | moved)


@receiver(pre_delete, sender=ProgrammePage, dispatch_uid="knowledge.programme_deleted")
@receiver(post_save, sender=ProgrammePage, dispatch_uid="knowledge.programme_saved")
def mark_works_of_programme(instance: ProgrammePage, signal: Signal, **_: Any) -> None:
    """Mark the works whose facet is to name another programme, or none."""
    for model in work_types():
        if issubclass(model, ProgrammeWorkPage):
            works = model.objects.filter(programme=instance)
            _mark_refiled(works, "programme", instance.code, signal)


@receiver(post_save, sender=Country, dispatch_uid="knowledge.country_saved")
def mark_works_of_country(instance: Country, signal: Signal, **_: Any) -> None:
    """Mark the works whose facet is to name another country."""
    for model in work_types():
        _mark_refiled(model.objects.filter(country=instance), "country", instance.code, signal)


@receiver(pre_delete, sender=Theme, dispatch_uid="knowledge.theme_deleted")
@receiver(post_save, sender=Theme, dispatch_uid="knowledge.theme_saved")
def mark_works_of_theme(instance: Theme, signal: Signal, **_: Any) -> None:
    """Mark the works whose facet is to name another theme, or one less."""
    for model in work_types():
        _mark_refiled(model.objects.filter(themes=instance), "theme", instance.code, signal)


def _mark_refiled(works: PageQuerySet, facet: str, code: str, signal: Signal) -> None:
    """Mark works that the index files under another code; all, if what they name is deleted.

    Most that is saved keeps its code, and may have thousands of works.
    """
    ids = works.values_list("pk", flat=True)
    if signal is pre_delete:
        mark_pending(ids)
    else:
        mark_pending(filed_otherwise(ids, lambda _, filed: code in filed.facets.get(facet, ())))


@receiver(pre_delete, sender=Fact, dispatch_uid="knowledge.fact_deleted")
@receiver(post_save, sender=Fact, dispatch_uid="knowledge.fact_saved")
def mark_pages_that_cite(instance: Fact, created: bool = False, **_: Any) -> None:
    """Mark the pages that cite a fact whose statement may have changed."""
    if not created:
        mark_pending({page_id_of(key) for key in documents_citing(instance.code)})


@receiver(m2m_changed, dispatch_uid="knowledge.themes_changed")
def mark_retagged_page(instance: Any, action: str, **_: Any) -> None:
    """Mark a work whose themes were changed after it was saved."""
    if action.startswith("post_") and isinstance(instance, work_types()):
        mark_pending([instance.pk])

"""May this page be found at all? One rule in two forms; who may find it is `knowledge.rights`."""

import datetime as dt
from functools import cache

from django.db.models import Q
from django.utils import timezone
from wagtail.models import Page, PageManager, PageQuerySet, get_page_models

from knowledge.models.base import WorkPage


@cache
def work_types() -> tuple[type[WorkPage], ...]:
    """Return the page types that are works."""
    return tuple(model for model in get_page_models() if issubclass(model, WorkPage))


@cache
def kind_labels(_active_language: str | None) -> dict[str, str]:
    """Return kind → what it is called in the active language."""
    return {model.kind: str(model.kind_label) for model in work_types()}


def searchable_pages(at: dt.datetime | None = None) -> PageQuerySet:
    """Return every live, unexpired work page; aliases repeat another page and are left out.

    Args:
        at: The time that counts; None for now.
    """
    return searchable(Page.objects.type(*work_types()), at)


def searchable(works: PageManager | PageQuerySet, at: dt.datetime | None = None) -> PageQuerySet:
    """Return those of some works' pages that may be found now, or at another time."""
    not_expired = Q(expire_at__isnull=True) | Q(expire_at__gt=at or timezone.now())
    pages: PageQuerySet = works.filter(not_expired, live=True, alias_of__isnull=True)
    return pages


def is_searchable(page: Page) -> bool:
    """Return True if the page is one of `searchable_pages()`."""
    return (
        isinstance(page, work_types())
        and page.live
        and page.alias_of_id is None
        and (page.expire_at is None or page.expire_at > timezone.now())
    )

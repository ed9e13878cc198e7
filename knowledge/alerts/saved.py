"""Searches that a reader wants to hear of again."""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from knowledge.models import SavedSearch, ToldWork
from knowledge.rights import AbsentReader, Reader
from knowledge.search.service import Filters, search_knowledge, works_answering

MOST_SAVED = 50
"""Of one reader."""
_PAUSES = {
    SavedSearch.Cadence.DAILY: timedelta(days=1),
    SavedSearch.Cadence.WEEKLY: timedelta(days=7),
}


def save_search(
    user: AbstractBaseUser,
    reader: Reader,
    *,
    text: str,
    filters: Filters,
    cadence: str,
    language: str,
) -> SavedSearch | None:
    """Keep a search; what it finds now is no news. Saved a second time, it only gets the new cadence.

    Returns:
        None when the reader has as many as one may have.

    Raises:
        EncoderUnavailable: What it finds cannot be told now.
    """
    kept = {name: list(values) for name, values in filters.items() if values}
    mine = SavedSearch.objects.filter(user_id=user.pk)
    same = next((one for one in mine.filter(query=text) if one.filters == kept), None)
    if same is not None:
        mine.filter(pk=same.pk).update(cadence=cadence, language=language)
        return same
    if mine.count() >= MOST_SAVED:
        return None
    works = works_answering(text, reader=reader, filters=kept)
    with transaction.atomic():
        saved = SavedSearch.objects.create(
            user_id=user.pk, query=text, filters=kept, cadence=cadence, language=language,
            told_at=timezone.now(),
        )  # fmt: skip
        note_told(saved, works)
    return saved


def note_told(saved: SavedSearch, works: Iterable[uuid.UUID]) -> None:
    """Remember works as told."""
    rows = [ToldWork(search=saved, work=work) for work in works]
    ToldWork.objects.bulk_create(rows, ignore_conflicts=True)


def due_searches() -> QuerySet[SavedSearch]:
    """Return the searches whose reader is to hear now, who waited longest first."""
    now = timezone.now()
    due = Q(told_at=None)
    for cadence, pause in _PAUSES.items():
        due |= Q(cadence=cadence, told_at__lte=now - pause)
    return SavedSearch.objects.filter(due, user__is_active=True).order_by(
        F("told_at").asc(nulls_first=True), "pk"
    )


def reader_of(saved: SavedSearch) -> AbsentReader:
    """Return the person a search belongs to, with the rights that they have now."""
    return AbsentReader(user=saved.user, reader_language=saved.language)


def labels_of(saved: SavedSearch, reader: Reader) -> list[str]:
    """Return the filters of a search in words; a programme that the reader may not open has none."""
    if not saved.filters:
        return []
    results = search_knowledge("", reader=reader, filters=saved.filters, limit=0)
    return [value.label for facet in results.facets for value in facet.values if value.selected]

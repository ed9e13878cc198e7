"""From changed pages to changed passages.

Whoever changes a page marks it in the same transaction; whoever commits, or searches next,
drains the marks. Draining twice, or in two processes at once, does no harm.
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial

from django.db import transaction

from embeddings import service
from embeddings.errors import EncoderUnavailable
from knowledge.documents import document_key, load_document, page_id_of
from knowledge.eligibility import searchable_pages
from knowledge.models.pending import PendingSync

logger = logging.getLogger(__name__)


def mark_pending(page_ids: Iterable[int]) -> None:
    """Note that these pages changed, and bring the index up to date after the commit."""
    rows = [PendingSync(page_id=page_id) for page_id in page_ids]
    if rows:
        PendingSync.objects.bulk_create(rows)
        # An index that cannot be written must not undo an editor's save: the marks stay.
        transaction.on_commit(drain_pending, robust=True)


def drain_pending() -> int:
    """Synchronise all marked pages; return how many. A page that fails keeps its mark."""
    marks: dict[int, list[int]] = {}
    waiting: list[int] = []
    for pk, page_id in PendingSync.objects.order_by("pk").values_list("pk", "page_id"):
        marks.setdefault(page_id, []).append(pk)
    done = 0
    for page_id, pks in marks.items():
        try:
            with transaction.atomic():
                sync_page(page_id)
                PendingSync.objects.filter(pk__in=pks).delete()
            done += 1
        except EncoderUnavailable:
            # Withdrawals need no encoder: go on to the next mark.
            logger.warning("No encoder: page %d waits to be indexed.", page_id)
            waiting.append(page_id)
        except Exception:  # one broken page must not keep the others from being found
            logger.exception("Page %d could not be indexed.", page_id)
    for page_id in waiting:
        try:  # whom a page is for must not wait for an encoder
            service.refile_document(document_key(page_id), partial(load_document, page_id))
        except Exception:
            logger.exception("Page %d could not be filed anew.", page_id)
    return done


def sync_page(page_id: int) -> service.SyncOutcome:
    """Make the passages of one page equal to the page."""
    return service.sync_document(document_key(page_id), partial(load_document, page_id))


def filed_otherwise(
    page_ids: Iterable[int], as_wanted: Callable[[int, service.Filed], bool]
) -> set[int]:
    """Return those of the pages that the index does not file as wanted, or may be about to."""
    wanted = set(page_ids)
    filed = service.filed_as(map(document_key, wanted))
    otherwise = {
        page_id
        for page_id in map(page_id_of, filed)
        if not as_wanted(page_id, filed[document_key(page_id)])
    }
    # Another process may be writing what a mark says, from what was so before.
    return otherwise | wanted & set(PendingSync.objects.values_list("page_id", flat=True))


def page_ids_to_sync() -> list[int]:
    """Return the ids of all pages that are searchable or have passages."""
    stored = {page_id_of(key) for key in service.indexed_document_keys()}
    return sorted(stored | set(searchable_pages().values_list("pk", flat=True)))

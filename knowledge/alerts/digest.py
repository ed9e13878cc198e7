"""New works of saved searches, noted as told in the transaction that queues the mail."""

from django.db import transaction
from django.utils import timezone

from embeddings.errors import EncoderUnavailable
from knowledge.alerts.saved import due_searches, note_told, reader_of
from knowledge.mail.outbox import queue_composed
from knowledge.models import SavedSearch
from knowledge.search.service import works_answering


def tell_due(limit: int = 20) -> int:
    """Look for news of the searches that are due; return how many were looked at."""
    done = 0
    for saved in due_searches().select_related("user")[:limit]:
        try:
            done += _tell(saved)
        except EncoderUnavailable:
            break  # later: by words alone news would be missed, and what is missed is not told
    return done


def _tell(saved: SavedSearch) -> bool:
    """Queue a mail of what is new; return False if another process was quicker."""
    works = works_answering(saved.query, reader=reader_of(saved), filters=saved.filters)
    told = set(saved.told.values_list("work", flat=True))
    new = [work for work in works if work not in told]
    now = timezone.now()
    with transaction.atomic(durable=True):
        mine = SavedSearch.objects.filter(pk=saved.pk, told_at=saved.told_at).update(told_at=now)
        if not mine:
            return False
        if new:
            note_told(saved, new)
            queue_composed(
                key=f"alert/{saved.pk}/{now.isoformat()}",
                recipient=saved.user.email,
                composer="alert",
                content={"search": saved.pk, "works": [str(work) for work in new]},
            )
    return True

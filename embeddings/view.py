"""A process's view of the rows: columns, dense and lexical index, caught up before each search."""

import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from django.core.signals import setting_changed

from embeddings.columns import DocumentEntry, PassageColumns, expiry
from embeddings.conf import get_encoder
from embeddings.dense import DenseIndex
from embeddings.encoders.base import Encoder
from embeddings.errors import EncoderUnavailable
from embeddings.lexical import LexicalIndex, LexicalText, folded_words
from embeddings.models import DocumentChange, IndexState, Passage
from embeddings.sentences import PassageTexts, SentenceCache
from embeddings.store import vectors_of

logger = logging.getLogger(__name__)

_RETIRED_BEFORE_RENEWAL = 10_000


class IndexView:
    """Equal to the rows at `position`; `lock` is held while catching up and while searching."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._clear()

    def _clear(self) -> None:
        self.position = 0
        self.generation: uuid.UUID | None = None
        self.columns = PassageColumns()
        self.lexical = LexicalIndex()
        self.encoder: Encoder | None = None
        self.dense: DenseIndex | None = None
        self.sentences: SentenceCache | None = None
        try:
            self.encoder = get_encoder()
            self.dense = DenseIndex(self.encoder.dimensions)
            self.sentences = SentenceCache(self.encoder, self._texts_of)
        except EncoderUnavailable:
            logger.exception("The encoder cannot be loaded; search answers by words alone.")

    def catch_up(self) -> None:
        """Apply every change committed since the last time. Callers hold the lock."""
        state = IndexState.objects.filter(pk=1).first() or IndexState(generation=uuid.UUID(int=0))
        newest = state.position
        if (state.generation, newest) == (self.generation, self.position):
            return
        if state.generation != self.generation or newest < self.position or self._is_worn():
            self._rebuild(newest)
        else:
            changes = DocumentChange.objects.filter(position__gt=self.position)
            keys = sorted(set(changes.values_list("document_key", flat=True)))
            self._replace(keys, Passage.objects.filter(document_key__in=keys))
        self.generation, self.position = state.generation, newest

    def _is_worn(self) -> bool:
        retired = len(self.columns.slots) - self.columns.count_passages()
        return retired > max(_RETIRED_BEFORE_RENEWAL, self.columns.count_passages())

    def _rebuild(self, newest: int) -> None:
        self._clear()
        self._replace([], Passage.objects.all())
        logger.info("Index view built: %d passages at %d.", len(self.columns.slots), newest)

    def _replace(self, keys: Iterable[str], rows: Iterable[Passage]) -> None:
        slots = [slot for key in keys for slot in self.columns.retire(key)]
        self.lexical.remove(slots)
        if self.dense is not None:
            self.dense.remove(slots)
        if self.sentences is not None:
            self.sentences.forget(slots)
        by_document: dict[str, list[Passage]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.document_key, row.position)):
            by_document[row.document_key].append(row)
        texts: dict[int, LexicalText] = {}
        for passages in by_document.values():
            added = self.columns.add(
                _entry(passages[0]), [(row.pk, row.position) for row in passages]
            )
            self._add_vectors(added, passages)
            texts.update(
                (slot, self._lexical_text(row)) for slot, row in zip(added, passages, strict=True)
            )
        self.lexical.add(texts)

    def _add_vectors(self, slots: Sequence[int], rows: Sequence[Passage]) -> None:
        """Add the vectors of this view's encoder; vectors of two encoders never meet."""
        if self.dense is None or self.encoder is None:
            return
        own = [
            (slot, row)
            for slot, row in zip(slots, rows, strict=True)
            if row.encoder_id == self.encoder.encoder_id
        ]
        if own:
            self.dense.add(
                [slot for slot, _ in own],
                vectors_of([row for _, row in own], self.encoder.dimensions),
            )

    def _texts_of(self, slots: Sequence[int]) -> dict[int, PassageTexts]:
        ids = {self.columns.slots[slot].passage_id: slot for slot in slots}
        rows = Passage.objects.filter(pk__in=list(ids)).values_list("pk", "text", "notes")
        return {ids[pk]: PassageTexts(text, tuple(notes.values())) for pk, text, notes in rows}

    def _lexical_text(self, row: Passage) -> LexicalText:
        text = "\n".join([row.title, row.heading, row.text, *row.notes.values()])
        return LexicalText(
            subwords=" ".join(self.encoder.subwords(text)) if self.encoder else "",
            words=" ".join(folded_words(text)),
            language=row.language,
        )


def _entry(row: Passage) -> DocumentEntry:
    return DocumentEntry(
        key=row.document_key,
        work=row.work,
        language=row.language,
        is_original=row.is_original,
        facets=row.facets,
        dated=row.dated,
        scope=row.scope,
        visible_until=expiry(row.visible_until.timestamp() if row.visible_until else None),
    )


@cache
def get_view() -> IndexView:
    """Return this process's view."""
    return IndexView()


def _forget(*, setting: str, **_: object) -> None:
    if setting == "EMBEDDINGS":
        get_view.cache_clear()


setting_changed.connect(_forget, dispatch_uid="embeddings.view")

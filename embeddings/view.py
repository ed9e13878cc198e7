"""A process's view of the rows: a base and a tail, caught up with the log before each search."""

import ctypes
import logging
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

import numpy as np
from django.core.signals import setting_changed

from embeddings.base import (
    Base,
    BaseBuilder,
    entry_of,
    lexical_texts,
    passage_entries,
    read_passages,
    vectors_of,
)
from embeddings.columns import Numbers, Selection
from embeddings.compaction import (
    Compaction,
    Prepared,
    current_state,
    is_built_quickly,
    prepare,
    prepare_anew,
)
from embeddings.conf import get_config
from embeddings.dense import DenseIndex, Vectors
from embeddings.dense_store import MilvusDense, configured_store
from embeddings.encoders.base import Encoder
from embeddings.lexical import LexicalIndex, LexicalText
from embeddings.models import DocumentChange, IndexState, Passage
from embeddings.records import RecordArrays, Records, Tokens, joined_records
from embeddings.status import ViewStatus

logger = logging.getLogger(__name__)

_WORN_SHARE = 20
"""One passage in so many may be new or dead before a large base is built anew."""
_KEYS_AT_ONCE = 500
_PROPOSED = 4
"""How many times as many passages the dense index proposes as are wanted."""


class IndexView:
    """Equal to the rows at `position`; `lock` is held while catching up and while searching."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.compaction = Compaction()
        self.position = self.base_position = 0
        self.generation: uuid.UUID | None = None
        self.encoder: Encoder | None = None
        self._take(BaseBuilder().finish())

    def _adopt(self, prepared: Prepared) -> None:
        self.encoder = prepared.encoder
        self.generation = prepared.generation
        self.position = self.base_position = prepared.position
        self._take(prepared.base)
        _give_memory_back()
        logger.info("Index view of %d passages at %d.", self.base_passages, self.position)

    def _take(self, base: Base) -> None:
        """Begin anew from a base, with an empty tail."""
        dimensions = self.encoder.dimensions if self.encoder is not None else 1
        self.columns = base.columns
        self.counts = base.counts
        self.base_passages = base.columns.count_slots()
        self.lexical = LexicalIndex(base.lexical, base_slots=self.base_passages)
        self.dense = self._dense_side(base)
        self._base_records = base.records
        self._tail_records = RecordArrays(dimensions)
        self._languages = {code: number for number, code in enumerate(base.languages, 1)}

    def _dense_side(self, base: Base) -> DenseIndex | MilvusDense | None:
        """Return where vectors are searched: in this process, or in the store that is configured."""
        if self.encoder is None:
            return None
        store = configured_store(self.encoder)
        if store is None:
            return DenseIndex(self.encoder.dimensions, base.dense)
        return MilvusDense(store, self.columns, current_state())

    def catch_up(self, state: IndexState | None = None) -> None:
        """Apply every change committed since the last time. Callers hold the lock.

        Args:
            state: The newest state, when the caller has just read it.
        """
        state = state or current_state()
        self._change_over(state)
        if isinstance(self.dense, MilvusDense):
            self.dense.state = state
        if (state.generation, state.position) == (self.generation, self.position):
            return
        if (
            state.generation != self.generation
            or not state.log_start <= self.position <= state.position
        ):
            self._adopt(prepare(state))  # the log does not lead from this view to the rows
        self._follow(state)
        if isinstance(self.dense, MilvusDense):
            self.dense.state = state
        if self._is_worn():
            if is_built_quickly():
                self._adopt(prepare_anew(state))
            else:
                self.compaction.start(newer_than=self.base_position)

    def _change_over(self, state: IndexState) -> None:
        """Go over to the base that compaction has made ready, if it still fits."""
        ready = self.compaction.take()
        if (
            ready is not None
            and ready.generation == state.generation == self.generation
            and ready.encoder is self.encoder
            and state.log_start <= ready.position <= state.position
        ):
            self._adopt(ready)

    def compact(self) -> None:
        """Make a new base now; readers wait only for the change-over at the end."""
        prepared = prepare_anew(current_state())
        with self.lock:
            self._adopt(prepared)
            self.catch_up()

    def _is_worn(self) -> bool:
        slots = self.columns.count_slots()
        tail, dead = slots - self.base_passages, slots - self.columns.count_passages()
        return tail + dead > max(get_config().tail_limit, self.base_passages // _WORN_SHARE)

    def _follow(self, state: IndexState) -> None:
        changes = DocumentChange.objects.filter(
            position__gt=self.position, position__lte=state.position
        )
        keys = sorted(set(changes.values_list("document_key", flat=True)))
        for first in range(0, len(keys), _KEYS_AT_ONCE):
            self._replace(keys[first : first + _KEYS_AT_ONCE])
        self.position = state.position

    def _replace(self, keys: Sequence[str]) -> None:
        """Make this view's passages of some documents those of the rows as they are now."""
        for key in keys:
            self._forget(key)
        rows = Passage.objects.filter(document_key__in=keys).order_by("document_key", "position")
        texts: dict[int, LexicalText] = {}
        for passages in read_passages(rows, self.encoder):
            entry = entry_of(passages[0].row)
            slots = self.columns.add(entry, passage_entries(passages))
            language = self._languages.setdefault(entry.language, len(self._languages) + 1)
            for read in passages:
                self._tail_records.append(read.record)
                self._count(read.record.subwords, read.record.words, language, sign=1)
            texts |= dict(zip(slots, lexical_texts(entry, passages), strict=True))
            own = [(slot, one) for slot, one in zip(slots, passages, strict=True) if one.has_vector]
            if own and self.dense is not None:
                vectors = vectors_of([one for _, one in own], self.dense.dimensions)
                self.dense.add([slot for slot, _ in own], vectors)
        self.lexical.add(texts)
        self.lexical.commit()

    def _forget(self, key: str) -> None:
        number = self.columns.number_of(key)
        slots = self.columns.retire(key)
        if number is None or not slots:
            return
        records = self.records(np.array(slots, dtype=np.int64))
        language = self._languages[self.columns.documents[number].language]
        for place in range(len(slots)):
            self._count(records.subwords.of(place), records.words.of(place), language, sign=-1)
        self.lexical.remove(slots)
        if self.dense is not None:
            self.dense.remove(slots)

    def _count(self, subwords: Tokens, words: Tokens, language: int, *, sign: int) -> None:
        for counts, tokens in zip(self.counts, (subwords, words), strict=True):
            counts.add(tokens, language, sign=sign)

    def records(self, slots: Numbers) -> Records:
        """Return the records of slots, which are in ascending order."""
        border = int(np.searchsorted(slots, self.base_passages))
        return joined_records(
            self._base_records.gather(slots[:border]),
            self._tail_records.gather(slots[border:], first_slot=self.base_passages),
        )

    def select_all(self) -> Selection:
        """Return what a reader without any bar or filter may find now."""
        return self.columns.select(filters={}, barred_scopes=frozenset(), now=time.time())

    def nearest(
        self, query: Vectors, *, selection: Selection | None = None, limit: int = 10
    ) -> list[tuple[int, float]]:
        """Return (row id, cosine) of the nearest passages; none without an encoder.

        The index proposes some, by codes of one byte; the vectors of their rows decide.
        """
        if self.dense is None:
            return []
        chosen = selection or self.select_all()
        slots, _ = self.dense.search(query, selection=chosen, limit=_PROPOSED * limit)
        rows = Passage.objects.filter(pk__in=self.columns.rows_of(slots))
        cosines = {
            pk: float(np.frombuffer(vector, "<f2").astype(np.float32) @ query)
            for pk, vector in rows.values_list("pk", "vector")
        }
        return sorted(cosines.items(), key=lambda one: (-one[1], one[0]))[:limit]

    def count_with_vectors(self) -> int:
        """Return how many passages can be found by meaning."""
        alive = self.columns.alive_slots()
        counts = (self._base_records.vector_counts, self._tail_records.vector_counts)
        return int(np.count_nonzero(np.concatenate(counts)[alive]))

    def describe(self) -> ViewStatus:
        """Return what this view consists of."""
        slots = self.columns.count_slots()
        return ViewStatus(
            base_passages=self.base_passages,
            tail_passages=slots - self.base_passages,
            dead_passages=slots - self.columns.count_passages(),
            dense_kind=self.dense.kind if self.dense is not None else "none",
            position=self.position,
        )


def _give_memory_back() -> None:
    """Return what building took and no longer needs; the C library would keep it for later."""
    with suppress(OSError, AttributeError):  # a C library without it
        ctypes.CDLL(None).malloc_trim(0)


_making = threading.Lock()


@cache
def _view() -> IndexView:
    return IndexView()


def get_view() -> IndexView:
    """Return this process's view, the same for threads that ask for their first at once."""
    with _making:
        return _view()


def forget_view() -> None:
    """Let go of this process's view; whoever asks next gets a new one."""
    _view.cache_clear()


def _forget(*, setting: str, **_: object) -> None:
    if setting == "EMBEDDINGS":
        forget_view()


setting_changed.connect(_forget, dispatch_uid="embeddings.view")

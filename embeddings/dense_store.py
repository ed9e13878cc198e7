"""Dense candidates from a vector store beside the process: what a view holds instead of an index.

The store may be behind or ahead of the view, or away. Whatever it names is looked up in the view's
own columns and passes the view's own selection once more, so that it can leave something out but
never show what a reader may not see.
"""

import inspect
import logging
import time

import numpy as np

from embeddings.columns import Numbers, PassageColumns, Selection
from embeddings.conf import get_config
from embeddings.dense import Scores, Vectors
from embeddings.encoders.base import Encoder
from embeddings.errors import ConfigurationError
from embeddings.milvus import MilvusStore, VectorStoreUnavailable
from embeddings.models import IndexState

logger = logging.getLogger(__name__)

_REST_SECONDS = 15.0
"""How long a store that did not answer is not asked again: readers would wait for it each time."""
_RELOADED_UP_TO = 20_000
"""Passages that a reader may wait for; more are loaded by `load_vector_store`."""


class MilvusDense:
    """Stands for `DenseIndex`; slots and cosines as there.

    Args:
        store: Where the vectors are.
        columns: Of the view that asks.
        state: The log position that the store must have reached before it is asked; the view sets
            it each time that it catches up.
    """

    kind = "milvus"
    base_size = 0
    """Nothing of it is in this process."""

    def __init__(self, store: MilvusStore, columns: PassageColumns, state: IndexState) -> None:
        self.dimensions = store.dimensions
        self.state = state
        self._store = store
        self._columns = columns
        self._rests_until = -np.inf

    @property
    def answers(self) -> bool:
        """Return False while the store is not asked because it did not answer."""
        return time.monotonic() >= self._rests_until

    def add(self, slots: list[int], vectors: Vectors) -> None:
        """Do nothing: the store follows the log by itself."""

    def remove(self, slots: list[int]) -> None:
        """Do nothing, as `add`."""

    def search(self, query: Vectors, *, selection: Selection, limit: int) -> tuple[Numbers, Scores]:
        """Return (slots, cosines) of the nearest allowed slots, best first.

        None when the store does not answer; then what shares words with the question is found.
        """
        rows: Numbers = np.zeros(0, np.int64)
        cosines = np.zeros(0, np.float32)
        if np.any(query) and self.answers:
            try:
                rows, cosines = self._ask(query, selection, limit)
            except VectorStoreUnavailable as fault:
                self._rests_until = time.monotonic() + _REST_SECONDS
                logger.warning("Search answers by words alone: %s", fault)
        return self._allowed(rows, cosines, selection)

    def _ask(self, query: Vectors, selection: Selection, limit: int) -> tuple[Numbers, Scores]:
        self._store.catch_up(self.state, reload_up_to=_RELOADED_UP_TO)
        found = self._store.search(
            query,
            filters=selection.filters,
            barred_scopes=selection.barred_scopes,
            now=selection.now,
            limit=limit,
            share=selection.share,
        )
        rows = np.array([row for row, _ in found], np.int64)
        return rows, np.array([cosine for _, cosine in found], np.float32)

    def _allowed(
        self, rows: Numbers, cosines: Scores, selection: Selection
    ) -> tuple[Numbers, Scores]:
        slots = self._columns.slots_of_rows(rows)
        if selection.slots is not None:
            slots = slots[selection.slots[slots]]
        cosine_of = dict(zip(rows.tolist(), cosines.tolist(), strict=True))
        scores = np.array([cosine_of[row] for row in self._columns.rows_of(slots)], np.float32)
        order = np.lexsort((slots, -scores))
        return slots[order], scores[order]


def configured_store(encoder: Encoder) -> MilvusStore | None:
    """Return the store that EMBEDDINGS["VECTOR_STORE"] names; None when vectors stay in the process.

    Raises:
        ConfigurationError: It names another kind of store, or options that Milvus does not have.
    """
    setting = get_config().vector_store
    if not setting:
        return None
    if setting.get("BACKEND") != "milvus":
        raise ConfigurationError('VECTOR_STORE: the BACKEND is "milvus" or there is none.')
    options = {"collection": "portal", **setting.get("OPTIONS", {})}
    options |= {"dimensions": encoder.dimensions, "encoder_id": encoder.encoder_id}
    try:
        inspect.signature(MilvusStore).bind(**options)
    except TypeError as error:
        raise ConfigurationError(f"VECTOR_STORE, OPTIONS: {error}.") from error
    return MilvusStore(**options)

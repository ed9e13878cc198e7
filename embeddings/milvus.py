"""Passages in a Milvus server: a copy of the vectors that follows the log and is never the truth.

For collections that outgrow one machine. Milvus holds of each passage its row id, its vector and
what filters and rights ask of; ranking, words and texts stay where they are.
"""

import hashlib
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from embeddings.compaction import current_state
from embeddings.errors import ConfigurationError, EmbeddingsError
from embeddings.milvus_fields import (
    LAYOUT,
    PASSAGE_COLUMNS,
    cells_scanned,
    entity,
    index_for,
    may_be_found,
    of_documents,
    schema,
)
from embeddings.models import DocumentChange, IndexState, Passage, VectorStoreState

logger = logging.getLogger(__name__)

_PASSAGES_AT_ONCE = 2_000
_CHANGES_AT_ONCE = 500
_SECONDS_TO_CONNECT = 3.0
_SECONDS_TO_ANSWER = 5.0
_SECONDS_TO_WRITE = 60.0
_SECONDS_TO_BUILD = 3_600.0
_SETTLED_SECONDS = 10.0
"""After so long every replica of Milvus has a change, even if it is not made to wait for it."""
_MOST_HITS = 16_384
"""What Milvus allows."""

Progress = Callable[[int], None]


class VectorStoreUnavailable(EmbeddingsError):  # noqa: N818 – named for the fault, as the others
    """Milvus cannot be asked now; search answers by words alone."""


class MilvusStore:
    """The passages of one encoder in Milvus.

    Args:
        uri: Address of the server, `http://host:19530`, or the path of a milvus-lite file.
        token: `user:password` or an API key, empty where the server asks for none.
        collection: What the collection's name begins with; a mark of the encoder follows, so that
            the vectors of two encoders never meet.
        dimensions: Length of the vectors.
        encoder_id: Only rows of this encoder are held.

    Raises:
        ConfigurationError: Address and collection are too long to be written down.
    """

    def __init__(
        self, *, uri: str, token: str = "", collection: str, dimensions: int, encoder_id: str
    ) -> None:
        self._uri = uri
        self._token = token
        self._prefix = collection
        self._encoder_id = encoder_id
        self.dimensions = dimensions
        mark = f"{LAYOUT} {dimensions} {encoder_id}".encode()
        self.collection = f"{collection}_{hashlib.blake2b(mark, digest_size=8).hexdigest()}"
        self.name = f"{uri} {self.collection}"
        if len(self.name) > (VectorStoreState.name.field.max_length or 0):
            raise ConfigurationError("VECTOR_STORE: uri and collection are too long together.")
        self._client: Any = None
        self._is_ready = False
        self._has_cells = False
        self._reached: tuple[uuid.UUID, int] | None = None
        self._changed_at = time.monotonic()

    # --- Following the log ------------------------------------------------------------------------

    def catch_up(
        self,
        state: IndexState,
        *,
        reload_up_to: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Make the collection equal to the rows at `state` or newer.

        One process writes at a time, under a lock on the store's row; another waits for it and
        finds the work done. A killed writer has not moved the position: the next repeats it.

        Args:
            state: The newest state the caller knows.
            reload_up_to: Where all has to be loaded anew and there are more passages than this,
                raise instead: a reader does not wait for hours. None loads any number.
            progress: Told how many passages were loaded, when all are loaded anew.

        Raises:
            VectorStoreUnavailable: Milvus cannot be reached, or there is too much to load.
        """
        wanted = (state.generation, state.position)
        if self._is_ready and self._reached == wanted:
            return
        with self._faults_told():
            if not (self._open() and self._has_reached(state)):
                while not self._step(reload_up_to, progress):
                    pass
        self._reached = wanted
        self._changed_at = time.monotonic()

    def _has_reached(self, state: IndexState) -> bool:
        return VectorStoreState.objects.filter(
            name=self.name, generation=state.generation, position=state.position
        ).exists()

    def _step(self, reload_up_to: int | None, progress: Progress | None) -> bool:
        """Take one batch of changes over; return True when none is left."""
        with transaction.atomic():
            VectorStoreState.objects.get_or_create(name=self.name)
            stored = VectorStoreState.objects.select_for_update().get(name=self.name)
            state = current_state()
            changes = _changes_since(stored, state)
            if changes is None or not self._is_complete():
                self._reload(reload_up_to, progress)
                stored.generation, stored.position = state.generation, state.position
            elif changes:
                self._replace(sorted({key for _, key in changes}))
                stored.position = changes[-1][0]
            stored.save()
            return bool(stored.position == state.position)

    def _replace(self, keys: Sequence[str]) -> None:
        """Make what Milvus holds of some documents equal to their rows as they are now."""
        self._client.delete(self.collection, filter=of_documents(keys), timeout=_SECONDS_TO_WRITE)
        for entities in self._entities(Passage.objects.filter(document_key__in=keys)):
            # Row ids may come again after a restore of the database; what is inserted twice stays.
            self._client.upsert(self.collection, entities, timeout=_SECONDS_TO_WRITE)

    def _reload(self, reload_up_to: int | None, progress: Progress | None) -> None:
        """Load every row into a new collection.

        The index of the vectors comes last and marks the collection as complete, so that one whose
        loading was cut short is never taken for whole.
        """
        count = Passage.objects.filter(encoder_id=self._encoder_id).count()
        if reload_up_to is not None and count > reload_up_to:
            raise VectorStoreUnavailable(
                f"{count} passages have to be loaded into Milvus: run load_vector_store."
            )
        self._is_ready = False
        self._drop_collections(only_own=self._has_rows_of_others())
        fields = schema(self._client, dimensions=self.dimensions)
        self._client.create_collection(
            self.collection, schema=fields, consistency_level="Strong", timeout=_SECONDS_TO_WRITE
        )
        loaded = 0
        for entities in self._entities(Passage.objects.all()):
            self._client.insert(self.collection, entities, timeout=_SECONDS_TO_WRITE)
            loaded += len(entities)
            if progress is not None:
                progress(loaded)
        self._client.flush(self.collection, timeout=_SECONDS_TO_BUILD)
        self._index_keys()
        self._index("vector", metric_type="IP", **index_for(loaded))
        self._open()
        logger.info("%d passages were loaded into Milvus, %s.", loaded, self.collection)

    def _has_rows_of_others(self) -> bool:
        """Return True while another encoder's collection may be in use.

        A search that began before a switch of the encoder comes here late, and must not take away
        what the new encoder has loaded meanwhile.
        """
        return Passage.objects.exclude(encoder_id=self._encoder_id).exists()

    def _entities(self, rows: QuerySet[Passage]) -> Iterator[list[dict[str, Any]]]:
        """Yield what Milvus holds of some rows, in blocks; rows without a vector are left out."""
        own = rows.filter(encoder_id=self._encoder_id).exclude(record=b"").order_by("pk")
        stored = own.values_list(*PASSAGE_COLUMNS).iterator(chunk_size=_PASSAGES_AT_ONCE)
        while block := list(islice(stored, _PASSAGES_AT_ONCE)):
            yield [entity(row) for row in block]

    # --- Asking -----------------------------------------------------------------------------------

    def search(
        self,
        vector: NDArray[np.float32],
        *,
        filters: Mapping[str, Sequence[str]],
        barred_scopes: frozenset[str],
        now: float,
        limit: int,
        share: float = 1.0,
    ) -> list[tuple[int, float]]:
        """Return (row id, cosine) of the nearest passages that may be found, best first.

        Args:
            vector: Unit vector of the question, shape (dimensions,).
            filters: Facet → wanted values: OR inside a facet, AND between facets.
            barred_scopes: Scope prefixes that this reader may not open.
            now: Seconds since the epoch; what expires then or before is gone.
            limit: How many; Milvus gives 16,384 at most.
            share: Share of the passages that filters and rights leave, as far as it is known; the
                smaller it is, the more of the index is scanned.

        Raises:
            VectorStoreUnavailable: Milvus cannot be reached, or was never loaded.
        """
        if limit < 1 or "" in barred_scopes:
            return []
        with self._faults_told():
            if not self._open():
                raise VectorStoreUnavailable(f"Milvus at {self._uri} holds no {self.collection}.")
            (hits,) = self._client.search(
                self.collection,
                data=[np.asarray(vector, np.float32).tolist()],
                anns_field="vector",
                filter=may_be_found(filters=filters, barred_scopes=barred_scopes, now=now),
                limit=min(limit, _MOST_HITS),
                search_params={
                    "metric_type": "IP",
                    "params": {"nprobe": cells_scanned(share)} if self._has_cells else {},
                },
                consistency_level=self._consistency(),
                timeout=_SECONDS_TO_ANSWER,
            )
        found = [(int(hit["id"]), float(hit["distance"])) for hit in hits]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def _consistency(self) -> str:
        """Return how new the data must be that Milvus searches.

        A change is waited for as long as a replica may lack it. Afterwards a search that waits for
        the clock of the whole cluster finds the same, some hundred milliseconds later.
        """
        is_settled = time.monotonic() - self._changed_at > _SETTLED_SECONDS
        return "Bounded" if is_settled else "Strong"

    def count(self) -> int:
        """Return how many passages Milvus holds; raise VectorStoreUnavailable if it is away."""
        with self._faults_told():
            if not self._open():
                return 0
            (row,) = self._client.query(
                self.collection,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_SECONDS_TO_ANSWER,
            )
            return int(row["count(*)"])

    def drop(self) -> None:
        """Delete the collection, so that the next `catch_up` loads all anew.

        Raises:
            VectorStoreUnavailable: Milvus cannot be reached.
        """
        with self._faults_told(), transaction.atomic():
            self._open()
            list(VectorStoreState.objects.select_for_update().filter(name=self.name))
            self._drop_collections()
            self._is_ready = False

    # --- Milvus -----------------------------------------------------------------------------------

    def _open(self) -> bool:
        """Connect if need be; return whether the collection is there, complete and loaded."""
        if self._client is None:
            self._client = _connected(self._uri, self._token)
        if not self._is_ready and self._is_complete():
            self._client.load_collection(self.collection, timeout=_SECONDS_TO_BUILD)
            index = self._client.describe_index(
                self.collection, "vector", timeout=_SECONDS_TO_ANSWER
            )
            self._has_cells = str(index["index_type"]).startswith("IVF")
            self._is_ready = True
        return self._is_ready

    def _is_complete(self) -> bool:
        return self._client.has_collection(
            self.collection, timeout=_SECONDS_TO_ANSWER
        ) and "vector" in self._client.list_indexes(self.collection)

    @contextmanager
    def _faults_told(self) -> Iterator[None]:
        """Turn whatever Milvus or the way to it says into one fault, and connect anew after it."""
        try:
            yield
        except VectorStoreUnavailable:
            raise
        except Exception as error:
            if not _is_of_milvus(error):
                raise
            self._client, self._is_ready = None, False
            message = f"Milvus at {self._uri} does not answer: {error}"
            raise VectorStoreUnavailable(message) from error

    def _drop_collections(self, *, only_own: bool = False) -> None:
        """Drop this collection, and those that other encoders left behind."""
        of_any_encoder = rf"{re.escape(self._prefix)}_[0-9a-f]{{16}}"
        own = re.compile(re.escape(self.collection) if only_own else of_any_encoder)
        for name in self._client.list_collections(timeout=_SECONDS_TO_ANSWER):
            if own.fullmatch(name):
                self._client.drop_collection(name, timeout=_SECONDS_TO_WRITE)

    def _index_keys(self) -> None:
        from pymilvus import MilvusException

        try:
            self._index("document_key", index_type="INVERTED")
        except MilvusException as error:  # before Milvus 2.4
            logger.warning("Milvus looks for changed documents without an index: %s", error)

    def _index(self, field: str, **index: Any) -> None:
        wanted = self._client.prepare_index_params()
        wanted.add_index(field, **index)
        self._client.create_index(self.collection, wanted, timeout=_SECONDS_TO_BUILD)


def _changes_since(stored: VectorStoreState, state: IndexState) -> list[tuple[int, str]] | None:
    """Return the next changes as (position, document), or None when the log does not lead on.

    Positions have no gaps: where the first is missing, the log was cut off after `state` was read.
    """
    if (
        stored.generation != state.generation
        or not state.log_start <= stored.position <= state.position
    ):
        return None
    log = DocumentChange.objects.filter(position__gt=stored.position, position__lte=state.position)
    changes = list(
        log.order_by("position").values_list("position", "document_key")[:_CHANGES_AT_ONCE]
    )
    expected = stored.position + 1
    if expected <= state.position and (not changes or changes[0][0] != expected):
        return None
    return changes


def _connected(uri: str, token: str) -> Any:
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise VectorStoreUnavailable("The package pymilvus is not installed.") from error
    return MilvusClient(uri=uri, token=token, timeout=_SECONDS_TO_CONNECT)


def _is_of_milvus(error: Exception) -> bool:
    from grpc import RpcError
    from pymilvus import MilvusException

    return isinstance(error, MilvusException | RpcError | OSError)

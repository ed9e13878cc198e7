"""Facets, scopes and lifetimes of documents as arrays: who may see what, before any score.

Slots number passages in this process; documents are numbered too. A filter becomes one boolean
array over documents, spread over their passages. Pure: NumPy only.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Place = tuple[str, int]
"""Document key and position of a passage: its name in every process and at every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """What the arrays hold of one language version."""

    key: str
    work: str
    language: str
    is_original: bool
    facets: Mapping[str, Sequence[str]]
    dated: str
    scope: str
    visible_until: float
    """Seconds since the epoch; infinity when it never expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEntry:
    """One passage: its row in the database and its place in the document."""

    passage_id: int
    document: int
    position: int


class PassageColumns:
    """Documents and passages of one view; append and retire, never renumber."""

    def __init__(self) -> None:
        self.documents: list[DocumentEntry] = []
        self.slots: list[SlotEntry] = []
        self._number_of: dict[str, int] = {}
        self._slots_of: dict[int, list[int]] = {}
        self._postings: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._alive: list[bool] = []
        self._document_of_slot: NDArray[np.int64] | None = None

    def add(self, document: DocumentEntry, passages: Iterable[tuple[int, int]]) -> list[int]:
        """Append a document with its passages as (row id, position); return the new slots."""
        number = len(self.documents)
        self.documents.append(document)
        self._alive.append(True)
        self._number_of[document.key] = number
        for facet, values in document.facets.items():
            for value in values:
                self._postings[facet][value].append(number)
        slots = []
        for passage_id, position in passages:
            slots.append(len(self.slots))
            self.slots.append(SlotEntry(passage_id=passage_id, document=number, position=position))
        self._slots_of[number] = slots
        self._document_of_slot = None
        return slots

    def retire(self, key: str) -> list[int]:
        """Take a document out; return its slots, empty when it was not there."""
        number = self._number_of.pop(key, None)
        if number is None:
            return []
        self._alive[number] = False
        return self._slots_of.pop(number)

    def count_passages(self) -> int:
        """Return how many passages are in."""
        return sum(map(len, self._slots_of.values()))

    def place_of(self, slot: int) -> Place:
        """Return where a passage stands."""
        return self.document_of(slot).key, self.slots[slot].position

    def document_of(self, slot: int) -> DocumentEntry:
        """Return the document that a passage belongs to."""
        return self.documents[self.slots[slot].document]

    def visible_documents(self, *, barred_scopes: frozenset[str], now: float) -> Mask:
        """Return which documents this reader may know of at this moment."""
        mask = np.array(self._alive, dtype=bool)
        for number, document in enumerate(self.documents):
            if document.visible_until <= now or any(
                document.scope.startswith(barred) for barred in barred_scopes
            ):
                mask[number] = False
        return mask

    def matching_documents(self, filters: Mapping[str, Sequence[str]]) -> Mask:
        """Return which documents pass the filters: OR inside a facet, AND between facets."""
        mask = np.ones(len(self.documents), dtype=bool)
        for facet, values in filters.items():
            if not values:
                continue
            wanted = np.zeros(len(self.documents), dtype=bool)
            for value in values:
                wanted[self._postings.get(facet, {}).get(value, [])] = True
            mask &= wanted
        return mask

    def slots_of_documents(self, documents: Mask) -> Mask:
        """Return which slots belong to the given documents."""
        if self._document_of_slot is None:
            self._document_of_slot = np.array(
                [slot.document for slot in self.slots], dtype=np.int64
            )
        if not self.slots:
            return np.zeros(0, dtype=bool)
        spread: Mask = documents[self._document_of_slot]
        return spread


def expiry(timestamp: float | None) -> float:
    """Return the moment a document expires, infinity for never."""
    return math.inf if timestamp is None else timestamp

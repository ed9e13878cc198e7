"""Facets, scopes and lifetimes of documents as arrays: who may see what, before any score.

Slots number passages in this process; documents are numbered too, and what is known of a number
never changes: a document that is written again gets a new one. A filter and a reader's rights
become one boolean array over documents, spread over their passages. Pure: NumPy only.
"""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import GrowingArray, GrowingRuns, distinct_pairs, ranges
from embeddings.records import Tokens

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Place = tuple[str, int]
"""Document key and position of a passage: its name in every process and at every time."""

_KEPT_SELECTIONS = 64
_KEPT_READERS = 64


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
    title: str = ""


class PassageEntry(NamedTuple):
    """What the arrays hold of one passage."""

    row: int
    """Id of its row."""
    position: int
    """In its document."""
    cited: Sequence[int] | Tokens = ()
    """Codes of the evidence it cites, as `word_codes` makes them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Selection:
    """What may be found: a reader's rights, the filters and the moment, as asked and as masks."""

    documents: Mask
    slots: Mask | None
    """None when every slot is allowed."""
    share: float
    """Share of the slots that is allowed, 0 to 1."""
    filters: Mapping[str, Sequence[str]]
    barred_scopes: frozenset[str]
    now: float


class _FacetColumn:
    """The values of one facet, document by document."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._number_of: dict[str, int] = {}
        self._values = GrowingRuns(np.int32)
        self._documents = GrowingArray(np.int32)

    def append(self, document: int, values: Iterable[str]) -> None:
        """Append the values of the next document."""
        numbers = []
        for value in values:
            if value not in self._number_of:
                self._number_of[value] = len(self.names)
                self.names.append(value)
            numbers.append(self._number_of[value])
        self._values.append(numbers)
        self._documents.extend([document] * len(numbers))

    def documents_with(self, wanted: Iterable[str]) -> Numbers:
        """Return the documents that have one of the values."""
        known = [self._number_of[value] for value in wanted if value in self._number_of]
        found: Numbers = self._documents.values[np.isin(self._values.values, known)]
        return found

    def of(self, documents: Numbers) -> tuple[Numbers, Numbers]:
        """Return (which of the documents, value) for each value of some documents."""
        return self._values.of(documents)


@dataclass(slots=True)
class _Rights:
    """Which documents a set of barred scopes leaves open, grown as documents come."""

    open: GrowingArray = field(default_factory=lambda: GrowingArray(bool))


class PassageColumns:
    """Documents and passages of one view; append and retire, never renumber."""

    def __init__(self) -> None:
        self.documents: list[DocumentEntry] = []
        self.document_of_slot = GrowingArray(np.int32)
        self.position_of_slot = GrowingArray(np.int32)
        self._row_of_slot = GrowingArray(np.int64)
        self._cited = GrowingRuns(np.uint32)
        self._by_row = np.zeros(0, np.int64)
        """Slots by the ids of their rows, made when asked for."""
        self._first_slot = GrowingArray(np.int64)
        self._work_of = GrowingArray(np.int32)
        self._works: dict[str, int] = {}
        self._language_of = GrowingArray(np.int32)
        self._languages: dict[str, int] = {}
        self._group_of = GrowingArray(np.int32)
        self._groups: dict[tuple[str, ...], int] = {}
        self._key_order = GrowingArray(np.uint64)
        self._dated = GrowingArray(np.int32)
        self._until = GrowingArray(np.float64)
        self._alive = GrowingArray(bool)
        self._number_of: dict[str, int] = {}
        self._facets: dict[str, _FacetColumn] = {}
        self._rights: OrderedDict[frozenset[str], _Rights] = OrderedDict()
        self._selections: OrderedDict[object, tuple[float, Selection]] = OrderedDict()
        self._passages_in = 0

    def add(self, document: DocumentEntry, passages: Sequence[PassageEntry]) -> list[int]:
        """Append a document with its passages; return the new slots."""
        number, first = len(self.documents), len(self.document_of_slot)
        self._append(document, first)
        self.document_of_slot.extend([number] * len(passages))
        self._row_of_slot.extend([passage.row for passage in passages])
        self.position_of_slot.extend([passage.position for passage in passages])
        for passage in passages:
            self._cited.append(passage.cited)
        self._passages_in += len(passages)
        self._selections.clear()
        return list(range(first, first + len(passages)))

    def add_all(
        self,
        documents: Sequence[DocumentEntry],
        counts: Numbers,
        rows: NDArray[np.int64],
        positions: NDArray[np.int32],
        cited: Tokens,
        cited_counts: NDArray[np.int64],
    ) -> None:
        """Append many documents.

        Args:
            documents: In the order of their passages.
            counts: How many passages each has.
            rows: Row id of each passage.
            positions: Its place in its document.
            cited: Codes of what the passages cite, passage behind passage.
            cited_counts: How many each cites.
        """
        number = len(self.documents)
        firsts = len(self.document_of_slot) + np.cumsum(counts) - counts
        for document, first in zip(documents, firsts.tolist(), strict=True):
            self._append(document, first)
        self.document_of_slot.extend(np.repeat(np.arange(number, len(self.documents)), counts))
        self._row_of_slot.extend(rows)
        self.position_of_slot.extend(positions)
        self._cited.extend(cited, cited_counts)
        self._passages_in += len(rows)
        self._selections.clear()

    def _append(self, document: DocumentEntry, first: int) -> None:
        """Append a document whose first slot is `first`."""
        number = len(self.documents)
        self.documents.append(document)
        self._number_of[document.key] = number
        self._alive.append(True)
        self._work_of.append(self._works.setdefault(document.work, len(self._works)))
        self._language_of.append(
            self._languages.setdefault(document.language, len(self._languages))
        )
        group = (document.language, *document.facets.get("programme", ()))
        self._group_of.append(self._groups.setdefault(group, len(self._groups)))
        self._key_order.append(order_of(document.key))
        self._dated.append(int(document.dated.replace("-", "").ljust(8, "0") or 0))
        self._until.append(document.visible_until)
        self._first_slot.append(first)
        for facet in document.facets:
            self._column(facet)
        for facet, column in self._facets.items():
            column.append(number, document.facets.get(facet, ()))

    def _column(self, facet: str) -> _FacetColumn:
        """Return a facet's column; one that is new has no values for the documents before."""
        if facet not in self._facets:
            column = self._facets[facet] = _FacetColumn()
            for number in range(len(self.documents) - 1):
                column.append(number, ())
        return self._facets[facet]

    def retire(self, key: str) -> list[int]:
        """Take a document out; return its slots, empty when it was not there."""
        number = self._number_of.pop(key, None)
        if number is None:
            return []
        self._alive.values[number] = False
        slots: list[int] = self.slots_of(number).tolist()
        self._passages_in -= len(slots)
        self._selections.clear()
        return slots

    def __contains__(self, key: str) -> bool:
        return key in self._number_of

    def number_of(self, key: str) -> int | None:
        """Return the number of a document that is in, or None."""
        return self._number_of.get(key)

    def slots_of(self, number: int) -> Numbers:
        """Return the slots of a document, in order."""
        firsts = self._first_slot.values
        last = number + 1 == len(firsts)
        end = len(self.document_of_slot) if last else int(firsts[number + 1])
        return np.arange(int(firsts[number]), end, dtype=np.int64)

    def count_slots(self) -> int:
        """Return how many slots were given out, to passages now dead too."""
        return len(self.document_of_slot)

    def count_passages(self) -> int:
        """Return how many passages are in."""
        return self._passages_in

    def alive_slots(self) -> Mask:
        """Return which slots belong to documents that are in."""
        alive: Mask = self._alive.values.take(self.document_of_slot.values)
        return alive

    def place_of(self, slot: int) -> Place:
        """Return where a passage stands."""
        return self.document_of(slot).key, int(self.position_of_slot.values[slot])

    def document_of(self, slot: int) -> DocumentEntry:
        """Return the document that a passage belongs to."""
        return self.documents[int(self.document_of_slot.values[slot])]

    def rows_of(self, slots: Numbers) -> list[int]:
        """Return the ids of the passages' rows as they were when the view took them in."""
        ids: list[int] = self._row_of_slot.values[slots].tolist()
        return ids

    def slots_of_rows(self, rows: Numbers) -> Numbers:
        """Return the slots of row ids, those that are not in left out."""
        known = self._row_of_slot.values
        if len(self._by_row) != len(known):
            self._by_row = np.argsort(known, kind="stable")
        order = self._by_row
        at = np.searchsorted(known, rows, sorter=order).clip(max=max(len(known) - 1, 0))
        if not len(known):
            return np.zeros(0, np.int64)
        slots = order[at]
        held: Numbers = slots[(known[slots] == rows) & self.alive_slots()[slots]]
        return held

    def works_of(self, slots: Numbers) -> NDArray[np.int32]:
        """Return the number of each passage's work."""
        works: NDArray[np.int32] = self._work_of.values[self.document_of_slot.values[slots]]
        return works

    def documents_of_works(self, works: Iterable[int]) -> Mask:
        """Return which documents are versions of the works."""
        wanted = np.zeros(len(self._works), dtype=bool)
        wanted[np.fromiter(works, np.int64)] = True
        of_works: Mask = wanted[self._work_of.values]
        return of_works

    def works_of_documents(self, documents: Numbers) -> NDArray[np.int32]:
        """Return the number of each document's work."""
        works: NDArray[np.int32] = self._work_of.values[documents]
        return works

    def work_number(self, work: str) -> int | None:
        """Return the number of a work, None when no document ever was of it."""
        return self._works.get(work)

    def languages_of(self, slots: Numbers) -> NDArray[np.int32]:
        """Return a number for each passage's language."""
        languages: NDArray[np.int32] = self._language_of.values[self.document_of_slot.values[slots]]
        return languages

    def groups_of(self, slots: Numbers) -> NDArray[np.int32]:
        """Return a number for each passage's language and programme together."""
        groups: NDArray[np.int32] = self._group_of.values[self.document_of_slot.values[slots]]
        return groups

    def order_of(self, slots: Numbers) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Return what settles ties, the same in every process: key's hash, and position."""
        documents = self.document_of_slot.values[slots]
        return self._key_order.values[documents], self.position_of_slot.values[slots]

    def dates_of(self, documents: Numbers) -> NDArray[np.int32]:
        """Return the documents' dates as numbers, 20250806; 0 for none."""
        dates: NDArray[np.int32] = self._dated.values[documents]
        return dates

    def dated_on(self, iso: str, slots: Numbers) -> Mask:
        """Return which of the slots belong to documents of a day or a month (YYYY-MM)."""
        dates = self._dated.values[self.document_of_slot.values[slots]]
        day = int(iso.replace("-", "").ljust(8, "0"))
        same: Mask = dates == day if day % 100 else dates // 100 == day // 100
        return same

    def first_slots(self, documents: Numbers) -> Numbers:
        """Return the first slot of each document; every document has one."""
        firsts: Numbers = self._first_slot.values[documents]
        return firsts

    def first_slots_dated(self, iso: str, selection: "Selection", limit: int) -> Numbers:
        """Return the first slots of selected documents of a day or a month."""
        firsts = self.first_slots(selection.documents.nonzero()[0])
        return firsts[self.dated_on(iso, firsts)][:limit]

    def select(
        self,
        *,
        filters: Mapping[str, Sequence[str]],
        barred_scopes: frozenset[str],
        now: float,
    ) -> Selection:
        """Return what this reader may find at this moment: OR inside a facet, AND between.

        A selection is kept until documents come or go or one of them expires.
        """
        chosen = tuple(
            sorted((f, tuple(sorted(values))) for f, values in filters.items() if values)
        )
        name = (barred_scopes, chosen)
        kept = self._selections.get(name)
        if kept is not None and now < kept[0]:
            self._selections.move_to_end(name)
            return kept[1]
        until, selection = self._make(filters, barred_scopes, now)
        self._selections[name] = (until, selection)
        while len(self._selections) > _KEPT_SELECTIONS:
            self._selections.popitem(last=False)
        return selection

    def _make(
        self, filters: Mapping[str, Sequence[str]], barred: frozenset[str], now: float
    ) -> tuple[float, Selection]:
        expiries = self._until.values
        documents = self._alive.values & (expiries > now)
        if barred:
            documents &= self._open_to(barred)
        for facet, values in filters.items():
            if values:
                documents &= self._having(facet, values)
        slots: Mask | None = None
        share = 1.0
        if not documents.all():
            slots = documents.take(self.document_of_slot.values)
            share = float(slots.mean()) if len(slots) else 0.0
        until = float(expiries[documents].min(initial=math.inf))
        selection = Selection(
            documents=documents,
            slots=slots,
            share=share,
            filters=filters,
            barred_scopes=barred,
            now=now,
        )
        return until, selection

    def _open_to(self, barred: frozenset[str]) -> Mask:
        rights = self._rights.setdefault(barred, _Rights())
        self._rights.move_to_end(barred)
        while len(self._rights) > _KEPT_READERS:
            self._rights.popitem(last=False)
        prefixes = tuple(barred)
        new = self.documents[len(rights.open) :]
        rights.open.extend([not document.scope.startswith(prefixes) for document in new])
        return rights.open.values

    def _having(self, facet: str, values: Iterable[str]) -> Mask:
        mask = np.zeros(len(self.documents), dtype=bool)
        if facet in self._facets:
            mask[self._facets[facet].documents_with(values)] = True
        return mask

    def filed_under(self, facet: str, values: Iterable[str], slots: Numbers) -> Mask:
        """Return which of the slots belong to documents that have one of the values."""
        filed: Mask = self._having(facet, values)[self.document_of_slot.values[slots]]
        return filed

    def cited_in(self, slots: Numbers) -> tuple[Numbers, Tokens]:
        """Return what passages cite: (which of the slots, code of the evidence)."""
        return self._cited.of(slots)

    def cited_beside(self, slots: Numbers) -> tuple[Numbers, Tokens]:
        """Return what the documents of passages cite, each code once: as `cited_in`."""
        documents = self.document_of_slot.values[slots]
        firsts = self._first_slot.values[documents]
        ends = np.append(self._first_slot.values, len(self.document_of_slot))[documents + 1]
        all_slots, starts = ranges(firsts, ends)
        of, codes = self._cited.of(all_slots)
        which = np.repeat(np.arange(len(slots)), np.diff(starts))[of]
        return distinct_pairs(which, codes)[:2]

    def count_works(self, facet: str, documents: Mask) -> dict[str, int]:
        """Return value → works over the given documents."""
        if facet not in self._facets:
            return {}
        column = self._facets[facet]
        chosen = documents.nonzero()[0]
        of, values = column.of(chosen)
        pairs = (
            values.astype(np.int64) * max(len(self._works), 1) + self._work_of.values[chosen[of]]
        )
        counted = np.bincount(np.unique(pairs) // max(len(self._works), 1))
        return {column.names[value]: int(counted[value]) for value in counted.nonzero()[0].tolist()}


def order_of(key: str) -> int:
    """Return 64 bits of a document's key; they order documents alike in every process."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")


def expiry(timestamp: float | None) -> float:
    """Return the moment a document expires, infinity for never."""
    return math.inf if timestamp is None else timestamp

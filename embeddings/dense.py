"""Dense index: FAISS over unit vectors; a base that never changes and a small tail that grows.

Inner product of unit vectors is their cosine. How the base is kept follows its size: float16 as in
the rows, then whole numbers of one byte, both scanned exactly, then cells of which the nearest are
scanned (docs/decisions/0008-engine.md has the measurements). Rights and filters are a bitmap
inside the scan, never a second look at its results. Never search while adding: callers hold the
view's lock.
"""

import math
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import faiss
import numpy as np
from faiss.contrib.ivf_tools import add_preassigned
from numpy.typing import NDArray

from embeddings.columns import Mask, Numbers, Selection
from embeddings.encoders.base import unit_rows

faiss.omp_set_num_threads(1)  # one query scans little; threads would only wait for each other

Vectors = NDArray[np.float32]
Scores = NDArray[np.float32]

_LARGEST_CODE = 127
_CLIPPED = 1e-4
"""Share of components that may lie beyond the largest code."""
_CELLS_PER_ROOT = 4
_SAMPLES_PER_CELL = 20
_ITERATIONS = 5
"""Twice the samples and eight rounds find as much and take four times as long."""
_CELLS_SCANNED = 0.33
"""Share of the cells that an unfiltered search scans among 100,000 vectors."""
_MOST_SCANNED = 0.15
"""Share that it scans at most: fewer vectors than a million are found as well with no more."""
_LESS_OF_MORE = 0.25
"""How the share falls with the number of vectors, as an exponent. Of those that pass a filter more is
scanned the fewer they are: ten of fewer lie further apart."""
_SCANNED_OF_FEWER = 0.25
"""Share of 100,000 vectors that pass a filter that is scanned. Most filters pass what lies everywhere, so
that the nearest cells hold the nearest."""
_LEAST_SCANNED = 0.5
"""Share of what passes a filter that is scanned at least: passages of one language lie together, and
questions in another one elsewhere."""
_SEED = 1489
_BLOCK = 1_000
"""Vectors whose products with all centres are taken at once: they fit into the caches."""
_MOST_WAITING = 100
"""Blocks of vectors that may wait until they are taken in."""


@dataclass(frozen=True, kw_only=True)
class DenseBase:
    """The base: an index over slots 0 to count − 1 in order, and the factor its codes have."""

    index: Any
    kind: str
    """float16, int8 or ivf."""
    scale: float

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @cached_property
    def _cells(self) -> "_Cells":
        return _Cells(self.index)

    def search(self, query: Vectors, selection: Selection, limit: int) -> tuple[Numbers, Scores]:
        """Return (slots, cosines) of the nearest allowed passages, nearest first."""
        scaled = query.reshape(1, -1) * self.scale
        if self.scale != 1.0:
            scaled = _codes(scaled)
        limit = min(limit, len(self))
        if selection.slots is None:
            scores, slots = self.index.search(scaled, limit, params=self._parameters())
        else:
            allowed = selection.slots[: len(self)]
            bits = np.packbits(allowed, bitorder="little")  # lives as long as what points to it
            selector = faiss.IDSelectorBitmap(bits)
            if self.kind == "ivf":
                scores, slots = self._cells.search(
                    query, scaled, self._cells.holding(selection, allowed), selector, limit
                )
            else:
                parameters = faiss.SearchParameters(sel=selector)
                scores, slots = self.index.search(scaled, limit, params=parameters)
        found = slots[0] >= 0  # a short answer is padded with id −1
        return slots[0][found], scores[0][found] / self.scale**2

    def _parameters(self) -> Any:
        if self.kind != "ivf":
            return None
        share = min(_MOST_SCANNED, _share_scanned(len(self), _CELLS_SCANNED))
        return faiss.SearchParametersIVF(nprobe=math.ceil(self.index.nlist * share))


def _share_scanned(count: int, of_many: float) -> float:
    """Return which share of so many vectors is scanned, those of the nearest cells.

    Args:
        count: How many.
        of_many: The share for 100,000.
    """
    share: float = of_many * (100_000 / max(count, 1)) ** _LESS_OF_MORE
    return min(1.0, share)


class _Cells:
    """Where the cells of an index are, and which of them each slot is in.

    FAISS scans the nearest cells, whether or not they hold anything that a filter lets pass. Here
    cells are taken, nearest first, until those taken hold enough of what does. Passages of one
    language lie together: most cells hold none of them (docs/decisions/0008-engine.md).
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        centres = faiss.downcast_index(index.quantizer)
        self._centres = faiss.rev_swig_ptr(centres.get_xb(), index.nlist * index.d)
        self._centres = self._centres.reshape(index.nlist, index.d)
        self._cell_of = np.zeros(index.ntotal, np.uint16 if index.nlist <= 2**16 else np.uint32)
        lists = index.invlists
        for cell in range(index.nlist):
            if size := lists.list_size(cell):
                self._cell_of[faiss.rev_swig_ptr(lists.get_ids(cell), size)] = cell
        self._held: WeakKeyDictionary[Selection, Numbers] = WeakKeyDictionary()

    def holding(self, selection: Selection, allowed: Mask) -> Numbers:
        """Return how much of a selection each cell holds, counted once for all questions.

        Args:
            selection: What may be found.
            allowed: The same as a mask of this index's slots.
        """
        held = self._held.get(selection)
        if held is None:
            cells = self._cell_of[allowed.nonzero()[0]]
            held = self._held[selection] = np.bincount(cells, minlength=self._index.nlist)
        return held

    def search(
        self, query: Vectors, scaled: Vectors, held: Numbers, selector: Any, limit: int
    ) -> tuple[Scores, Numbers]:
        """Return (scores, slots), each of shape (1, limit), of the nearest allowed passages.

        Args:
            query: A unit vector, for the distance of the cells.
            scaled: The same as the codes have it, shape (1, dimensions).
            held: How much of what may be found each cell holds.
            selector: What may be found, for FAISS.
            limit: How many at most; places without a passage have slot −1.
        """
        cells, near = self._nearest(query, held)
        scores = np.zeros((1, limit), np.float32)
        slots = np.full((1, limit), -1, np.int64)
        if len(cells):
            # The method without its Python cover, which takes no parameters.
            self._index.search_preassigned_c(
                1, faiss.swig_ptr(scaled), limit, faiss.swig_ptr(cells), faiss.swig_ptr(near),
                faiss.swig_ptr(scores), faiss.swig_ptr(slots), False,
                faiss.SearchParametersIVF(sel=selector, nprobe=len(cells)),
            )  # fmt: skip
        return scores, slots

    def _nearest(self, query: Vectors, held: Numbers) -> tuple[Numbers, Scores]:
        """Return (cells, nearness), nearest first, that hold enough of what may be found.

        Args:
            query: A unit vector.
            held: How much of it each cell holds.
        """
        near = self._centres @ query
        order = np.argsort(-near, kind="stable")
        seen = np.cumsum(held[order])
        share = max(_LEAST_SCANNED, _share_scanned(int(seen[-1]), _SCANNED_OF_FEWER))
        chosen = order[: int(np.searchsorted(seen, share * seen[-1])) + 1]
        chosen = chosen[held[chosen] > 0]
        return chosen, near[chosen]


class DenseIndex:
    """Base and tail over slots.

    Args:
        dimensions: Length of the vectors.
        base: What was built in bulk, or None to begin empty.
    """

    def __init__(self, dimensions: int, base: DenseBase | None = None) -> None:
        self.dimensions = dimensions
        self._base = base
        self._first_in_tail = len(base) if base is not None else 0
        self._tail = faiss.IndexIDMap2(_float16(dimensions))

    @property
    def kind(self) -> str:
        """Return how the base is kept."""
        return self._base.kind if self._base is not None else "float16"

    @property
    def base_size(self) -> int:
        """Return how many slots the base has, dead ones too."""
        return self._first_in_tail

    def add(self, slots: list[int], vectors: Vectors) -> None:
        """Add vectors, shape (len(slots), dimensions), to the tail; a slot is added once."""
        if slots:
            self._tail.add_with_ids(
                np.ascontiguousarray(vectors, dtype=np.float32), np.array(slots, dtype=np.int64)
            )

    def remove(self, slots: list[int]) -> None:
        """Remove slots of the tail. Those of the base stay; no selection allows them."""
        own = [slot for slot in slots if slot >= self._first_in_tail]
        if own:
            self._tail.remove_ids(np.array(own, dtype=np.int64))

    def search(self, query: Vectors, *, selection: Selection, limit: int) -> tuple[Numbers, Scores]:
        """Return (slots, cosines) of the nearest allowed slots, best first.

        A query without direction (all zeros: nothing of it is known) finds nothing.
        """
        parts: list[tuple[Numbers, Scores]] = []
        if np.any(query):
            if self._base is not None and len(self._base):
                parts.append(self._base.search(query, selection, limit))
            if self._tail.ntotal:
                parts.append(self._search_tail(query, selection, limit))
        if not parts:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        slots = np.concatenate([one for one, _ in parts])
        scores = np.concatenate([one for _, one in parts])
        order = np.lexsort((slots, -scores))[:limit]
        return slots[order], scores[order]

    def _search_tail(
        self, query: Vectors, selection: Selection, limit: int
    ) -> tuple[Numbers, Scores]:
        parameters = bits = None
        if selection.slots is not None:
            bits = np.packbits(selection.slots, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        wanted = min(limit, int(self._tail.ntotal))
        scores, slots = self._tail.search(query.reshape(1, -1), wanted, params=parameters)
        found = slots[0] >= 0
        return slots[0][found], scores[0][found]


def _float16(dimensions: int) -> Any:
    return faiss.IndexScalarQuantizer(
        dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )


def kind_for(count: int, *, int8_from: int, ivf_from: int) -> str:
    """Return how a base of so many passages is kept."""
    if count >= ivf_from:
        return "ivf"
    return "int8" if count >= int8_from else "float16"


class DenseBaseBuilder:
    """Makes a base in a thread of its own, beside whoever reads the vectors.

    It learns from a sample first and takes the vectors in then; FAISS lets go of the interpreter.

    Args:
        sample: Some of the unit vectors, for what must be learnt, shape (sample, dimensions).
        count: How many there will be.
        kind: float16, int8 or ivf.
    """

    def __init__(self, *, sample: Vectors, count: int, kind: str) -> None:
        self._kind = kind
        self._cores = 1
        self._beside = ThreadPoolExecutor(1)
        self._empty = self._beside.submit(self._learn, sample, count)
        self._waiting: deque[Future[None]] = deque()

    def add(self, vectors: NDArray[np.floating[Any]]) -> None:
        """Take in the vectors of the next slots, shape (block, dimensions)."""
        self._waiting.append(self._beside.submit(self._take, vectors))
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popleft().result()

    def finish(self) -> DenseBase:
        """Return the base. What is still to be done may take all cores."""
        self._cores = os.cpu_count() or 1
        for block in self._waiting:
            block.result()
        self._beside.shutdown()
        return self._empty.result()

    def _learn(self, sample: Vectors, count: int) -> DenseBase:
        faiss.omp_set_num_threads(self._cores)  # of this thread only
        dimensions = sample.shape[1]
        scale = 1.0 if self._kind == "float16" else _scale_of(sample)
        if self._kind == "float16":
            index = _float16(dimensions)
        elif self._kind == "int8":
            index = faiss.IndexScalarQuantizer(
                dimensions, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
            )
        else:
            index = _cells(sample, count)
        return DenseBase(index=index, kind=self._kind, scale=scale)

    def _take(self, vectors: NDArray[np.floating[Any]]) -> None:
        faiss.omp_set_num_threads(self._cores)
        base = self._empty.result()
        block = vectors.astype(np.float32)
        codes = block if base.scale == 1.0 else _codes(block * base.scale)
        if self._kind == "ivf":
            centres = base.index.quantizer.reconstruct_n()
            add_preassigned(base.index, codes, _nearest(block, centres))
        else:
            base.index.add(codes)


def _codes(scaled: Vectors) -> Vectors:
    """Return numbers of one byte, as the numbers that FAISS wants them."""
    return np.clip(np.round(scaled), -_LARGEST_CODE, _LARGEST_CODE)


def _scale_of(sample: Vectors) -> float:
    """Return the factor that spreads components over one byte.

    Two significant digits: another sample of the same vectors gives the same factor.
    """
    largest = float(np.quantile(np.abs(sample), 1 - _CLIPPED)) if sample.size else 1.0
    return _LARGEST_CODE / float(f"{max(largest, 1e-3):.1e}")


def _cells(sample: Vectors, count: int) -> Any:
    """Return an empty index of cells around the centres of the sample."""
    cells = max(1, min(round(_CELLS_PER_ROOT * count**0.5), len(sample) // _SAMPLES_PER_CELL))
    nearest = faiss.IndexFlatIP(sample.shape[1])
    nearest.add(_centres(sample, cells))
    index = faiss.IndexIVFScalarQuantizer(
        nearest,
        nearest.d,
        cells,
        faiss.ScalarQuantizer.QT_8bit_direct_signed,
        faiss.METRIC_INNER_PRODUCT,
        False,  # codes of the vectors themselves, not of what is left of them in their cell
    )
    index.is_trained = True
    return index


def _centres(sample: Vectors, cells: int) -> Vectors:
    """Return the centres of so many cells, shape (cells, dimensions).

    Spherical k-means, as in Dhillon and Modha (2001), "Concept decompositions for large sparse text
    data using clustering". By NumPy: the BLAS in FAISS's wheel is of 2021, knows no newer processor,
    and was measured to take six times as long.
    """
    numbers = np.random.default_rng(_SEED)
    centres = sample[numbers.choice(len(sample), cells, replace=False)]
    for _ in range(_ITERATIONS):
        cell_of = _nearest(sample, centres)
        held = np.bincount(cell_of, minlength=cells)
        first = np.cumsum(held) - held
        sums = np.add.reduceat(sample[np.argsort(cell_of, kind="stable")], first[held > 0])
        centres[held > 0] = unit_rows(sums)
        empty = np.flatnonzero(held == 0)
        centres[empty] = sample[numbers.choice(len(sample), len(empty), replace=False)]
    return centres


def _nearest(vectors: Vectors, centres: Vectors) -> Numbers:
    """Return the number of the centre nearest to each vector."""
    nearest = np.empty(len(vectors), np.int64)
    for first in range(0, len(vectors), _BLOCK):
        block = slice(first, first + _BLOCK)
        nearest[block] = (vectors[block] @ centres.T).argmax(axis=1)
    return nearest


def sample_size(count: int) -> int:
    """Return how many vectors `DenseBaseBuilder` wants to learn from."""
    return round(_CELLS_PER_ROOT * math.sqrt(count)) * _SAMPLES_PER_CELL


def write_base(base: DenseBase, path: Path) -> None:
    """Write the index to a file."""
    faiss.write_index(base.index, str(path))


def map_base(path: Path, *, kind: str, scale: float) -> DenseBase:
    """Return a base whose codes are mapped from a file, shared by all processes that do."""
    index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    return DenseBase(index=index, kind=kind, scale=scale)

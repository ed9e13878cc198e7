"""Dense index: FAISS over unit vectors; a base that never changes and a small tail that grows.

Inner product of unit vectors is their cosine. How the base is kept follows its size: float16 as in
the rows, then whole numbers of one byte, both scanned exactly, then cells of which the nearest are
scanned (docs/decisions/0008-engine.md has the measurements). Rights and filters are a bitmap
inside the scan, never a second look at its results. Never search while adding: callers hold the
view's lock.
"""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.columns import Numbers, Selection

faiss.omp_set_num_threads(1)  # one query scans little; threads would only wait for each other

Vectors = NDArray[np.float32]
Scores = NDArray[np.float32]

_LARGEST_CODE = 127
_CLIPPED = 1e-4
"""Share of components that may lie beyond the largest code."""
_CELLS_PER_ROOT = 4
_SAMPLES_PER_CELL = 40
_ITERATIONS = 8
_CELLS_SCANNED = 0.33
"""Share of the cells that an unfiltered search scans among 100,000 vectors."""
_LESS_OF_MORE = 0.25
"""How the share falls with the number of vectors, as an exponent."""
_MORE_OF_FEWER = 0.4
"""How it rises as a filter narrows, likewise: ten that pass lie further apart."""
_SEED = 1489


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseBase:
    """The base: an index over slots 0 to count − 1 in order, and the factor its codes have."""

    index: Any
    kind: str
    """float16, int8 or ivf."""
    scale: float

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def search(self, query: Vectors, selection: Selection, limit: int) -> tuple[Numbers, Scores]:
        """Return (slots, cosines) of the nearest allowed passages, nearest first."""
        scaled = query.reshape(1, -1) * self.scale
        if self.scale != 1.0:
            scaled = np.clip(np.round(scaled), -_LARGEST_CODE, _LARGEST_CODE)
        parameters, _keep = self._parameters(selection)
        scores, slots = self.index.search(scaled, min(limit, len(self)), params=parameters)
        found = slots[0] >= 0  # a short answer is padded with id −1
        return slots[0][found], scores[0][found] / self.scale**2

    def _parameters(self, selection: Selection) -> tuple[Any, Any]:
        """Return what FAISS is told, and what must live as long as that."""
        selector = bits = None
        if selection.slots is not None:
            bits = np.packbits(selection.slots[: len(self)], bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
        if self.kind != "ivf":
            return faiss.SearchParameters(sel=selector), bits
        scanned = _CELLS_SCANNED * (100_000 / max(len(self), 1)) ** _LESS_OF_MORE
        wider = max(selection.share, 1e-6) ** -_MORE_OF_FEWER
        wanted = math.ceil(self.index.nlist * scanned * wider)
        return faiss.SearchParametersIVF(sel=selector, nprobe=min(self.index.nlist, wanted)), bits


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


def build_base(
    blocks: Iterator[Vectors], *, sample: Vectors, count: int, dimensions: int, kind: str
) -> DenseBase:
    """Return a base over vectors that come in blocks, in the order of their slots.

    Args:
        blocks: Unit vectors, each of shape (block, dimensions).
        sample: Some of them, for what must be learnt first.
        count: How many there will be.
        dimensions: Length of the vectors.
        kind: float16, int8 or ivf.
    """
    scale = 1.0 if kind == "float16" else _scale_of(sample)
    if kind == "float16":
        index = _float16(dimensions)
    elif kind == "int8":
        index = faiss.IndexScalarQuantizer(
            dimensions, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        )
    else:
        index = _cells(sample, count, dimensions)
    for block in blocks:
        if scale != 1.0:
            block = np.clip(np.round(block * scale), -_LARGEST_CODE, _LARGEST_CODE)  # noqa: PLW2901
        index.add(np.ascontiguousarray(block, dtype=np.float32))
    return DenseBase(index=index, kind=kind, scale=scale)


def _scale_of(sample: Vectors) -> float:
    """Return the factor that spreads components over one byte.

    Two significant digits: another sample of the same vectors gives the same factor.
    """
    largest = float(np.quantile(np.abs(sample), 1 - _CLIPPED)) if sample.size else 1.0
    return _LARGEST_CODE / float(f"{max(largest, 1e-3):.1e}")


def _cells(sample: Vectors, count: int, dimensions: int) -> Any:
    """Return an empty index of cells around the centres of the sample."""
    cells = max(1, min(round(_CELLS_PER_ROOT * count**0.5), len(sample) // _SAMPLES_PER_CELL))
    means = faiss.Kmeans(
        dimensions,
        cells,
        niter=_ITERATIONS,
        spherical=True,
        max_points_per_centroid=_SAMPLES_PER_CELL,
        seed=_SEED,
    )
    with _all_cores():
        means.train(np.ascontiguousarray(sample, dtype=np.float32))
    nearest = faiss.IndexFlatIP(dimensions)
    nearest.add(means.centroids)
    index = faiss.IndexIVFScalarQuantizer(
        nearest,
        dimensions,
        cells,
        faiss.ScalarQuantizer.QT_8bit_direct_signed,
        faiss.METRIC_INNER_PRODUCT,
        False,  # codes of the vectors themselves, not of what is left of them in their cell
    )
    index.is_trained = True
    return index


@contextmanager
def _all_cores() -> Iterator[None]:
    """Let FAISS use every core: building is no search."""
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(1)


def sample_size(count: int) -> int:
    """Return how many vectors `build_base` wants to learn from."""
    return round(_CELLS_PER_ROOT * math.sqrt(count)) * _SAMPLES_PER_CELL


def write_base(base: DenseBase, path: Path) -> None:
    """Write the index to a file."""
    faiss.write_index(base.index, str(path))


def map_base(path: Path, *, kind: str, scale: float) -> DenseBase:
    """Return a base whose codes are mapped from a file, shared by all processes that do."""
    index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    return DenseBase(index=index, kind=kind, scale=scale)

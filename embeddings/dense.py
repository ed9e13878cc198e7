"""Dense index: FAISS over unit vectors stored as float16, exact scan, ids allowed beforehand.

Inner product of unit vectors is their cosine. float16 is what the rows store, so the index loses
nothing. Never search while adding: callers hold the view's lock.
"""

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.columns import Mask

faiss.omp_set_num_threads(1)  # one query scans little; threads would only wait for each other


class DenseIndex:
    """An exact index over slots."""

    def __init__(self, dimensions: int) -> None:
        flat = faiss.IndexScalarQuantizer(
            dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._index = faiss.IndexIDMap2(flat)
        self.dimensions = dimensions

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, slots: list[int], vectors: NDArray[np.float32]) -> None:
        """Add vectors, shape (len(slots), dimensions); a slot is added once in its life."""
        if slots:
            self._index.add_with_ids(
                np.ascontiguousarray(vectors, dtype=np.float32), np.array(slots, dtype=np.int64)
            )

    def remove(self, slots: list[int]) -> None:
        """Remove slots; unknown ones are ignored."""
        if slots:
            self._index.remove_ids(np.array(slots, dtype=np.int64))

    def search(
        self, query: NDArray[np.float32], *, allowed: Mask, limit: int
    ) -> list[tuple[int, float]]:
        """Return (slot, cosine) of the nearest allowed slots, best first.

        A query without direction (all zeros: nothing of it is known) finds nothing.
        """
        count = int(allowed.sum())
        if not count or not len(self) or not np.any(query):
            return []
        parameters = None
        if count < len(allowed) or count < len(self):
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
            parameters = faiss.SearchParameters(sel=selector)
        scores, slots = self._index.search(
            query.reshape(1, -1).astype(np.float32), min(limit, count), params=parameters
        )
        # A short answer is padded with id −1.
        return [
            (int(slot), float(score))
            for slot, score in zip(slots[0], scores[0], strict=True)
            if slot >= 0
        ]

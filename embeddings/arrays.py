"""NumPy arrays that grow, and runs inside flat arrays. Pure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 64


class GrowingArray:
    """A one-dimensional array with amortised appending; earlier views stay valid."""

    def __init__(self, dtype: Any) -> None:
        self._buffer = np.empty(_SMALLEST, dtype=dtype)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def values(self) -> NDArray[Any]:
        """Return what was put in, without a copy."""
        return self._buffer[: self._used]

    def append(self, value: Any) -> None:
        """Append one value."""
        if self._used == len(self._buffer):
            self.extend([value])
            return
        self._buffer[self._used] = value
        self._used += 1

    def extend(self, values: Any) -> None:
        """Append values."""
        added = np.asarray(values, dtype=self._buffer.dtype)
        needed = self._used + len(added)
        if needed > len(self._buffer):
            grown = np.empty(max(needed, 2 * len(self._buffer)), dtype=self._buffer.dtype)
            grown[: self._used] = self.values
            self._buffer = grown
        self._buffer[self._used : needed] = added
        self._used = needed


def ranges(
    firsts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all numbers of the ranges [first, end) behind one another, and where each begins.

    The second array has one entry more than there are ranges, the last is the length of the first.
    """
    lengths = ends - firsts
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    numbers = np.arange(starts[-1], dtype=np.int64) + np.repeat(firsts - starts[:-1], lengths)
    return numbers, starts

"""NumPy arrays that grow, arrays that stay on disk, and runs inside flat arrays."""

import os
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 64


class Parts(Protocol):
    """A flat array of which parts are asked for."""

    def cut(self, firsts: NDArray[np.int64], *lengths: NDArray[np.int64]) -> list[NDArray[Any]]:
        """Return what stands from each place on, cut into stretches of some lengths.

        One array for each of `lengths`, of the stretches of all places behind one another.
        """


class FileArray:
    """A file of numbers; parts of it are read as they are asked for, and none is kept.

    A mapped file would count as this process's memory, and by far more than what was looked at:
    Linux maps 64 kB around each place.

    Raises:
        OSError: There is no such file.
    """

    def __init__(self, path: Path, dtype: Any) -> None:
        self._dtype = np.dtype(dtype)
        self._file = path.open("rb", buffering=0)

    def cut(self, firsts: NDArray[np.int64], *lengths: NDArray[np.int64]) -> list[NDArray[Any]]:
        """Return what stands from each place on, cut into stretches of some lengths."""
        descriptor, size = self._file.fileno(), self._dtype.itemsize
        ends = [[0] * len(firsts), *(np.cumsum(lengths, axis=0) * size).tolist()]
        found = list(map(os.pread, repeat(descriptor), ends[-1], (firsts * size).tolist()))
        stretches = (
            [one[begin:end] for one, begin, end in zip(found, *pair, strict=True)]
            for pair in pairwise(ends)
        )
        return [np.frombuffer(b"".join(one), self._dtype) for one in stretches]


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

    def cut(self, firsts: NDArray[np.int64], *lengths: NDArray[np.int64]) -> list[NDArray[Any]]:
        """Return what stands from each place on, cut into stretches of some lengths."""
        none = self.values[:0]
        ends = [firsts.tolist(), *(firsts + np.cumsum(lengths, axis=0)).tolist()]
        return [
            np.concatenate([none, *(self.values[slice(*one)] for one in zip(*pair, strict=True))])
            for pair in pairwise(ends)
        ]


class GrowingRuns:
    """Runs of numbers behind one another, one for each place; a run may be empty."""

    def __init__(self, dtype: Any) -> None:
        self._values = GrowingArray(dtype)
        self._ends = GrowingArray(np.int64)

    @property
    def values(self) -> NDArray[Any]:
        """Return all runs behind one another."""
        return self._values.values

    def append(self, run: Any) -> None:
        """Append the run of the next place."""
        self._values.extend(run)
        self._ends.append(len(self._values))

    def extend(self, values: NDArray[Any], lengths: NDArray[np.int64]) -> None:
        """Append runs of such lengths, which lie behind one another in `values`."""
        self._ends.extend(len(self._values) + np.cumsum(lengths))
        self._values.extend(values)

    def of(self, places: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Return (which of the places, number) for each number in the runs of some places."""
        ends = self._ends.values
        at, starts = ranges(np.where(places > 0, ends[places - 1], 0), ends[places])
        return np.repeat(np.arange(len(places)), np.diff(starts)), self.values[at]


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


def distinct_pairs(
    firsts: NDArray[Any], seconds: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64]]:
    """Return the distinct pairs of numbers, each below 2³¹ and 2³², sorted, and where each first is.

    Args:
        firsts: What they are sorted by first.
        seconds: As many.
    """
    pairs = firsts.astype(np.int64) << 32 | seconds
    distinct, places = np.unique(pairs, return_index=True)
    return distinct >> 32, distinct.astype(np.uint32), places

"""What ranking reads of a passage: its vectors as whole numbers of one byte, and its tokens. Pure.

A record is made once, when the passage is written, and stored with its row, so that neither a
search nor a start encodes or cuts any text. In memory the records of many passages are a few flat
arrays, which a view maps from a snapshot or appends to.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import GrowingArray, ranges

_HEADER = struct.Struct("<HHHII")
"""Vectors, sentences among them, words of the title, subwords, words."""
_LARGEST_CODE = 127
_OTHER_TOKEN = 0x80000000
"""Set in the code of a token that is no piece id."""

Codes = NDArray[np.int8]
Tokens = NDArray[np.uint32]

RECORD_ARRAYS: Mapping[str, str] = {
    "codes": "<i1",
    "scales": "<f4",
    "vector_counts": "<u2",
    "sentence_counts": "<u2",
    "title_counts": "<u2",
    "subwords": "<u4",
    "subword_counts": "<u4",
    "words": "<u4",
    "word_counts": "<u4",
}
"""Name → type of the flat arrays that hold many records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRecord:
    """One passage.

    `codes` has shape (vectors, dimensions): the passage as a whole, its sentences, the evidence it
    cites; row times `scales` is the unit vector.
    """

    codes: Codes
    scales: NDArray[np.float32]
    sentences: int
    subwords: Tokens
    words: Tokens
    title_words: int
    """How many of `words`, from the first, are the title's."""

    def pack(self) -> bytes:
        """Return the bytes that the row stores."""
        sizes = (len(self.scales), self.sentences, self.title_words)
        return b"".join(
            (
                _HEADER.pack(*sizes, len(self.subwords), len(self.words)),
                self.scales.astype("<f4").tobytes(),
                self.subwords.astype("<u4").tobytes(),
                self.words.astype("<u4").tobytes(),
                self.codes.tobytes(),
            )
        )

    @classmethod
    def unpack(cls, packed: bytes, dimensions: int) -> "PassageRecord":
        """Return the record of a row; the arrays share the memory of `packed`."""
        vectors, sentences, title, subwords, words = _HEADER.unpack_from(packed)
        at = _HEADER.size
        scales = np.frombuffer(packed, "<f4", vectors, at)
        at += 4 * vectors
        pieces = np.frombuffer(packed, "<u4", subwords, at)
        at += 4 * subwords
        hashes = np.frombuffer(packed, "<u4", words, at)
        at += 4 * words
        codes = np.frombuffer(packed, "<i1", vectors * dimensions, at)
        return cls(
            codes=codes.reshape(vectors, dimensions),
            scales=scales,
            sentences=sentences,
            subwords=pieces,
            words=hashes,
            title_words=title,
        )


def quantised(vectors: NDArray[np.float32]) -> tuple[Codes, NDArray[np.float32]]:
    """Return unit vectors as codes of one byte and the factor of each row; zero rows stay zero."""
    scales = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float32) / _LARGEST_CODE
    codes = np.round(vectors / np.where(scales, scales, 1.0)[:, None]).astype(np.int8)
    return codes, scales


class _SubwordCodes(dict[str, int]):
    """Token → code, worked out once; there are as many tokens as pieces and characters."""

    def __missing__(self, token: str) -> int:
        is_piece = token.isdecimal() and len(token) < 10
        code = int(token) if is_piece else _OTHER_TOKEN | zlib.crc32(token.encode())
        self[token] = code
        return code


_codes = _SubwordCodes()


def subword_codes(tokens: Sequence[str]) -> Tokens:
    """Return one number per lexical token: a piece's id, or a hash of what is no piece."""
    return np.array([_codes[token] for token in tokens], dtype=np.uint32)


def word_codes(words: Sequence[str]) -> Tokens:
    """Return one number per folded word. Two of a million words share one by a chance of 0.0002."""
    return np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in words], np.uint32)


@dataclass(frozen=True, slots=True)
class TokenRuns:
    """Tokens of several passages behind one another; passage i has [starts[i], starts[i + 1])."""

    values: Tokens
    starts: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return how many tokens each passage has."""
        return np.diff(self.starts)

    def of(self, passage: int) -> Tokens:
        """Return the tokens of one passage."""
        return self.values[self.starts[passage] : self.starts[passage + 1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The records of some passages, in the order asked for."""

    slots: NDArray[np.int64]
    codes: Codes
    scales: NDArray[np.float32]
    vector_starts: NDArray[np.int64]
    subwords: TokenRuns
    words: TokenRuns
    title_words: NDArray[np.int64]

    def similarities(
        self, query: NDArray[np.float32], *, sentence_share: float
    ) -> NDArray[np.float32]:
        """Return one similarity per passage; −1 for one without vectors.

        The nearest sentence or piece of evidence has `sentence_share` of it, the passage as a
        whole the rest: a passage says several things, and its vector is their mean.
        """
        result = np.full(len(self.slots), -1.0, dtype=np.float32)
        has_vectors = np.diff(self.vector_starts) > 0
        firsts = self.vector_starts[:-1][has_vectors]
        if len(firsts):
            cosines = (self.codes.astype(np.float32) @ query) * self.scales
            whole = cosines[firsts].copy()
            single = np.diff(np.append(firsts, len(cosines))) == 1
            cosines[firsts[~single]] = -1.0
            nearest = np.maximum.reduceat(cosines, firsts)
            result[has_vectors] = (1 - sentence_share) * whole + sentence_share * nearest
        return result


class RecordArrays:
    """The records of consecutive slots as flat arrays, mapped from files or growing in memory.

    Args:
        dimensions: Length of the vectors.
        arrays: The arrays of `RECORD_ARRAYS`, or None to begin empty and append.
    """

    def __init__(self, dimensions: int, arrays: Mapping[str, NDArray[Any]] | None = None) -> None:
        self._dimensions = dimensions
        self._fixed = arrays
        self._grown = (
            {} if arrays is not None else {n: GrowingArray(t) for n, t in RECORD_ARRAYS.items()}
        )
        self._starts: dict[str, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self._array("vector_counts"))

    @property
    def vector_counts(self) -> NDArray[np.uint16]:
        """Return how many vectors each passage has."""
        return self._array("vector_counts")

    def _array(self, name: str) -> NDArray[Any]:
        return self._fixed[name] if self._fixed is not None else self._grown[name].values

    def append(self, record: PassageRecord) -> None:
        """Append the record of the next slot."""
        for name, values in arrays_of([record]).items():
            self._grown[name].extend(values)
        self._starts.clear()

    def _run(self, numbers: NDArray[np.int64], counts_name: str) -> tuple[Any, Any]:
        """Return where the numbered passages' items lie in a flat array, and their run starts."""
        starts = self._begins(counts_name)
        return ranges(starts[numbers], starts[numbers + 1])

    def _begins(self, counts_name: str) -> NDArray[np.int64]:
        if counts_name not in self._starts:
            ends = np.cumsum(self._array(counts_name), dtype=np.int64)
            self._starts[counts_name] = np.concatenate([np.zeros(1, np.int64), ends])
        return self._starts[counts_name]

    def whole(self, slots: NDArray[np.int64], *, first_slot: int = 0) -> NDArray[np.float32]:
        """Return the vectors of some slots, shape (slots, dimensions); zeros where none is."""
        vectors = np.zeros((len(slots), self._dimensions), dtype=np.float32)
        numbers = slots - first_slot
        has_vectors = self.vector_counts[numbers] > 0
        rows = self._begins("vector_counts")[numbers[has_vectors]]
        codes = self._array("codes").reshape(-1, self._dimensions)[rows]
        vectors[has_vectors] = codes * self._array("scales")[rows, None]
        return vectors

    def nearest_sentence(self, number: int, query: NDArray[np.float32]) -> int | None:
        """Return which sentence of the numbered passage is nearest; None where none is known."""
        count = int(self._array("sentence_counts")[number])
        if not count:
            return None
        first = int(self._begins("vector_counts")[number]) + 1
        rows = slice(first, first + count)
        codes = self._array("codes").reshape(-1, self._dimensions)[rows]
        return int(np.argmax((codes.astype(np.float32) @ query) * self._array("scales")[rows]))

    def gather(self, slots: NDArray[np.int64], *, first_slot: int = 0) -> Records:
        """Return the records of some slots; `first_slot` is the slot of the first record here."""
        numbers = slots - first_slot
        rows, vector_starts = self._run(numbers, "vector_counts")
        pieces, piece_starts = self._run(numbers, "subword_counts")
        hashes, hash_starts = self._run(numbers, "word_counts")
        codes = self._array("codes").reshape(-1, self._dimensions)
        return Records(
            slots=slots,
            codes=codes[rows],
            scales=self._array("scales")[rows],
            vector_starts=vector_starts,
            subwords=TokenRuns(self._array("subwords")[pieces], piece_starts),
            words=TokenRuns(self._array("words")[hashes], hash_starts),
            title_words=self._array("title_counts")[numbers].astype(np.int64),
        )


def arrays_of(records: Sequence[PassageRecord]) -> dict[str, NDArray[Any]]:
    """Return what appending the records adds to each array of `RECORD_ARRAYS`."""
    return {
        "codes": _joined([one.codes.ravel() for one in records], "codes"),
        "scales": _joined([one.scales for one in records], "scales"),
        "vector_counts": np.array([len(one.scales) for one in records], "<u2"),
        "sentence_counts": np.array([one.sentences for one in records], "<u2"),
        "title_counts": np.array([one.title_words for one in records], "<u2"),
        "subwords": _joined([one.subwords for one in records], "subwords"),
        "subword_counts": np.array([len(one.subwords) for one in records], "<u4"),
        "words": _joined([one.words for one in records], "words"),
        "word_counts": np.array([len(one.words) for one in records], "<u4"),
    }


def _joined(parts: Sequence[NDArray[Any]], name: str) -> NDArray[Any]:
    return np.concatenate([np.empty(0, RECORD_ARRAYS[name]), *parts]).astype(RECORD_ARRAYS[name])


def joined_records(first: Records, second: Records) -> Records:
    """Return the passages of both, those of `first` before those of `second`."""
    if not len(second.slots):
        return first
    if not len(first.slots):
        return second

    def runs(one: TokenRuns, other: TokenRuns) -> TokenRuns:
        values = np.concatenate([one.values, other.values])
        return TokenRuns(values, _joined_starts(one.starts, other.starts))

    return Records(
        slots=np.concatenate([first.slots, second.slots]),
        codes=np.concatenate([first.codes, second.codes]),
        scales=np.concatenate([first.scales, second.scales]),
        vector_starts=_joined_starts(first.vector_starts, second.vector_starts),
        subwords=runs(first.subwords, second.subwords),
        words=runs(first.words, second.words),
        title_words=np.concatenate([first.title_words, second.title_words]),
    )


def _joined_starts(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([one, other[1:] + one[-1]])

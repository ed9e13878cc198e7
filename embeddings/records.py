"""What ranking reads of a passage: its vectors as whole numbers of one byte, and its tokens. Pure.

A record is made once, when the passage is written, and stored with its row, so that neither a
search nor a start encodes or cuts any text. Of many passages, what they consist of lies in one flat
array, passage behind passage, in memory or in a file of the snapshot; how much it is, in small ones.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import GrowingArray, Parts

_HEADER = struct.Struct("<HHHII")
"""Vectors, sentences among them, words of the title, subwords, words."""
_LARGEST_CODE = 127
_OTHER_TOKEN = 0x80000000
"""Set in the code of a token that is no piece id."""

Codes = NDArray[np.int8]
Tokens = NDArray[np.uint32]

CONTENTS = "contents"
"""Name of the flat array: of each passage its vectors, each as its scale and codes, its subwords, its
words; numbers of four bytes all."""
RECORD_ARRAYS: Mapping[str, str] = {
    "vector_counts": "<u2",
    "sentence_counts": "<u2",
    "title_counts": "<u2",
    "subword_counts": "<u4",
    "word_counts": "<u4",
}
"""Name → type of the small arrays, one number a passage."""


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
    """Return one number per folded word, none of which holds a line break.

    Two of a million words share one by a chance of 0.0002.
    """
    if not words:
        return np.empty(0, np.uint32)
    spelt = "\n".join(words).encode("utf-8", "replace").split(b"\n")
    return np.array(list(map(zlib.crc32, spelt)), np.uint32)


@dataclass(frozen=True, slots=True)
class TokenRuns:
    """Tokens of several passages behind one another; passage i has [starts[i], starts[i + 1])."""

    values: Tokens
    starts: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return how many tokens each passage has."""
        return self.starts[1:] - self.starts[:-1]

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
    sentences: NDArray[np.int64]
    """How many of each passage's vectors, behind that of the whole, are its sentences'."""
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

    def whole(self, slots: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of some of the passages, shape (slots, dimensions); zeros for none.

        The passages themselves are in ascending order.
        """
        numbers = np.searchsorted(self.slots, slots)
        known = self.vector_starts[numbers] < self.vector_starts[numbers + 1]
        firsts = self.vector_starts[numbers[known]]
        vectors = np.zeros((len(slots), self.codes.shape[1]), np.float32)
        vectors[known] = self.codes[firsts] * self.scales[firsts, None]
        return vectors

    def nearest_sentence(self, slot: int, query: NDArray[np.float32]) -> int | None:
        """Return which sentence of one of the passages is nearest; None where none is known.

        The passages themselves are in ascending order.
        """
        number = int(np.searchsorted(self.slots, slot))
        first = int(self.vector_starts[number]) + 1
        rows = slice(first, first + int(self.sentences[number]))
        cosines = (self.codes[rows].astype(np.float32) @ query) * self.scales[rows]
        return int(cosines.argmax()) if len(cosines) else None


class RecordArrays:
    """The records of consecutive slots.

    Args:
        dimensions: Length of the vectors.
        counts: The arrays of `RECORD_ARRAYS`; None to begin empty and append.
        contents: What the passages consist of.
    """

    def __init__(
        self,
        dimensions: int,
        counts: Mapping[str, NDArray[Any]] | None = None,
        contents: Parts | None = None,
    ) -> None:
        self._dimensions = dimensions
        self._width = _width(dimensions)
        self._counts = {name: GrowingArray(type_) for name, type_ in RECORD_ARRAYS.items()}
        for name, values in (counts or {}).items():
            self._counts[name].extend(values)
        self._grown = GrowingArray("<u4")
        self._contents: Parts = self._grown if contents is None else contents
        self._kept_begins: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self._counts["vector_counts"])

    @property
    def vector_counts(self) -> NDArray[np.uint16]:
        """Return how many vectors each passage has."""
        return self._counts["vector_counts"].values

    def append(self, record: PassageRecord) -> None:
        """Append the record of the next slot."""
        for name, values in counts_of([record]).items():
            self._counts[name].extend(values)
        self._grown.extend(contents_of([record]))
        self._kept_begins = None

    def _sizes(self, name: str, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._counts[name].values[numbers].astype(np.int64)

    @property
    def _begins(self) -> NDArray[np.int64]:
        """Where the contents of each passage begin."""
        if self._kept_begins is None:
            sizes = self.vector_counts.astype(np.int64) * self._width
            sizes += self._counts["subword_counts"].values
            sizes += self._counts["word_counts"].values
            self._kept_begins = np.cumsum(sizes) - sizes
        return self._kept_begins

    def gather(self, slots: NDArray[np.int64], *, first_slot: int = 0) -> Records:
        """Return the records of some slots; `first_slot` is the slot of the first record here."""
        numbers = slots - first_slot
        vectors, subwords, words = (
            self._sizes(name, numbers)
            for name in ("vector_counts", "subword_counts", "word_counts")
        )
        rows, *tokens = self._contents.cut(
            self._begins[numbers], vectors * self._width, subwords, words
        )
        rows = rows.reshape(-1, self._width)
        return Records(
            slots=slots,
            codes=rows[:, 1:].view("<i1")[:, : self._dimensions],
            scales=rows[:, 0].view("<f4"),
            vector_starts=_starts(vectors),
            sentences=self._sizes("sentence_counts", numbers),
            subwords=TokenRuns(tokens[0], _starts(subwords)),
            words=TokenRuns(tokens[1], _starts(words)),
            title_words=self._sizes("title_counts", numbers),
        )


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each of some runs begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def _width(dimensions: int) -> int:
    """Return how many numbers of four bytes a vector takes: its scale, and four codes in each."""
    return 1 + -(-dimensions // 4)


def counts_of(records: Sequence[PassageRecord]) -> dict[str, NDArray[Any]]:
    """Return what the records add to each array of `RECORD_ARRAYS`."""
    return {
        "vector_counts": np.array([len(one.scales) for one in records], "<u2"),
        "sentence_counts": np.array([one.sentences for one in records], "<u2"),
        "title_counts": np.array([one.title_words for one in records], "<u2"),
        "subword_counts": np.array([len(one.subwords) for one in records], "<u4"),
        "word_counts": np.array([len(one.words) for one in records], "<u4"),
    }


def contents_of(records: Sequence[PassageRecord]) -> NDArray[np.uint32]:
    """Return what the records, all of one encoder, add to `CONTENTS`."""
    if not records:
        return np.empty(0, "<u4")
    codes = np.concatenate([one.codes for one in records])
    rows = np.zeros((len(codes), _width(codes.shape[1])), "<u4")
    rows[:, 0] = np.concatenate([one.scales for one in records]).astype("<f4").view("<u4")
    rows[:, 1:].view("<i1")[:, : codes.shape[1]] = codes
    ends = np.cumsum([len(one.scales) for one in records]).tolist()
    parts: list[NDArray[Any]] = []
    for one, begin, end in zip(records, [0, *ends], ends, strict=False):
        parts += [rows[begin:end].ravel(), one.subwords, one.words]
    return np.concatenate(parts).astype("<u4", copy=False)


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
        sentences=np.concatenate([first.sentences, second.sentences]),
        subwords=runs(first.subwords, second.subwords),
        words=runs(first.words, second.words),
        title_words=np.concatenate([first.title_words, second.title_words]),
    )


def _joined_starts(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([one, other[1:] + one[-1]])

"""In how many passages a token stands, by language: what a word tells, exactly and at any moment.

Counts of many passages are two sorted arrays; what came or went since is a small table beside
them. tantivy's own counts include what was removed, and know no languages. Pure.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.records import Tokens

ALL = 0
"""Number that stands for all languages together."""
_ENOUGH_OF_A_LANGUAGE = 20
"""Passages from which a language's own word frequencies can be trusted."""
_LANGUAGE_BITS = 8
_KEPT_TOKENS = 50_000

TERM_ARRAYS: Mapping[str, str] = {"keys": "<u8", "counts": "<i4"}


class TermCounts:
    """Document frequencies of one token kind.

    Args:
        keys: Sorted token · 256 + language.
        counts: Passages with that token in that language.
        passages: Language number → passages; `ALL` too.
        length: Tokens of all passages together.
    """

    def __init__(
        self,
        *,
        keys: NDArray[np.uint64] | None = None,
        counts: NDArray[np.int32] | None = None,
        passages: Mapping[int, int] | None = None,
        length: int = 0,
    ) -> None:
        self._keys = np.empty(0, np.uint64) if keys is None else keys
        self._counts = np.empty(0, np.int32) if counts is None else counts
        self._since: dict[int, Counter[int]] = {}
        self._told: dict[int, tuple[int, float]] = {}
        """What was asked since the last change."""
        self._passages = Counter(passages or {})
        self._length = length

    def add(self, tokens: Tokens, language: int, *, sign: int = 1) -> None:
        """Count one passage in, or out with `sign` −1."""
        self._told.clear()
        for token in np.unique(tokens).tolist():
            since = self._since.setdefault(token, Counter())
            since[ALL] += sign
            since[language] += sign
        self._passages[ALL] += sign
        self._passages[language] += sign
        self._length += sign * len(tokens)

    @property
    def mean_length(self) -> float:
        """Return how many tokens a passage has on average, at least 1."""
        return max(self._length / max(self._passages[ALL], 1), 1.0)

    def frequencies(self, tokens: Iterable[int]) -> dict[int, Counter[int]]:
        """Return token → language number → passages."""
        wanted = list(dict.fromkeys(tokens))
        firsts = np.array(wanted, dtype=np.uint64) << np.uint64(_LANGUAGE_BITS)
        begins = np.searchsorted(self._keys, firsts).tolist()
        ends = np.searchsorted(self._keys, firsts + np.uint64(1 << _LANGUAGE_BITS)).tolist()
        found = {}
        for token, begin, end in zip(wanted, begins, ends, strict=True):
            languages = (self._keys[begin:end] & np.uint64((1 << _LANGUAGE_BITS) - 1)).tolist()
            counted = Counter(dict(zip(languages, self._counts[begin:end].tolist(), strict=True)))
            if (since := self._since.get(token)) is not None:
                for language, difference in since.items():
                    counted[language] += difference
            found[token] = counted
        return found

    def told(self, tokens: Iterable[int]) -> dict[int, tuple[int, float]]:
        """Return token → (passages that have it, what it tells).

        What it tells is its idf in the language where it is commonest. In a collection of many
        languages every "the" is rare; it is common in its own. A word that says nothing in one
        language must not decide between passages.
        """
        wanted = list(tokens)
        new = [token for token in wanted if token not in self._told]
        if len(self._told) + len(new) > _KEPT_TOKENS:
            self._told.clear()
            new = wanted
        if new:
            self._told |= self._told_anew(new)
        return {token: self._told[token] for token in wanted}

    def _told_anew(self, tokens: Iterable[int]) -> dict[int, tuple[int, float]]:
        result = {}
        for token, counted in self.frequencies(tokens).items():
            information = self.idf_of_all(counted[ALL])
            for language, frequency in counted.items():
                passages = self._passages[language]
                if language != ALL and passages >= _ENOUGH_OF_A_LANGUAGE:
                    information = min(information, idf(frequency, passages))
            result[token] = counted[ALL], information
        return result

    def information(self, tokens: Iterable[int]) -> dict[int, float]:
        """Return token → what it tells."""
        return {token: information for token, (_, information) in self.told(tokens).items()}

    def idf_of_all(self, frequency: int) -> float:
        """Return the idf of a token that so many passages of all languages have."""
        return idf(frequency, self._passages[ALL])

    @property
    def passages_of_all(self) -> int:
        """Return how many passages there are."""
        return self._passages[ALL]


class TermCountsBuilder:
    """Counts of many passages, a block at a time."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.uint64)
        self._counts = np.empty(0, np.int32)
        self._pending: list[tuple[NDArray[Any], NDArray[Any]]] = []
        self.passages: Counter[int] = Counter()
        self.length = 0

    def add(self, values: Tokens, lengths: NDArray[np.int64], languages: NDArray[np.int64]) -> None:
        """Count in a block of passages: their tokens behind one another, and their languages."""
        owners = np.repeat(np.arange(len(lengths), dtype=np.uint64), lengths)
        pairs = values.astype(np.uint64) | (owners << np.uint64(32))
        pairs.sort()  # NumPy's unique without counts hashes, which takes several times as long
        pairs = pairs[np.diff(pairs, prepend=~pairs[:1]) != 0]
        tokens = (pairs & np.uint64(0xFFFFFFFF)) << np.uint64(_LANGUAGE_BITS)
        of = languages.astype(np.uint64)[(pairs >> np.uint64(32)).astype(np.int64)]
        for keys in (tokens | np.uint64(ALL), tokens | of):
            self._pending.append(np.unique(keys, return_counts=True))
        self.length += len(values)
        self.passages[ALL] += len(lengths)
        for language, count in zip(*np.unique(languages, return_counts=True), strict=True):
            self.passages[int(language)] += int(count)
        if len(self._pending) > 20:
            self._merge()

    def _merge(self) -> None:
        keys = np.concatenate([self._keys, *(keys for keys, _ in self._pending)])
        counts = np.concatenate([self._counts, *(counts for _, counts in self._pending)])
        self._keys, at = np.unique(keys, return_inverse=True)
        self._counts = np.bincount(at, weights=counts).astype(np.int32)
        self._pending.clear()

    def finish(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of `TERM_ARRAYS`."""
        self._merge()
        return {"keys": self._keys, "counts": self._counts}


def idf(frequency: int, total: int) -> float:
    """Return BM25's inverse document frequency, always above zero."""
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))

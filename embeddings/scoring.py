"""Scores of candidates from their records, for all of them at once. Pure: NumPy only.

BM25 with exact counts, the share of a question's information that a passage covers, and names,
phrases and codes that must stand in a row or close together. The same passages get the same
scores in every process and at every time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.pieces import PieceTable
from embeddings.records import Records, TokenRuns, Tokens
from embeddings.terms import TermCounts

_K1, _B = 1.2, 0.75
"""Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond"."""
_PHRASE_BOOST = 2.0
_LOW_BITS = 0xFFFF
_FAR = 1 << 40

Scores = NDArray[np.float32]
Flags = NDArray[np.bool_]
Row = tuple[int, ...]
"""Token codes that stand in a row."""


SUBWORD, WORD = 0, 1
"""Kinds of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Tokens that stand in a row, or in any order close together."""

    kind: int
    tokens: Row
    slack: int | None = None
    """How many other tokens may be among them in any order; None for a row."""


class Occurrences:
    """Where wanted tokens stand in the passages.

    Args:
        runs: The tokens of the passages.
        wanted: Token codes.
    """

    def __init__(self, runs: TokenRuns, wanted: Iterable[int]) -> None:
        self._runs = runs
        self._wanted = np.unique(np.fromiter(wanted, np.uint32))
        table = np.zeros(_LOW_BITS + 1, dtype=bool)
        table[self._wanted & _LOW_BITS] = True
        near = np.flatnonzero(table.take(runs.values & _LOW_BITS))  # half the time of an index
        which = np.searchsorted(self._wanted, runs.values[near])
        which = which.clip(max=max(len(self._wanted) - 1, 0))
        if len(near):
            exact = self._wanted[which] == runs.values[near]
            near, which = near[exact], which[exact]
        self._at = near
        self._which = which
        self._passage = np.searchsorted(runs.starts, near, side="right") - 1
        self.count = len(runs.starts) - 1
        table_size = self.count * len(self._wanted)
        counted = np.bincount(self._passage * len(self._wanted) + which, minlength=table_size)
        self._frequencies = counted.reshape(self.count, len(self._wanted)).astype(np.float32)
        self._anywhere = set(self._wanted[self._frequencies.any(axis=0)].tolist())

    def frequencies(self, tokens: Sequence[int]) -> Scores:
        """Return how often each wanted token stands in each passage, (passages, tokens)."""
        at = np.searchsorted(self._wanted, np.array(tokens, dtype=np.uint32))
        chosen: Scores = self._frequencies[:, at]
        return chosen

    def rows(self, row: Row) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (passage, position in the passage) of each place where tokens stand in a row."""
        none = np.zeros(0, np.int64)
        if not row or not self._anywhere.issuperset(row):
            return none, none
        first = np.searchsorted(self._wanted, np.uint32(row[0]))
        begins = self._which == first
        at, passage = self._at[begins], self._passage[begins]
        for offset, token in enumerate(row[1:], 1):
            inside = at + offset < self._runs.starts[passage + 1]
            at, passage = at[inside], passage[inside]
            same = self._runs.values[at + offset] == token
            at, passage = at[same], passage[same]
        return passage, at - self._runs.starts[passage]

    def close(self, tokens: Row, *, slack: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where all the tokens stand in any order within len(tokens) + slack places."""
        none = np.zeros(0, np.int64)
        if not tokens or not self._anywhere.issuperset(tokens):
            return none, none
        at, passage = self._places_of(tokens[0])
        firsts, ends = self._runs.starts[passage], self._runs.starts[passage + 1]
        lowest, highest = at.copy(), at.copy()
        for token in tokens[1:]:
            others, _ = self._places_of(token)
            nearest = _nearest(others, at, firsts, ends)
            lowest, highest = np.minimum(lowest, nearest), np.maximum(highest, nearest)
        fits = highest - lowest < len(tokens) + slack
        return passage[fits], lowest[fits] - firsts[fits]

    def _places_of(self, token: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        mine = self._which == np.searchsorted(self._wanted, np.uint32(token))
        return self._at[mine], self._passage[mine]


def _nearest(
    sorted_places: NDArray[np.int64],
    to: NDArray[np.int64],
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the place nearest to each, of those in [first, end); far away where there is none."""
    after = np.searchsorted(sorted_places, to)
    right = sorted_places[after.clip(max=len(sorted_places) - 1)]
    left = sorted_places[(after - 1).clip(min=0)]
    from_left = np.where((left >= firsts) & (left <= to), to - left, _FAR)
    from_right = np.where((right >= to) & (right < ends), right - to, _FAR)
    nearest: NDArray[np.int64] = np.where(from_left <= from_right, to - from_left, to + from_right)
    return nearest


@dataclass(frozen=True, slots=True)
class TokenQuery:
    """What is asked in both token kinds; each token once."""

    subwords: Sequence[int]
    words: Sequence[int]


class LexicalScorer:
    """Scores of candidates against one question.

    Args:
        records: The candidates.
        counts: (subword counts, word counts).
        query: The question's tokens.
        others: Further tokens that `bm25` or `hold` will be asked about.
    """

    def __init__(
        self,
        records: Records,
        counts: tuple[TermCounts, TermCounts],
        query: TokenQuery,
        others: Iterable[TokenQuery] = (),
    ) -> None:
        others = list(others)
        runs = (records.subwords, records.words)
        asked = [
            (query.subwords, *(other.subwords for other in others)),
            (query.words, *(other.words for other in others)),
        ]
        self._runs = runs
        self._counts = counts
        self._query = (list(dict.fromkeys(query.subwords)), list(dict.fromkeys(query.words)))
        self._found = tuple(
            Occurrences(run, (token for tokens in kind for token in tokens))
            for run, kind in zip(runs, asked, strict=True)
        )
        self._told = tuple(
            count.information(tokens) for count, tokens in zip(counts, self._query, strict=True)
        )

    def bm25(self) -> Scores:
        """Return each candidate's score; 0 where it shares no token."""
        total = np.zeros(self._found[0].count, np.float32)
        for kind, tokens in enumerate(self._query):
            total += self._bm25(kind, self._told[kind], tokens)
        return total

    def bm25_of(self, query: TokenQuery) -> Scores:
        """Return each candidate's score for other tokens than the question's."""
        total = np.zeros(self._found[0].count, np.float32)
        for kind, tokens in enumerate((query.subwords, query.words)):
            total += self._bm25(kind, self._counts[kind].information(tokens), tokens)
        return total

    def _bm25(self, kind: int, told: Mapping[int, float], tokens: Sequence[int]) -> Scores:
        if not tokens:
            return np.zeros(self._found[kind].count, np.float32)
        weights = np.array([told[token] for token in tokens], np.float32)
        return np.asarray(
            self._saturated(kind, self._found[kind].frequencies(tokens)) @ weights, np.float32
        )

    def _saturated(self, kind: int, frequencies: Scores) -> Scores:
        lengths = self._runs[kind].lengths.astype(np.float32)
        norm = _K1 * (1 - _B + _B * lengths / self._counts[kind].mean_length)
        return np.asarray(frequencies * (_K1 + 1) / (frequencies + norm[:, None]), np.float32)

    def phrase(self, row: Row) -> Scores:
        """Return what standing in a row, as in the question, adds to a score."""
        passages, _ = self._found[WORD].rows(row)
        frequencies = np.bincount(passages, minlength=self._found[WORD].count).astype(np.float32)
        weight = _PHRASE_BOOST * sum(self._told[WORD].get(token, 0.0) for token in row)
        return np.asarray(weight * self._saturated(WORD, frequencies[:, None])[:, 0], np.float32)

    def coverage(self, *, kinds: Sequence[int] = (SUBWORD, WORD)) -> Scores:
        """Return the share of the question's information (idf) that each text holds, 0 to 1.

        Args:
            kinds: Of which tokens the better counts: subwords serve scripts without spaces, folded
                words serve typing without accents.
        """
        best = np.zeros(self._found[0].count, np.float32)
        for kind in kinds:
            tokens = self._query[kind]
            weights = np.array([self._told[kind][token] for token in tokens], np.float32)
            if weights.sum() > 0:
                held = (self._found[kind].frequencies(tokens) > 0) @ weights
                best = np.maximum(best, held / weights.sum())
        return best

    def said(self, subwords: Iterable[int], pieces: PieceTable) -> Scores:
        """Return the share of what is asked that each text says in whatever words, 0 to 1.

        Args:
            subwords: What is asked.
            pieces: What subwords mean.
        """
        told = self._counts[SUBWORD].information(dict.fromkeys(subwords))
        return pieces.coverage(self._runs[SUBWORD], told)

    def hold(self, names: Iterable[tuple[Row, Row]]) -> Flags:
        """Return which texts hold the tokens of one of the names in a row.

        Args:
            names: (subwords, words) of each name. All tokens in any order would not do: nearly
                every Vietnamese text has the two syllables of "Ấn Độ" (India) somewhere.
        """
        held = np.zeros(self._found[0].count, dtype=bool)
        for kind in (SUBWORD, WORD):
            for row in {name[kind] for name in names}:
                passages, _ = self._found[kind].rows(row)
                held[passages] = True
        return held

    def exact(self, parts: Sequence[Sequence[Placement]], titles: NDArray[np.int64]) -> Scores:
        """Return how exactly each text holds some parts; each part under one of its placements.

        From 1 to 1.5 for all of them in the text, the more their words are in the title too; from 2
        to 3 for all in the title, the more the nearer to its beginning; 0 where one is missing.

        Args:
            parts: Alternatives of each part.
            titles: Length of each passage's title in words.
        """
        total = np.zeros(self._found[0].count, np.float32)
        held = np.ones(self._found[0].count, dtype=bool)
        for alternatives in parts:
            best = np.zeros(self._found[0].count, np.float32)
            for placement in alternatives:
                passages, at = self._places(placement)
                in_title = (placement.kind == WORD) & (at < titles[passages])
                in_text = 1 + 0.5 * self._share_in_title(placement, titles)[passages]
                np.maximum.at(best, passages, np.where(in_title, 2 + 1 / (1 + at), in_text))
            total += best / len(parts)
            held &= best > 0
        return total * held

    def _share_in_title(self, placement: Placement, titles: NDArray[np.int64]) -> Scores:
        """Return the share of the words that each title has, in any order."""
        share = np.zeros(self._found[WORD].count, np.float32)
        words = set(placement.tokens) if placement.kind == WORD else set()
        for word in words:
            passages, at = self._found[WORD].rows((word,))
            share[np.unique(passages[at < titles[passages]])] += 1 / len(words)
        return share

    def _places(self, placement: Placement) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found = self._found[placement.kind]
        if placement.slack is None:
            return found.rows(placement.tokens)
        return found.close(placement.tokens, slack=placement.slack)


def tokens_of(rows: Iterable[tuple[Row, Row]]) -> TokenQuery:
    """Return all tokens of some names."""
    names = list(rows)
    return TokenQuery(
        [token for subwords, _ in names for token in subwords],
        [token for _, words in names for token in words],
    )


def codes_of(tokens: Tokens) -> Row:
    """Return token codes as a row."""
    return tuple(tokens.tolist())

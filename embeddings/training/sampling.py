"""Which texts are shown together: balanced batches of pairs that mean the same or answer one another.

A batch depends only on the seed and the step, so a resumed run sees what an unbroken one would.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.training.config import TrainingConfig
from embeddings.training.tokens import NONE, Corpus

Numbers = NDArray[np.int64]

_WINDOW_REACH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a batch: token ids, text after text, and the number of each text's tokens."""

    ids: Numbers
    counts: Numbers
    language: NDArray[np.uint8]
    """Position of each text's language in the recipe's list."""

    def select(self, texts: Numbers) -> "Side":
        """Return some of the texts, in the order given."""
        counts = self.counts[texts]
        first = (np.cumsum(self.counts) - self.counts)[texts]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return Side(
            ids=self.ids[np.repeat(first, counts) + within],
            counts=counts,
            language=self.language[texts],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Pairs for one step; text n of `left` belongs to text n of `right` and to no other."""

    left: Side
    right: Side

    def select(self, pairs: Numbers) -> "Batch":
        """Return some of the pairs, in the order given."""
        return Batch(left=self.left.select(pairs), right=self.right.select(pairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """Texts made of one or more segments: segment s is text `numbers[s]`, part of `owner[s]`."""

    numbers: Numbers
    owner: Numbers
    size: int


class PairSampler:
    """Draws batches from a corpus after the shares of a recipe."""

    def __init__(self, corpus: Corpus, *, config: TrainingConfig) -> None:
        self._corpus = corpus
        self._recipe = config.sampling
        self._sources = config.sources
        self._seed = config.seed
        texts = int(corpus.row_starts[-1])
        rows = len(corpus.row_source)
        self._row = np.repeat(np.arange(rows), np.diff(corpus.row_starts))
        self._text_of = np.full((rows, len(config.languages)), NONE, dtype=np.int32)
        self._text_of[self._row, corpus.language[:texts]] = np.arange(texts)
        self._english = config.languages.index("en") if "en" in config.languages else None
        self._folded_share = np.array(
            [config.tokenizer.folded_share.get(code, 0.0) for code in config.languages]
        )
        usable = np.diff(corpus.row_starts) > 1
        weight = np.where(usable, self._source_weights()[corpus.row_source], 0.0)[self._row]
        self._parallel = _LanguageBalance(
            corpus.language[:texts], weight, temperature=self._recipe.temperature
        )
        self._retrieval = _LanguageBalance(
            corpus.language[corpus.passages],
            np.ones(len(corpus.passages)),
            temperature=self._recipe.temperature,
        )

    def batch(self, step: int, *, batches: int = 1) -> Batch:
        """Return the pairs of one step, or of so many steps in one batch."""
        rng = np.random.default_rng([self._seed, step])
        size = batches * self._recipe.batch_size
        retrieval = round(size * self._recipe.retrieval_share)
        left, right = self._parallel_pairs(size - retrieval, rng)
        queries, passages = self._retrieval_pairs(retrieval, rng)
        return Batch(
            left=self._side(_join(left, queries), rng),
            right=self._side(_join(right, passages), rng),
        )

    def _source_weights(self) -> NDArray[np.float64]:
        """Return the weight of one row of each source: large sources are tempered."""
        sizes = np.bincount(self._corpus.row_source, minlength=len(self._corpus.sources))
        return np.array(
            [
                self._sources.row_weight(str(name), rows=int(size))
                for name, size in zip(self._corpus.sources, sizes, strict=True)
            ]
        )

    def _parallel_pairs(self, size: int, rng: np.random.Generator) -> tuple[_Texts, _Texts]:
        """Draw translations; some right sides are widened by their neighbours."""
        first = self._parallel.draw(size, rng)
        first = first[np.unique(self._row[first], return_index=True)[1]]
        row = self._row[first]
        start, end = self._corpus.row_starts[row], self._corpus.row_starts[row + 1]
        step = 1 + (rng.random(len(first)) * (end - start - 1)).astype(np.int64)
        second = start + (first - start + step) % (end - start)
        if self._english is not None:
            english = self._text_of[row, self._english]
            prefer = rng.random(len(first)) < self._recipe.english_share
            second = np.where(prefer & (english != NONE) & (english != first), english, second)
        return _singles(first), self._widened(second.astype(np.int64), rng)

    def _widened(self, texts: Numbers, rng: np.random.Generator) -> _Texts:
        """Put the neighbouring rows of the same source and language around some of the texts."""
        chosen = rng.random(len(texts)) < self._recipe.window_share
        reach = np.arange(-_WINDOW_REACH, _WINDOW_REACH + 1)
        before, after = rng.integers(0, _WINDOW_REACH + 1, size=(2, len(texts), 1))
        row = self._row[texts][:, None]
        neighbour = np.clip(row + reach, 0, len(self._text_of) - 1)
        numbers = self._text_of[neighbour, self._corpus.language[texts][:, None]]
        source = self._corpus.row_source
        wanted = (
            (chosen[:, None] & (reach >= -before) & (reach <= after) & (neighbour == row + reach))
            & (numbers != NONE)
            & (source[neighbour] == source[row])
        )
        wanted[:, _WINDOW_REACH] = True
        owner, column = np.nonzero(wanted)
        return _Texts(numbers=numbers[owner, column], owner=owner, size=len(texts))

    def _retrieval_pairs(self, size: int, rng: np.random.Generator) -> tuple[_Texts, _Texts]:
        """Draw questions with their passages; no passage comes twice."""
        pairs = self._retrieval.draw(size, rng)
        passages = self._corpus.passages[pairs].astype(np.int64)
        once = np.unique(passages, return_index=True)[1]
        return _singles(self._corpus.queries[pairs[once]].astype(np.int64)), _singles(
            passages[once]
        )

    def _side(self, texts: _Texts, rng: np.random.Generator) -> Side:
        """Replace some texts by their folded copies and look up the tokens."""
        numbers = texts.numbers.astype(np.int64)
        folded = self._corpus.folded[numbers]
        share = self._folded_share[self._corpus.language[numbers]]
        fold = (rng.random(texts.size)[texts.owner] < share) & (folded != NONE)
        ids, counts = self._corpus.gather(
            np.where(fold, folded, numbers).astype(np.int64),
            keep=1.0 - self._recipe.token_dropout,
            limit=self._recipe.max_tokens,
            rng=rng,
        )
        total = np.bincount(texts.owner, weights=counts, minlength=texts.size)
        first = np.unique(texts.owner, return_index=True)[1]
        return Side(
            ids=ids,
            counts=total.astype(np.int64),
            language=self._corpus.language[numbers[first]],
        )


class _LanguageBalance:
    """Draws positions so that languages are tempered and weights hold within a language."""

    def __init__(
        self, language: NDArray[np.uint8], weight: NDArray[np.float64], *, temperature: float
    ) -> None:
        self._members = []
        self._cumulative = []
        mass = []
        for code in np.unique(language):
            members = np.nonzero((language == code) & (weight > 0))[0]
            if len(members):
                self._members.append(members)
                self._cumulative.append(np.cumsum(weight[members]))
                mass.append(self._cumulative[-1][-1] ** temperature)
        self._share = np.array(mass) / np.sum(mass)

    def draw(self, size: int, rng: np.random.Generator) -> Numbers:
        """Return `size` positions, with repetition, in random order of language."""
        if not size or not len(self._share):
            return np.zeros(0, dtype=np.int64)
        per_language = rng.multinomial(size, self._share)
        drawn = [
            members[np.searchsorted(sums, rng.random(count) * sums[-1], side="right")]
            for members, sums, count in zip(
                self._members, self._cumulative, per_language, strict=True
            )
        ]
        return np.concatenate(drawn)


def _singles(numbers: Numbers) -> _Texts:
    """Return texts of one segment each."""
    return _Texts(numbers=numbers, owner=np.arange(len(numbers)), size=len(numbers))


def _join(first: _Texts, second: _Texts) -> _Texts:
    """Return the texts of both, second after first."""
    return _Texts(
        numbers=np.concatenate([first.numbers, second.numbers]),
        owner=np.concatenate([first.owner, second.owner + first.size]),
        size=first.size + second.size,
    )

"""Question-to-passage retrieval in pools of a few hundred passages, the size of a small collection.

Source: `embeddings.evaluation.held_back`. In one language a pool holds neighbours of one file, often
of one article; across languages it mixes all languages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.evaluation.held_back import HeldBack, Positions
from embeddings.evaluation.retrieval import (
    RetrievalScore,
    grouped_scores,
    ranked,
    retrieval_score,
    row_values,
)
from embeddings.training.data import RetrievalRow

POOL_SIZE = 300
TOO_FEW = 100
"""A language with fewer passages than this gets passages of other languages besides."""

_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReport:
    """Scores of questions, each in its own pool; totals are means over questions."""

    pool_size: int
    """The most passages a pool holds."""
    same_language: RetrievalScore
    same_by_language: dict[str, RetrievalScore]
    cross_language: RetrievalScore
    cross_by_kind: dict[str, RetrievalScore]
    """`en→xx` and `xx→en`, question's language first."""
    cross_by_language: dict[str, RetrievalScore]
    """The language beside English, both directions together."""


def pool_report(held: HeldBack, *, size: int = POOL_SIZE, too_few: int = TOO_FEW) -> PoolReport:
    """Measure every question in its pool.

    Args:
        held: The encoded rows.
        size: The most passages of a pool.
        too_few: A language with fewer passages is filled up to `size`.
    """
    crossing = np.array([row.is_crossing for row in held.rows], dtype=bool)
    languages = [row.query_language for row in held.rows]
    same: dict[int, dict[str, float]] = {}
    for language in dict.fromkeys(np.array(languages)[~crossing].tolist()):
        rows = np.flatnonzero(~crossing & (np.array(languages) == language))
        passages = np.unique(held.answer[rows])
        fill = size if len(passages) < too_few else 0
        others = [position for position, code in enumerate(held.languages) if code != language]
        same |= _values(held, rows, _pools(passages, size=size, fill=fill, others=others))
    rows = np.flatnonzero(crossing)
    passages = np.random.default_rng(_SEED).permutation(np.unique(held.answer[rows]))
    others = sorted(set(range(len(held.languages))) - set(passages.tolist()))
    cross = _values(held, rows, _pools(passages, size=size, fill=size, others=others))
    return PoolReport(
        pool_size=size,
        same_language=retrieval_score(list(same.values())),
        same_by_language=grouped_scores(same, languages),
        cross_language=retrieval_score(list(cross.values())),
        cross_by_kind=grouped_scores(cross, [_kind(row) for row in held.rows]),
        cross_by_language=grouped_scores(cross, [_beside_english(row) for row in held.rows]),
    )


def _pools(
    passages: Positions, *, size: int, fill: int, others: Sequence[int]
) -> Iterator[tuple[Positions, Positions]]:
    """Yield parts of `passages`, each with its pool: itself and up to `fill` in all with others.

    The parts are of equal size, so that none is easy for being small.
    """
    for number, part in enumerate(np.array_split(passages, -(-len(passages) // size) or 1)):
        wanted = min(max(fill - len(part), 0), len(others))
        chooser = np.random.default_rng([_SEED, number])
        filling = chooser.choice(np.array(others, dtype=np.intp), size=wanted, replace=False)
        yield part, np.sort(np.concatenate([part, filling]))


def _values(
    held: HeldBack, rows: Positions, pools: Iterator[tuple[Positions, Positions]]
) -> dict[int, dict[str, float]]:
    """Return row → measure → value, each row in the pool that its passage is a part of."""
    results = []
    for part, pool in pools:
        inside = rows[np.isin(held.answer[rows], part)]
        if len(inside):
            results.append((inside, ranked(held, inside, pool)))
    return row_values(held, results)


def _kind(row: RetrievalRow) -> str:
    """Return the direction, English named and the other language not."""
    sides = ("en" if code == "en" else "xx" for code in (row.query_language, row.passage_language))
    return "→".join(sides)


def _beside_english(row: RetrievalRow) -> str:
    """Return the language of the question, or of the passage where that is English."""
    return row.passage_language if row.query_language == "en" else row.query_language

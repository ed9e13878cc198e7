"""Question-to-passage retrieval over the held-back rows, all languages in one pool of passages.

Source: `embeddings.evaluation.held_back`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.evaluation.held_back import HeldBack, Positions
from embeddings.evaluation.measures import DEPTH, judged
from embeddings.training.data import RetrievalRow

_BLOCK = 512
_ENOUGH = 20
_TAKEN_AWAY = -2.0
"""Below every cosine."""

Cosines = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalScore:
    """How well questions find their passage."""

    questions: int
    mrr: float
    """Mean of 1 / rank, 0 where the passage is not among the first ten."""
    recall: float
    """Share of questions whose passage is among the first ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalReport:
    """Scores by language pair, such as `ja` or `sw-en`, and what they say about a score floor."""

    passages: int
    by_language: dict[str, RetrievalScore]
    same_language: RetrievalScore
    cross_language: RetrievalScore
    score_floor: float
    """Cosine that 95 of 100 passages found among the first ten reach, also across languages."""
    below_floor: float
    """Share of questions for which, without their passage, nothing reaches the floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What some questions find in one pool."""

    nearest: Positions
    """Position of the first ten passages, shape (questions, up to ten), nearest first."""
    own: Cosines
    """Cosine of the question's passage."""
    best_other: Cosines
    """Highest cosine of a passage not known to answer."""


def ranked(held: HeldBack, questions: Positions, pool: Positions) -> Ranked:
    """Rank the passages of a pool for some rows, whose own passages are all in it.

    Another passage known to answer the question is taken away first: it would be neither wrong nor
    the one that is looked for (the "filtered" setting of Bordes et al. 2013). Equal cosines are
    ranked in the order of the pool.
    """
    place = {int(position): index for index, position in enumerate(pool)}
    nearest, own, other = [], [], []
    for start in range(0, len(questions), _BLOCK):
        block = questions[start : start + _BLOCK]
        scores = held.query_vectors[block] @ held.passage_vectors[pool].T
        here = np.arange(len(block))
        true = np.array([place[int(position)] for position in held.answer[block]])
        own.append(scores[here, true])
        for row, question in enumerate(block):
            known = [place[position] for position in held.answers[question] if position in place]
            scores[row, known] = _TAKEN_AWAY
        other.append(scores.max(axis=1))
        scores[here, true] = own[-1]
        nearest.append(pool[np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]])
    return Ranked(
        nearest=np.concatenate(nearest),
        own=np.concatenate(own),
        best_other=np.concatenate(other),
    )


def row_values(
    held: HeldBack, results: Iterable[tuple[Positions, Ranked]]
) -> dict[int, dict[str, float]]:
    """Return row → measure → value for the rows and what they found."""
    found = {
        str(row): [str(position) for position in first]
        for rows, result in results
        for row, first in zip(rows, result.nearest, strict=True)
    }
    relevant = {row: [str(held.answer[int(row)])] for row in found}
    return {int(row): values for row, values in judged(relevant, found).items()}


def retrieval_score(values: Sequence[dict[str, float]]) -> RetrievalScore:
    """Return the means over rows."""
    count = len(values)
    return RetrievalScore(
        questions=count,
        mrr=sum(value["MRR"] for value in values) / max(count, 1),
        recall=sum(value["recall@10"] for value in values) / max(count, 1),
    )


def grouped_scores(
    values: Mapping[int, dict[str, float]], groups: Sequence[str]
) -> dict[str, RetrievalScore]:
    """Return group → means over the rows of it, by the group that each row is in."""
    members: dict[str, list[dict[str, float]]] = defaultdict(list)
    for row, value in values.items():
        members[groups[row]].append(value)
    return {group: retrieval_score(members[group]) for group in sorted(members)}


def retrieval_report(held: HeldBack) -> RetrievalReport:
    """Measure all questions against all passages."""
    everything = np.arange(len(held.languages))
    rows = np.arange(len(held.rows))
    result = ranked(held, rows, everything)
    values = row_values(held, [(rows, result)])
    crossing = np.array([row.is_crossing for row in held.rows], dtype=bool)
    found = (result.nearest == held.answer[:, None]).any(axis=1)
    floor = _floor(result.own[found & ~crossing], result.own[found & crossing])
    return RetrievalReport(
        passages=len(held.languages),
        by_language=grouped_scores(values, [_label(row) for row in held.rows]),
        same_language=retrieval_score([values[row] for row in rows[~crossing]]),
        cross_language=retrieval_score([values[row] for row in rows[crossing]]),
        score_floor=round(floor, 3),
        below_floor=float(np.mean(result.best_other < floor)),
    )


def _floor(*groups: Cosines) -> float:
    """Return the lowest fifth percentile of the groups that are large enough to have one."""
    large = [group for group in groups if len(group) >= _ENOUGH] or [np.concatenate(groups)]
    return float(min((np.quantile(group, 0.05) for group in large if len(group)), default=0.0))


def _label(row: RetrievalRow) -> str:
    """Return `ja` for one language, `sw-en` for two."""
    if not row.is_crossing:
        return row.query_language
    return f"{row.query_language}-{row.passage_language}"

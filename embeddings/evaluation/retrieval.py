"""Question-to-passage retrieval over the held-back rows, all languages in one pool of passages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.base import Encoder
from embeddings.training.data import RetrievalRow, held_back_retrieval, source_files

_BLOCK = 512
_DEPTH = 10
_ENOUGH = 20

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


def retrieval_report(
    encoder: Encoder, data_dir: Path, *, languages: Sequence[str]
) -> RetrievalReport:
    """Measure an encoder on the held-back rows of every file in `data_dir/retrieval`."""
    wanted = set(languages)
    rows = [
        row
        for path in source_files(data_dir, "retrieval")
        for row in held_back_retrieval(path)
        if {row.query_language, row.passage_language} <= wanted
    ]
    passages = list(dict.fromkeys(row.passage for row in rows))
    position = {passage: index for index, passage in enumerate(passages)}
    answer = np.array([position[row.passage] for row in rows])
    queries = encoder.encode_queries([row.query for row in rows])
    pool = encoder.encode_passages(passages)
    ranks, own, other = [], [], []
    for start in range(0, len(rows), _BLOCK):
        scores = queries[start : start + _BLOCK] @ pool.T
        here = np.arange(len(scores))
        true = scores[here, answer[start : start + _BLOCK]]
        ranks.append(1 + (scores > true[:, None]).sum(axis=1))
        own.append(true)
        scores[here, answer[start : start + _BLOCK]] = -1.0
        other.append(scores.max(axis=1))
    rank, cosine = np.concatenate(ranks), np.concatenate(own)
    labels = np.array([_label(row) for row in rows])
    crossing = np.array(["-" in label for label in labels], dtype=bool)
    found = rank <= _DEPTH
    floor = _floor(cosine[found & ~crossing], cosine[found & crossing])
    return RetrievalReport(
        passages=len(passages),
        by_language={str(label): _score(rank[labels == label]) for label in np.unique(labels)},
        same_language=_score(rank[~crossing]),
        cross_language=_score(rank[crossing]),
        score_floor=round(floor, 3),
        below_floor=float(np.mean(np.concatenate(other) < floor)),
    )


def _floor(*groups: Cosines) -> float:
    """Return the lowest fifth percentile of the groups that are large enough to have one."""
    large = [group for group in groups if len(group) >= _ENOUGH] or [np.concatenate(groups)]
    return float(min((np.quantile(group, 0.05) for group in large if len(group)), default=0.0))


def _label(row: RetrievalRow) -> str:
    """Return `ja` for one language, `sw-en` for two."""
    if row.query_language == row.passage_language:
        return row.query_language
    return f"{row.query_language}-{row.passage_language}"


def _score(rank: NDArray[np.int64]) -> RetrievalScore:
    """Return the score of ranks counted from 1."""
    if not len(rank):
        return RetrievalScore(questions=0, mrr=0.0, recall=0.0)
    found = rank <= _DEPTH
    return RetrievalScore(
        questions=len(rank),
        mrr=float(np.where(found, 1.0 / rank, 0.0).mean()),
        recall=float(found.mean()),
    )

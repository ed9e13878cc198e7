"""Reciprocal rank fusion. Pure.

Cormack, Clarke, Büttcher (2009), "Reciprocal Rank Fusion outperforms Condorcet and individual
rank learning methods", SIGIR '09.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def reciprocal_rank_fusion(
    rankings: Iterable[tuple[Sequence[Key], float]], *, constant: int = 60
) -> dict[Key, float]:
    """Return key → Σ weight / (constant + rank) over `(ranking, weight)` pairs, ranks from 1."""
    scores: dict[Key, float] = {}
    for ranking, weight in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + weight / (constant + rank)
    return scores

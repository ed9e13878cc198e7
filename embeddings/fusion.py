"""Reciprocal rank fusion. Pure.

Cormack, Clarke, Büttcher (2009), "Reciprocal Rank Fusion outperforms Condorcet and individual
rank learning methods", SIGIR '09. Two additions: a ranking has a weight, and an entry may have a
share of it, so that a rank earned by little evidence counts for little.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Generic[Key]):
    """Keys, best first."""

    keys: Sequence[Key]
    weight: float = 1.0
    share: Mapping[Key, float] | None = None
    """Key → part of the weight it gets, 0 to 1; None gives all of it to every key."""


def reciprocal_rank_fusion(
    rankings: Iterable[Ranking[Key]], *, constant: int = 60
) -> dict[Key, float]:
    """Return key → Σ weight · share / (constant + rank), ranks from 1."""
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking.keys, start=1):
            share = 1.0 if ranking.share is None else ranking.share[key]
            scores[key] = scores.get(key, 0.0) + ranking.weight * share / (constant + rank)
    return scores

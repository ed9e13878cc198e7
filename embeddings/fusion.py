"""Reciprocal rank fusion. Pure.

Cormack, Clarke, Büttcher (2009), "Reciprocal Rank Fusion outperforms Condorcet and individual
rank learning methods", SIGIR '09. Three additions: a ranking has a weight; an entry may have a
share of it, so that a rank earned by little evidence counts for little; equal scores share a rank,
so that the order of arrival decides nothing.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_DECIMALS = 5
"""Scores that differ by less are noise of summation order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Generic[Key]):
    """Scores, higher is better."""

    scores: Mapping[Key, float]
    weight: float = 1.0
    share: Mapping[Key, float] | None = None
    """Key → part of the weight it gets, 0 to 1; None gives all of it to every key."""

    def ranks(self) -> dict[Key, int]:
        """Return key → rank from 1; equal scores share a rank and the next rank follows on."""
        rounded = {key: round(score, _DECIMALS) for key, score in self.scores.items()}
        levels = {
            score: rank for rank, score in enumerate(sorted(set(rounded.values()), reverse=True), 1)
        }
        return {key: levels[score] for key, score in rounded.items()}


def reciprocal_rank_fusion(
    rankings: Iterable[Ranking[Key]], *, constant: int = 60
) -> dict[Key, float]:
    """Return key → Σ weight · share / (constant + rank)."""
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for key, rank in ranking.ranks().items():
            share = 1.0 if ranking.share is None else ranking.share[key]
            scores[key] = scores.get(key, 0.0) + ranking.weight * share / (constant + rank)
    return scores

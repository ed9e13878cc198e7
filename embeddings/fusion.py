"""Reciprocal rank fusion over arrays of candidates. Pure.

Cormack, Clarke, Büttcher (2009), "Reciprocal Rank Fusion outperforms Condorcet and individual
rank learning methods", SIGIR '09. Three additions: a ranking has a weight; an entry may have a
share of it, so that a rank earned by little evidence counts for little; equal scores share a rank,
so that the order of arrival decides nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DECIMALS = 5
"""Scores that differ by less are noise of summation order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Scores of all candidates, higher is better."""

    scores: NDArray[Any]
    ranked: NDArray[np.bool_]
    """Which candidates this ranking knows at all."""
    weight: float = 1.0
    share: NDArray[Any] | None = None
    """Part of the weight that each candidate gets, 0 to 1; None gives all of it to every one."""

    def ranks(self) -> NDArray[np.int64]:
        """Return the rank of each ranked candidate, from 1; equal scores share one."""
        rounded = np.round(self.scores[self.ranked].astype(np.float64), _DECIMALS)
        order = np.argsort(-rounded)
        rounded = rounded[order]
        is_less = np.ones(len(order), np.int64)
        is_less[1:] = rounded[1:] < rounded[:-1]
        ranks = np.empty(len(order), np.int64)
        ranks[order] = np.cumsum(is_less)
        return ranks


def reciprocal_rank_fusion(
    rankings: Iterable[Ranking], *, constant: int = 60
) -> NDArray[np.float64]:
    """Return Σ weight · share / (constant + rank) of every candidate."""
    total: NDArray[np.float64] | None = None
    for ranking in rankings:
        if total is None:
            total = np.zeros(len(ranking.scores), dtype=np.float64)
        if not ranking.ranked.any():
            continue
        share = 1.0 if ranking.share is None else ranking.share[ranking.ranked]
        total[ranking.ranked] += ranking.weight * share / (constant + ranking.ranks())
    return np.zeros(0) if total is None else total

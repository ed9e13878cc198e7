"""Batches whose pairs are about alike things, so that the other pairs are hard to tell apart.

The pairs of many batches are drawn at once, exactly as single batches draw them, sorted by what the
table so far says they mean, and dealt out in groups of neighbours. Sources, languages and lengths
keep their shares; only the company of each pair changes. The idea of batches from clusters follows
Hofstätter et al. 2021 ("Efficiently Teaching an Effective Dense Retriever with Balanced Topic Aware
Sampling"); the negatives come from the model in training, as in Xiong et al. 2021 (ANCE).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from embeddings.encoders.base import unit_rows
from embeddings.training.config import TrainingConfig
from embeddings.training.sampling import Batch, PairSampler, Side

Table = NDArray[np.float32]
Numbers = NDArray[np.int64]

_POWER_ITERATIONS = 3


class HardBatches:
    """Gives plain batches for the first part of a run and hard ones for the rest.

    A hard batch depends on the seed, the step and the table at the first step of its pool; a run
    resumed at such a step sees what an unbroken one would.

    Args:
        sampler: Draws the pairs.
        table: The table in training; read whenever a pool begins.
        config: The recipe.
    """

    def __init__(self, sampler: PairSampler, *, table: Table, config: TrainingConfig) -> None:
        self._sampler = sampler
        self._table = table
        self._recipe = config.hardness
        self._seed = config.seed
        self._first = self._recipe.first_step(steps=config.optimiser.steps)
        self._pool: list[Batch] = []
        self._pool_start = -1

    def batch(self, step: int) -> Batch:
        """Return the batch of one step."""
        if step < self._first:
            return self._sampler.batch(step)
        start = step - step % self._recipe.pool_batches
        if start != self._pool_start:
            self._pool_start, self._pool = start, self._draw(start)
        return self._pool[step - start]

    def _draw(self, start: int) -> list[Batch]:
        """Return the batches of the pool that begins at a step."""
        batches = self._recipe.pool_batches
        pool = self._sampler.batch(start, batches=batches)
        rng = np.random.default_rng([self._seed, start, batches])
        vectors = _centred(self._table, pool.left) + _centred(self._table, pool.right)
        size = min(self._recipe.group_size, max(1, len(vectors) // batches))
        groups = neighbour_groups(vectors, size=size, rng=rng)
        dealt = np.array_split(rng.permutation(len(groups)), batches)
        return [pool.select(np.concatenate([groups[one] for one in part])) for part in dealt]


def neighbour_groups(
    vectors: Table, *, size: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Return the row numbers of vectors in groups of at most `size` neighbours.

    Halves the rows along their leading direction until the parts are small enough.
    """
    groups = []
    pending = [np.arange(len(vectors))]
    while pending:
        rows = pending.pop()
        if len(rows) <= size:
            groups.append(rows)
            continue
        deviation = vectors[rows] - vectors[rows].mean(axis=0)
        direction: Table = rng.standard_normal((vectors.shape[1],), dtype=np.float32)
        for _ in range(_POWER_ITERATIONS):
            towards = np.asarray(deviation.T @ (deviation @ direction))
            direction = unit_rows(towards[None])[0]
        order = np.argsort(deviation @ direction, kind="stable")
        pending += [rows[order[: len(order) // 2]], rows[order[len(order) // 2 :]]]
    return groups


def _centred(table: Table, side: Side) -> Table:
    """Return unit vectors less the mean of their language, which would sort texts by language."""
    vectors: Table = functional.normalize(
        functional.embedding_bag(
            torch.from_numpy(side.ids),
            torch.from_numpy(table),
            torch.from_numpy(np.cumsum(side.counts) - side.counts),
            mode="mean",
        )
    ).numpy()
    for code in np.unique(side.language):
        vectors[side.language == code] -= vectors[side.language == code].mean(axis=0)
    return vectors

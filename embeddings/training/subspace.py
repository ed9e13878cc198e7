"""Removing what only says which language a text is in.

Sentences of the same meaning differ, on average, by a constant vector per pair of languages. The
leading directions of those constants are projected out of the token table. Pooling is linear, so
changing the table changes every text alike and costs nothing at run time.
"""

import numpy as np
from numpy.typing import NDArray

from embeddings.training.config import TrainingConfig
from embeddings.training.tokens import Corpus

Table = NDArray[np.float32]

_BLOCK = 4096


def language_directions(table: Table, corpus: Corpus, *, config: TrainingConfig) -> Table:
    """Return orthonormal language directions, shape (at most `subspace.directions`, dimensions)."""
    languages = len(config.languages)
    rng = np.random.default_rng(config.seed)
    sizes = np.diff(corpus.row_starts)
    rows = np.nonzero(sizes >= min(4, languages))[0]
    rows = rng.permutation(rows)[: config.subspace.rows]
    if not len(rows) or not config.subspace.directions:
        return np.zeros((0, table.shape[1]), dtype=np.float32)
    total = np.zeros((languages, table.shape[1]))
    seen = np.zeros(languages)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        owner = np.repeat(np.arange(len(block)), sizes[block])
        within = np.arange(len(owner)) - np.repeat(
            np.cumsum(sizes[block]) - sizes[block], sizes[block]
        )
        texts = corpus.row_starts[block][owner] + within
        vectors = pooled(table, corpus, texts.astype(np.int64), rng=rng)
        mean = np.zeros((len(block), table.shape[1]))
        np.add.at(mean, owner, vectors)
        deviation = vectors - (mean / sizes[block][:, None])[owner]
        np.add.at(total, corpus.language[texts], deviation)
        seen += np.bincount(corpus.language[texts], minlength=languages)
    means = total[seen > 0] / seen[seen > 0][:, None]
    directions = np.linalg.svd(means, full_matrices=False)[2]
    # The deviations of n languages sum to about nothing, so only n - 1 directions mean anything.
    wanted = min(config.subspace.directions, len(means) - 1)
    return directions[:wanted].astype(np.float32)


def without_directions(table: Table, directions: Table) -> Table:
    """Return the table with the given orthonormal directions projected out."""
    return (table - (table @ directions.T) @ directions).astype(np.float32)


def pooled(
    table: Table, corpus: Corpus, texts: NDArray[np.int64], *, rng: np.random.Generator
) -> Table:
    """Return the unit mean vectors of texts, shape (n, dimensions); no tokens give zeros."""
    ids, counts = corpus.gather(texts, keep=1.0, limit=512, rng=rng)
    vectors = np.zeros((len(texts), table.shape[1]), dtype=np.float32)
    filled = counts > 0
    starts = (np.cumsum(counts) - counts)[filled]
    if len(starts):
        vectors[filled] = np.add.reduceat(table[ids], starts)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Table = vectors / np.maximum(norms, 1e-12)
    return unit

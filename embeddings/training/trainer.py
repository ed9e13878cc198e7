"""Fitting the token table: contrastive learning over batches of pairs."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from embeddings.training.config import TrainingConfig
from embeddings.training.loop import TrainingLoop
from embeddings.training.sampling import Batch
from embeddings.training.tokenizer import silent_ids

Table = NDArray[np.float32]


class Trainer(TrainingLoop):
    """Holds the token table and its optimiser, and moves them step by step.

    Only the rows of a batch take part in a step: they are copied out, pooled, differentiated and
    updated by sparse Adam, which is what makes a table of 128,000 rows trainable on two cores.
    """

    def __init__(
        self, tokenizer: Tokenizer, *, config: TrainingConfig, checkpoint: Path | None = None
    ) -> None:
        torch.manual_seed(config.seed)
        self._silent = sorted(silent_ids(tokenizer))
        shape = (tokenizer.get_vocab_size(), config.optimiser.dimensions)
        self._table = torch.randn(shape) * config.optimiser.initial_deviation
        super().__init__(
            torch.optim.SparseAdam([self._table], lr=config.optimiser.learning_rate),
            config=config.optimiser,
            fingerprint=config.fingerprint(
                "sources", "tokenizer", "sampling", "hardness", "optimiser"
            ),
            checkpoint=checkpoint,
            label="train",
        )

    @property
    def live_table(self) -> Table:
        """The table itself, which changes with every step; read only."""
        view: Table = self._table.detach().numpy()
        return view

    @property
    def table(self) -> Table:
        """The token vectors, shape (vocabulary, dimensions); silent tokens are zero vectors."""
        table: Table = self.live_table.copy()
        table[self._silent] = 0.0
        return table

    def _weights(self) -> dict[str, Tensor]:
        return {"table": self._table}

    def _take_step(self, batch: Batch) -> float:
        """Update the table on one batch and return the loss."""
        ids = np.concatenate([batch.left.ids, batch.right.ids])
        counts = np.concatenate([batch.left.counts, batch.right.counts])
        used, position = np.unique(ids, return_inverse=True)
        rows = torch.from_numpy(used)
        local = self._table[rows].requires_grad_()
        pooled = functional.embedding_bag(
            torch.from_numpy(position),
            local,
            torch.from_numpy(np.cumsum(counts) - counts),
            mode="mean",
        )
        half = len(batch.left.counts)
        loss = ranking_loss(pooled[:half], pooled[half:], scale=self._optimiser_config.scale)
        loss.backward()
        if local.grad is None:
            raise RuntimeError("the loss does not depend on the token table")
        self._table.grad = torch.sparse_coo_tensor(
            rows[None],
            local.grad,
            tuple(self._table.shape),
            is_coalesced=True,
            check_invariants=False,
        )
        self._optimiser.step()
        return float(loss.detach())


def ranking_loss(left: Tensor, right: Tensor, *, scale: float) -> Tensor:
    """Return the multiple-negatives ranking loss in both directions.

    Row n of `right` is the one match of row n of `left`, all other rows are its negatives. Equals
    sentence-transformers' MultipleNegativesRankingLoss with the directions "query_to_doc" and
    "doc_to_query", which computes the similarities twice: 40 % of a whole step on a CPU.

    Args:
        left: Vectors of any length, shape (n, dimensions).
        right: Their matches, same shape.
        scale: Factor on the cosine, the inverse of the temperature.
    """
    scores = scale * functional.normalize(left) @ functional.normalize(right).T
    spread = (torch.logsumexp(scores, dim=1) + torch.logsumexp(scores, dim=0)) / 2
    return (spread - scores.diagonal()).mean()

"""Fitting the token table: contrastive learning over batches of pairs, resumable at any checkpoint."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from embeddings.training.config import OptimiserConfig, TrainingConfig
from embeddings.training.sampling import Batch
from embeddings.training.tokenizer import silent_ids

Table = NDArray[np.float32]


class Trainer:
    """Holds the token table and its optimiser, and moves them step by step.

    Only the rows of a batch take part in a step: they are copied out, pooled, differentiated and
    updated by sparse Adam, which is what makes a table of 64,000 rows trainable on two cores.
    """

    def __init__(
        self, tokenizer: Tokenizer, *, config: TrainingConfig, checkpoint: Path | None = None
    ) -> None:
        torch.manual_seed(config.seed)
        self._optimiser_config = config.optimiser
        self._fingerprint = config.fingerprint(
            "sources", "tokenizer", "sampling", "hardness", "optimiser"
        )
        self._checkpoint = checkpoint
        self._silent = sorted(silent_ids(tokenizer))
        shape = (tokenizer.get_vocab_size(), config.optimiser.dimensions)
        self._table = torch.randn(shape) * config.optimiser.initial_deviation
        self._optimiser = torch.optim.SparseAdam([self._table], lr=config.optimiser.learning_rate)
        self.step = 0
        self.losses: list[float] = []
        if checkpoint is not None and checkpoint.exists():
            self._restore(torch.load(checkpoint, weights_only=True))

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

    def train(self, batch_of: Callable[[int], Batch], *, until: int | None = None) -> None:
        """Train from the current step to `until`, or to the last step of the recipe."""
        steps = self._optimiser_config.steps
        last = steps if until is None else until
        progress = tqdm(range(self.step, last), initial=self.step, total=steps, desc="train")
        for step in progress:
            for group in self._optimiser.param_groups:
                group["lr"] = learning_rate(step, self._optimiser_config)
            self.losses.append(self._take_step(batch_of(step)))
            self.step = step + 1
            if step % 20 == 0:
                progress.set_postfix(loss=f"{np.mean(self.losses[-20:]):.3f}")
            if self.step % self._optimiser_config.checkpoint_every == 0 or self.step == last:
                self.save()

    def save(self) -> None:
        """Write a checkpoint; an interrupted write leaves the previous one in place."""
        if self._checkpoint is None:
            return
        partial = self._checkpoint.with_suffix(".partial")
        state = {
            "fingerprint": self._fingerprint,
            "step": self.step,
            "losses": self.losses,
            "table": self._table,
            "optimiser": self._optimiser.state_dict(),
        }
        torch.save(state, partial)
        partial.replace(self._checkpoint)

    def _restore(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint of the same recipe; another recipe's is ignored."""
        if state["fingerprint"] != self._fingerprint:
            return
        self.step = state["step"]
        self.losses = list(state["losses"])
        self._table.copy_(state["table"])
        self._optimiser.load_state_dict(state["optimiser"])

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


def learning_rate(step: int, config: OptimiserConfig) -> float:
    """Return the rate of a step: a linear warm-up, then a cosine down to nearly nothing."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    progress = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * progress)))

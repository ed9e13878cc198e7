"""Training the student: the batches and the loss of the static encoder, in bounded memory.

The whole batch serves as negatives, yet only a chunk of it is in the network at once: vectors first,
without gradients; then the gradient of the loss for each vector; then chunk by chunk again, with
gradients (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup").
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import Tensor

from embeddings.training.loop import TrainingLoop
from embeddings.training.sampling import Batch, Side
from embeddings.training.student.config import StudentConfig
from embeddings.training.student.model import PADDING, START
from embeddings.training.tokenizer import silent_ids
from embeddings.training.trainer import ranking_loss

_GRADIENT_NORM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Some texts of a batch, padded."""

    positions: Tensor
    """Where the texts stand in the batch, left side before right side, shape (n,)."""
    ids: Tensor
    """Shape (n, longest)."""
    mask: Tensor
    """1 for a token, 0 for padding; same shape."""


class StudentTrainer(TrainingLoop):
    """Holds the student and its optimiser, and moves them step by step.

    Args:
        model: The student, as built by `build_student`.
        config: The recipe.
        fingerprint: Hash of all that shaped the run; a checkpoint of another one is not continued.
        checkpoint: File to continue from and to write to.
        device: Where to train.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        *,
        config: StudentConfig,
        fingerprint: str,
        checkpoint: Path,
        device: torch.device,
    ) -> None:
        self.model = model.to(device)
        self._config = config
        self._device = device
        tokenizer = model.tokenizer.backend_tokenizer
        self._start = tokenizer.token_to_id(START)
        self._padding = tokenizer.token_to_id(PADDING)
        self._silent = np.array(sorted(silent_ids(tokenizer)))
        super().__init__(
            torch.optim.AdamW(model.parameters(), weight_decay=config.weight_decay),
            config=config.recipe.optimiser,
            fingerprint=fingerprint,
            checkpoint=checkpoint,
            label="train student",
        )

    def _weights(self) -> dict[str, Tensor]:
        return dict(self.model.state_dict())

    def _take_step(self, batch: Batch) -> float:
        """Update the student on one batch and return the loss."""
        chunks = list(self._chunks(batch))
        with torch.no_grad():
            vectors = torch.cat([self._embed(chunk) for chunk in chunks])
        order = torch.cat([chunk.positions for chunk in chunks])
        vectors = vectors[order.argsort()].requires_grad_()
        half = len(batch.left.counts)
        scale = self._optimiser_config.scale
        loss = ranking_loss(vectors[:half], vectors[half:], scale=scale)
        (gradient,) = torch.autograd.grad(loss, vectors)
        self._optimiser.zero_grad()
        for chunk in chunks:
            (self._embed(chunk) * gradient[chunk.positions]).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _GRADIENT_NORM)
        self._optimiser.step()
        return float(loss.detach())

    def _embed(self, chunk: _Chunk) -> Tensor:
        """Return the unit vectors of a chunk, shape (n, dimensions)."""
        # bfloat16 has the range of float32, so gradients need no scaling.
        mixed = self._device.type == "cuda"
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=mixed):
            output = self.model({"input_ids": chunk.ids, "attention_mask": chunk.mask})
        vectors: Tensor = output["sentence_embedding"].float()
        return vectors

    def _chunks(self, batch: Batch) -> Iterator[_Chunk]:
        """Yield the texts of both sides, those of like length together to save padding."""
        rng = np.random.default_rng([self._config.recipe.seed, self.step])
        sides = [self._with_silent(side, rng) for side in (batch.left, batch.right)]
        ids = np.concatenate([side.ids for side in sides])
        counts = np.concatenate([side.counts for side in sides])
        first = np.cumsum(counts) - counts
        lengths = np.minimum(counts, self._config.max_tokens - 1)
        order = np.argsort(lengths, kind="stable")
        for start in range(0, len(order), self._config.chunk_size):
            texts = order[start : start + self._config.chunk_size]
            within = np.arange(lengths[texts].max())
            taken = within < lengths[texts, None]
            padded = np.full((len(texts), len(within) + 1), self._padding)
            padded[:, 0] = self._start
            padded[:, 1:][taken] = ids[(first[texts, None] + within)[taken]]
            yield _Chunk(
                positions=self._tensor(texts),
                ids=self._tensor(padded),
                mask=self._tensor(padded != self._padding),
            )

    def _with_silent(self, side: Side, rng: np.random.Generator) -> Side:
        """Return a side with pieces that mean nothing put before some of its tokens.

        The corpus leaves them out, for the static encoder gives them zero vectors. A question has
        them all the same, and the student must have learnt to look past them.
        """
        chosen = rng.random(len(side.ids)) < self._config.silent_share
        owner = np.repeat(np.arange(len(side.counts)), side.counts)
        inserted = rng.choice(self._silent, size=int(chosen.sum()))
        return replace(
            side,
            ids=np.insert(side.ids, np.nonzero(chosen)[0], inserted),
            counts=side.counts + np.bincount(owner[chosen], minlength=len(side.counts)),
        )

    def _tensor(self, values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(values.astype(np.int64)).to(self._device)

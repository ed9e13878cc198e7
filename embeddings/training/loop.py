"""The steps of a training run, resumable at any checkpoint, whatever it is that is trained."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from embeddings.training.config import OptimiserConfig
from embeddings.training.sampling import Batch


class TrainingLoop(ABC):
    """Moves weights step by step; a subclass holds them and knows how a step is taken.

    Args:
        optimiser: The torch optimiser of the weights.
        config: Steps, rates and when to write a checkpoint.
        fingerprint: Hash of all that shaped the run; a checkpoint of another one is not continued.
        checkpoint: File to continue from and to write to; None keeps nothing.
        label: Name of the progress bar.
    """

    def __init__(
        self,
        optimiser: torch.optim.Optimizer,
        *,
        config: OptimiserConfig,
        fingerprint: str,
        checkpoint: Path | None,
        label: str,
    ) -> None:
        self.step = 0
        self.losses: list[float] = []
        self._optimiser = optimiser
        self._optimiser_config = config
        self._fingerprint = fingerprint
        self._checkpoint = checkpoint
        self._label = label
        if checkpoint is not None and checkpoint.exists():
            self._restore(torch.load(checkpoint, weights_only=True))

    @abstractmethod
    def _weights(self) -> dict[str, torch.Tensor]:
        """Return the weights by name, the tensors that are trained and no copies."""

    @abstractmethod
    def _take_step(self, batch: Batch) -> float:
        """Update the weights on one batch and return the loss."""

    def train(self, batch_of: Callable[[int], Batch], *, until: int | None = None) -> None:
        """Train from the current step to `until`, or to the last step of the recipe."""
        steps = self._optimiser_config.steps
        last = steps if until is None else until
        progress = tqdm(range(self.step, last), initial=self.step, total=steps, desc=self._label)
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
            "weights": self._weights(),
            "optimiser": self._optimiser.state_dict(),
        }
        torch.save(state, partial)
        partial.replace(self._checkpoint)

    def _restore(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint of the same run; another run's is ignored."""
        if state["fingerprint"] != self._fingerprint:
            return
        self.step = state["step"]
        self.losses = list(state["losses"])
        for name, tensor in self._weights().items():
            tensor.copy_(state["weights"][name])
        self._optimiser.load_state_dict(state["optimiser"])


def learning_rate(step: int, config: OptimiserConfig) -> float:
    """Return the rate of a step: a linear warm-up, then a cosine down to nearly nothing."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    progress = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * progress)))

"""The recipe of the student: the recipe of the static encoder, changed in places, and its shape."""

import dataclasses
import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.training.config import TrainingConfig, config_from_mapping

DEFAULT_CONFIG = Path(__file__).with_name("student.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentConfig:
    """Everything that shapes a student, beside the static encoder it starts from."""

    recipe: TrainingConfig
    """Data, batches and optimiser; the dimensions are those of the static encoder."""
    layers: int = 4
    heads: int = 4
    """Must divide the dimensions of the static encoder."""
    intermediate: int = 1024
    max_tokens: int = 192
    """Longest text, its start token included; the rest is cut off."""
    weight_decay: float = 0.01
    silent_share: float = 0.05
    chunk_size: int = 512

    def fingerprint(self, *others: str) -> str:
        """Return a short hash of the recipe and of what else shaped a run."""
        canonical = json.dumps([dataclasses.asdict(self), others], sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def load_student_config(path: Path = DEFAULT_CONFIG) -> StudentConfig:
    """Read a recipe; `recipe` in it names the static one, relative to the file.

    Raises:
        OSError: A file cannot be read.
        KeyError: It does not name the static recipe.
        tomllib.TOMLDecodeError: It is not TOML.
        TypeError: It names a setting that does not exist.
    """
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    base = path.parent / str(values.pop("recipe"))
    student: dict[str, Any] = values.pop("student", {})
    merged: dict[str, Any] = tomllib.loads(base.read_text(encoding="utf-8"))
    for name, value in values.items():
        merged[name] = {**merged.get(name, {}), **value} if isinstance(value, dict) else value
    return StudentConfig(recipe=config_from_mapping(merged), **student)

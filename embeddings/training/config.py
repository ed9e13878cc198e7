"""The training recipe as one frozen value, read from a TOML file.

Every field has a default that suits the bundled model; a file only needs to name what differs.
"""

import dataclasses
import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFAULT_CONFIG = Path(__file__).with_name("village-static.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesConfig:
    """How much each source counts, for the vocabulary and for training."""

    temperature: float = 0.5
    """A source counts in proportion to (its rows) ** temperature."""
    weight: Mapping[str, float] = field(default_factory=dict)
    """Source → factor, where it is not 1."""
    copyleft: bool = True
    """Whether sources are used whose licence asks that derived works carry it too."""

    def row_weight(self, name: str, *, rows: int) -> float:
        """Return the weight of one row of a source that has so many rows."""
        tempered: float = max(rows, 1) ** (self.temperature - 1.0)
        return self.weight.get(name, 1.0) * tempered


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizerConfig:
    """How the subword vocabulary is learnt."""

    vocabulary_size: int = 64_000
    """Pieces including the unknown piece."""
    characters_per_language: int = 4_000_000
    characters: Mapping[str, int] = field(default_factory=dict)
    """Language → characters, where it differs: one Chinese character says what four Latin ones do."""
    character_coverage: float = 0.9998
    folded_share: Mapping[str, float] = field(default_factory=dict)
    """Language → share of its texts that are also shown without diacritics, here and in training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingConfig:
    """What one batch is made of."""

    batch_size: int = 2048
    retrieval_share: float = 0.15
    window_share: float = 0.2
    temperature: float = 0.35
    english_share: float = 0.35
    token_dropout: float = 0.1
    max_tokens: int = 192


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimiserConfig:
    """How the token table is fitted."""

    dimensions: int = 256
    initial_deviation: float = 1.0
    steps: int = 3600
    warmup_steps: int = 100
    learning_rate: float = 0.02
    scale: float = 20.0
    checkpoint_every: int = 320
    """Steps; a multiple of `hardness.pool_batches`, or a resumed run sees other hard batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardnessConfig:
    """How pairs about alike things are put into one batch."""

    first_share: float = 0.3
    """Share of the steps with plain batches; the table must know something before it can sort."""
    pool_batches: int = 16
    """Batches drawn and sorted together."""
    group_size: int = 512
    """Neighbours that stay together; a batch is made of several such groups."""

    def first_step(self, *, steps: int) -> int:
        """Return the first step with a hard batch; pools begin at multiples of their size."""
        return math.ceil(self.first_share * steps / self.pool_batches) * self.pool_batches


@dataclass(frozen=True, slots=True, kw_only=True)
class SubspaceConfig:
    """How many language directions are removed and from how many rows they are estimated."""

    directions: int = 12
    rows: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """The whole recipe."""

    languages: tuple[str, ...] = ("en",)
    seed: int = 20
    sources: SourcesConfig = SourcesConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    sampling: SamplingConfig = SamplingConfig()
    hardness: HardnessConfig = HardnessConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    subspace: SubspaceConfig = SubspaceConfig()

    def fingerprint(self, *sections: str) -> str:
        """Return a short hash of the named sections, the languages and the seed.

        A stage of the run stores it with its result: another recipe never reuses the file.
        """
        values: dict[str, Any] = {
            name: dataclasses.asdict(getattr(self, name)) for name in sections
        }
        values |= {"languages": list(self.languages), "seed": self.seed}
        canonical = json.dumps(values, sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def load_config(path: Path = DEFAULT_CONFIG) -> TrainingConfig:
    """Read a recipe.

    Raises:
        OSError: The file cannot be read.
        tomllib.TOMLDecodeError: It is not TOML.
        TypeError: It names a setting that does not exist.
    """
    return config_from_mapping(tomllib.loads(path.read_text(encoding="utf-8")))


def config_from_mapping(values: Mapping[str, Any]) -> TrainingConfig:
    """Build a recipe from nested plain values; unknown names raise TypeError."""
    sections: dict[str, Any] = {
        "sources": SourcesConfig,
        "tokenizer": TokenizerConfig,
        "sampling": SamplingConfig,
        "hardness": HardnessConfig,
        "optimiser": OptimiserConfig,
        "subspace": SubspaceConfig,
    }
    arguments = {
        name: sections[name](**value) if name in sections else value
        for name, value in values.items()
    }
    if "languages" in arguments:
        arguments["languages"] = tuple(arguments["languages"])
    return TrainingConfig(**arguments)

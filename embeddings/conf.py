"""The one reader of the EMBEDDINGS setting."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from embeddings.encoders.base import Encoder
from embeddings.errors import ConfigurationError, EncoderUnavailable

_NUMBERS = (
    "RRF_CONSTANT", "LEXICAL_WEIGHT", "CANDIDATES", "CANDIDATES_WHEN_LARGE",
    "SNAPSHOT_FROM", "INT8_FROM", "IVF_FROM", "TAIL_LIMIT",
)  # fmt: skip
_KEYS = {"ENCODER", "INDEX_DIR", "VECTOR_STORE", *_NUMBERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingsConfig:
    """EMBEDDINGS, checked and with its defaults."""

    encoder_backend: str
    encoder_options: dict[str, Any] = field(default_factory=dict)
    index_dir: Path | None = None
    """Where snapshots lie, shared by the processes of one machine; None keeps all in memory."""
    vector_store: dict[str, Any] = field(default_factory=dict)
    """`{"BACKEND": "milvus", "OPTIONS": {…}}`; empty for FAISS in this process."""
    rrf_constant: int = 60
    lexical_weight: float = 1.0
    """Weight of the lexical ranking against 1.0 for the dense one."""
    candidates: int = 800
    """Passages that each index proposes to the ranking."""
    candidates_when_large: int = 200
    """The same from `int8_from` passages on, where 800 are no longer most of the collection;
    the dense index proposes half as many."""
    snapshot_from: int = 20_000
    """Passages from which the base of a view is kept in `index_dir`."""
    int8_from: int = 20_000
    """Passages from which vectors are scanned as whole numbers of one byte."""
    ivf_from: int = 60_000
    """Passages from which only the nearest cells are scanned."""
    tail_limit: int = 2_000
    """Passages that may be new, or dead, beside the base before it is built anew."""


@cache
def get_config() -> EmbeddingsConfig:
    """Return the configuration; raise ConfigurationError when it cannot be used."""
    raw = getattr(settings, "EMBEDDINGS", None)
    encoder = raw.get("ENCODER") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(encoder, dict) or not encoder.get("BACKEND"):
        raise ConfigurationError("EMBEDDINGS needs ENCODER with a BACKEND.")
    if unknown := set(raw) - _KEYS:
        raise ConfigurationError(f"Unknown keys in EMBEDDINGS: {', '.join(sorted(unknown))}.")
    return EmbeddingsConfig(
        encoder_backend=encoder["BACKEND"],
        encoder_options=encoder.get("OPTIONS", {}),
        index_dir=Path(raw["INDEX_DIR"]) if raw.get("INDEX_DIR") else None,
        vector_store=raw.get("VECTOR_STORE") or {},
        **{name.lower(): raw[name] for name in _NUMBERS if name in raw},
    )


def get_encoder(spec: Mapping[str, Any] | None = None) -> Encoder:
    """Return an encoder, loaded once per process; raise EncoderUnavailable when it cannot be.

    Args:
        spec: `{"BACKEND": …, "OPTIONS": {…}}`, as `IndexState.encoder` keeps it; without one, the
            encoder of the setting.
    """
    config = get_config()
    chosen = spec or {"BACKEND": config.encoder_backend, "OPTIONS": config.encoder_options}
    return _load(chosen["BACKEND"], json.dumps(chosen.get("OPTIONS", {}), sort_keys=True))


@cache
def _load(backend: str, options: str) -> Encoder:
    try:
        encoder = import_string(backend)(**json.loads(options))
    except (ImportError, OSError, ValueError, TypeError) as error:
        raise EncoderUnavailable(f"{backend}: {error}") from error
    if not isinstance(encoder, Encoder):
        raise EncoderUnavailable(f"{backend} is no Encoder.")
    return encoder


def _forget(*, setting: str, **_: object) -> None:
    if setting == "EMBEDDINGS":
        get_config.cache_clear()
        _load.cache_clear()


setting_changed.connect(_forget, dispatch_uid="embeddings.conf")

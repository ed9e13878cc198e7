"""The one reader of the EMBEDDINGS setting."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from embeddings.encoders.base import Encoder
from embeddings.errors import ConfigurationError, EncoderUnavailable

_NUMBERS = ("RRF_CONSTANT", "LEXICAL_WEIGHT", "CANDIDATES")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingsConfig:
    """EMBEDDINGS, checked and with its defaults."""

    encoder_backend: str
    encoder_options: dict[str, Any] = field(default_factory=dict)
    rrf_constant: int = 60
    lexical_weight: float = 1.5
    """Weight of the lexical ranking against 1.0 for the dense one."""
    candidates: int = 800
    """Passages each ranking hands to the fusion."""


@cache
def get_config() -> EmbeddingsConfig:
    """Return the configuration; raise ConfigurationError when it cannot be used."""
    raw = getattr(settings, "EMBEDDINGS", None)
    encoder = raw.get("ENCODER") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(encoder, dict) or not encoder.get("BACKEND"):
        raise ConfigurationError("EMBEDDINGS needs ENCODER with a BACKEND.")
    if unknown := set(raw) - {"ENCODER", *_NUMBERS}:
        raise ConfigurationError(f"Unknown keys in EMBEDDINGS: {', '.join(sorted(unknown))}.")
    return EmbeddingsConfig(
        encoder_backend=encoder["BACKEND"],
        encoder_options=encoder.get("OPTIONS", {}),
        **{name.lower(): raw[name] for name in _NUMBERS if name in raw},
    )


@cache
def get_encoder() -> Encoder:
    """Return the process's encoder; raise EncoderUnavailable when it cannot be loaded."""
    config = get_config()
    try:
        encoder = import_string(config.encoder_backend)(**config.encoder_options)
    except (ImportError, OSError, ValueError, TypeError) as error:
        raise EncoderUnavailable(f"{config.encoder_backend}: {error}") from error
    if not isinstance(encoder, Encoder):
        raise EncoderUnavailable(f"{config.encoder_backend} is no Encoder.")
    return encoder


def _forget(*, setting: str, **_: object) -> None:
    if setting == "EMBEDDINGS":
        get_config.cache_clear()
        get_encoder.cache_clear()


setting_changed.connect(_forget, dispatch_uid="embeddings.conf")

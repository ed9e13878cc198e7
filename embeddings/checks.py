"""System checks: a bad EMBEDDINGS setting is told at start-up, not at the first search."""

import inspect
from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from embeddings.conf import get_config
from embeddings.encoders.base import Encoder
from embeddings.errors import ConfigurationError


@register("embeddings")
def check_configuration(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Return an error for a setting that names no usable encoder class, options or model."""
    try:
        config = get_config()
        backend = import_string(config.encoder_backend)
    except ConfigurationError as error:
        return [Error(str(error), id="embeddings.E001")]
    except ImportError as error:
        return [Error(f"EMBEDDINGS['ENCODER']: {error}", id="embeddings.E002")]
    if not (isinstance(backend, type) and issubclass(backend, Encoder)):
        message = f"EMBEDDINGS['ENCODER']: {config.encoder_backend} is no Encoder."
        return [Error(message, id="embeddings.E002")]
    try:
        inspect.signature(backend).bind(**config.encoder_options)
    except (TypeError, ValueError) as error:
        return [Error(f"EMBEDDINGS['ENCODER']['OPTIONS']: {error}.", id="embeddings.E003")]
    problem = backend.problem(**config.encoder_options)
    return [Error(f"EMBEDDINGS['ENCODER']: {problem}", id="embeddings.E004")] if problem else []

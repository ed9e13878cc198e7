"""System checks: a bad EMBEDDINGS setting is told at start-up, not at the first search."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from embeddings.conf import get_config
from embeddings.errors import ConfigurationError


@register("embeddings")
def check_configuration(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Return an error for a setting that names no usable encoder class."""
    try:
        import_string(get_config().encoder_backend)
    except ConfigurationError as error:
        return [Error(str(error), id="embeddings.E001")]
    except ImportError as error:
        return [Error(f"EMBEDDINGS['ENCODER']: {error}", id="embeddings.E002")]
    return []

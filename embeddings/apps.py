"""Application set-up."""

from django.apps import AppConfig


class EmbeddingsConfig(AppConfig):
    """Registers the system checks and the settings receiver."""

    name = "embeddings"

    def ready(self) -> None:
        from embeddings import checks, conf  # noqa: F401

"""Application set-up."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Connects the signals that keep the index in step with the pages."""

    name = "knowledge"

    def ready(self) -> None:
        from knowledge import checks, signals  # noqa: F401

"""Application set-up."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Connects what keeps the index in step with the pages, and what counts and logs searches."""

    name = "knowledge"

    def ready(self) -> None:
        from knowledge import checks, metrics, signals, structured_logs  # noqa: F401

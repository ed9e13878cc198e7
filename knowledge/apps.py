"""Application set-up."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Connects what keeps the index in step with the pages, and what counts and logs searches."""

    name = "knowledge"

    def ready(self) -> None:
        from knowledge import checks, metrics, signals, structured_logs  # noqa: F401
        from knowledge.accounts import holdings  # noqa: F401
        from knowledge.accounts import signals as account_signals  # noqa: F401
        from knowledge.files import page_pictures  # noqa: F401
        from knowledge.sharing import mails
        from knowledge.workshops import signals as workshop_signals  # noqa: F401

        mails.connect()

"""One log event per question: how it was answered, never what it was unless that is wished for.

The logger stands outside the package's own, so that it is silent where the settings do not name it:
on a newcomer's machine and in commands that ask hundreds of questions.
"""

import logging
from typing import Any

from django.conf import settings
from django.dispatch import receiver

from embeddings.telemetry import SearchReport, search_finished

LOGGER = "portal.search"
_logger = logging.getLogger(LOGGER)


@receiver(search_finished, dispatch_uid="knowledge.structured_logs")
def log_search(report: SearchReport, **_: Any) -> None:
    """Log an answered question; a listing without one is none."""
    if report.text and _logger.isEnabledFor(logging.INFO):
        _logger.info("search", extra=event_of(report))


def event_of(report: SearchReport) -> dict[str, Any]:
    """Return the fields of a search's event; the text is there with PORTAL_LOG_QUERIES only."""
    event = {
        "seconds": round(report.seconds, 4),
        "total": report.total,
        "language": report.language,
        "facets": list(report.facets),
        "by_words_only": report.by_words_only,
        "position": report.position,
    }
    if settings.KNOWLEDGE.get("LOG_QUERIES", False):
        event["text"] = report.text
    return event

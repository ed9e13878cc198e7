"""What the package tells whoever measures it. It keeps nothing itself: listeners decide."""

from dataclasses import dataclass
from typing import Any

from django.dispatch import Signal

search_finished = Signal()
"""Sent with `report`, a `SearchReport`, after every answer."""
passages_encoded = Signal()
"""Sent with `report`, an `EncodingReport`, after rows got their vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReport:
    """One answered search."""

    text: str
    """The question, which is the reader's own: nobody writes it down unasked."""
    language: str | None
    """What the question reads as."""
    facets: tuple[str, ...]
    """Names of the facets that narrowed the answer."""
    total: int
    """Works found."""
    seconds: float
    position: int
    """Log position that the answer shows."""
    by_words_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodingReport:
    """Some passages encoded for their rows."""

    passages: int
    seconds: float


def report_search(report: SearchReport) -> None:
    """Tell the listeners of an answered search; a listener that fails fails alone."""
    _send(search_finished, report)


def report_encoding(*, passages: int, seconds: float) -> None:
    """Tell the listeners of encoded passages."""
    _send(passages_encoded, EncodingReport(passages=passages, seconds=seconds))


def _send(signal: Signal, report: Any) -> None:
    signal.send_robust(sender=type(report), report=report)

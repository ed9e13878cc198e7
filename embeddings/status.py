"""How the index is: rows, log, this process's view, and the snapshot on disk."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewStatus:
    """What a process's view consists of."""

    base_passages: int
    """Slots of the base, dead ones too."""
    tail_passages: int
    dead_passages: int
    """Slots whose documents were changed or removed since."""
    dense_kind: str
    """float16, int8 or ivf; none without an encoder."""
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotStatus:
    """What lies on disk."""

    path: str
    position: int
    passages: int
    encoder_id: str
    bytes: int
    written_at: datetime
    fault: str | None
    """Why it cannot be used, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """Everything that an operator asks about the index."""

    passages: int
    """Rows."""
    documents: int
    works: int
    foreign: int
    """Rows whose vector belongs to another encoder."""
    by_language: dict[str, int]
    """Language → rows."""
    generation: str
    log_start: int
    position: int
    """Newest position of the log."""
    encoder_id: str
    """The encoder in force; empty when it cannot be loaded."""
    score_floor: float | None
    view: ViewStatus
    snapshot: SnapshotStatus | None
    """None where nothing lies on disk."""

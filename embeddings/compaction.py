"""Where a view's base comes from: a snapshot on disk, or the rows; now, or beside the one in use."""

import logging
import os
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass

from django.db import connection

from embeddings import snapshot
from embeddings.base import Base, build
from embeddings.conf import get_config, get_encoder
from embeddings.encoders.base import Encoder
from embeddings.errors import EncoderUnavailable
from embeddings.models import IndexState, Passage
from embeddings.snapshot import SnapshotFault

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN = 30.0
_SLOWLY_BUILT = 5_000
"""Passages from which building takes longer than a search may wait: about half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A base with the log position and the encoder that it was made at."""

    base: Base
    position: int
    generation: uuid.UUID
    encoder: Encoder | None


def current_state() -> IndexState:
    """Return the newest state; a log that was never written to has a generation of zeros."""
    return IndexState.objects.filter(pk=1).first() or IndexState(generation=uuid.UUID(int=0))


def encoder_of(state: IndexState) -> Encoder | None:
    """Return the encoder in force, None when it cannot be loaded."""
    try:
        return get_encoder(state.encoder)
    except EncoderUnavailable:
        logger.exception("The encoder cannot be loaded; search answers by words alone.")
        return None


def is_kept_on_disk() -> bool:
    """Return True if there are enough passages for a snapshot and a place for it."""
    config = get_config()
    return config.index_dir is not None and Passage.objects.count() >= config.snapshot_from


def is_built_quickly() -> bool:
    """Return True if a base can be built while readers wait."""
    return not is_kept_on_disk() and Passage.objects.count() < _SLOWLY_BUILT


def prepare(state: IndexState) -> Prepared:
    """Return the base to begin with: the snapshot's where it serves, else one of the rows."""
    if is_kept_on_disk():
        try:
            return _read(state)
        except SnapshotFault as fault:
            logger.warning("The index snapshot is not used: %s. The rows are read.", fault)
        try:
            return _written(state, unless_readable=True)
        except OSError:
            logger.exception("No snapshot can be written; this process keeps all in memory.")
    return _built(state)


def prepare_anew(state: IndexState) -> Prepared:
    """Return a base of the rows as they are now, written as the snapshot where one is kept."""
    return _written(state, unless_readable=False) if is_kept_on_disk() else _built(state)


def _built(state: IndexState) -> Prepared:
    encoder = encoder_of(state)
    base = build(encoder, get_config())
    return _prepared(base, state.position, state, encoder)


def _prepared(base: Base, position: int, state: IndexState, encoder: Encoder | None) -> Prepared:
    return Prepared(base=base, position=position, generation=state.generation, encoder=encoder)


def _read(state: IndexState) -> Prepared:
    """Return the snapshot on disk; raise SnapshotFault when it is of no use."""
    index_dir = get_config().index_dir
    if index_dir is None:
        raise SnapshotFault("none is kept")
    encoder = encoder_of(state)
    found = snapshot.read_snapshot(
        index_dir,
        generation=state.generation,
        encoder_id=encoder.encoder_id if encoder is not None else "",
    )
    if not state.log_start <= found.position <= state.position:
        raise SnapshotFault("the log does not lead from it to the rows")
    return _prepared(found.base, found.position, state, encoder)


def _written(state: IndexState, *, unless_readable: bool) -> Prepared:
    """Write a snapshot. Of several processes that start at once one writes, the others read."""
    config = get_config()
    if config.index_dir is None:
        return _built(state)
    with snapshot.builders_lock(config.index_dir):
        if unless_readable:
            try:
                return _read(state)
            except SnapshotFault:
                pass
        encoder = encoder_of(state)
        written = snapshot.write_snapshot(config.index_dir, encoder, config)
        return _prepared(written.base, written.position, state, encoder)


class Compaction:
    """Has a new base made beside the one in use, in a thread; readers go on meanwhile."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._began = -_SECONDS_BETWEEN
        self._ready: Prepared | None = None

    def start(self, *, newer_than: int) -> None:
        """Begin unless one is under way or was tried a moment ago.

        Args:
            newer_than: Log position of the base in use.
        """
        if self._thread is not None and self._thread.is_alive():
            return
        if time.monotonic() - self._began < _SECONDS_BETWEEN:
            return
        self._began = time.monotonic()
        self._thread = threading.Thread(
            target=self._run, args=(newer_than,), name="index-compaction", daemon=True
        )
        self._thread.start()

    def take(self) -> Prepared | None:
        """Return the base that became ready, once."""
        ready, self._ready = self._ready, None
        return ready

    def wait(self, seconds: float) -> None:
        """Wait until nothing is under way."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, newer_than: int) -> None:
        try:
            state = current_state()
            if not is_kept_on_disk():
                self._ready = _built(state)
                return
            if not _is_newer(state, newer_than):
                _run_writer()
            if _is_newer(state, newer_than):
                self._ready = _read(current_state())
        except SnapshotFault as fault:
            logger.warning("The new index snapshot is not used: %s.", fault)
        except Exception:
            logger.exception("The index could not be compacted; it is tried again later.")
        finally:
            connection.close()


def _is_newer(state: IndexState, than: int) -> bool:
    index_dir = get_config().index_dir
    if index_dir is None:
        return False
    return snapshot.current_position(index_dir, generation=state.generation) > than


def _run_writer() -> None:
    """Write a snapshot in a process of its own: in a thread it would hold up every search."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "django", "write_snapshot", "--unless-busy"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603

"""Snapshots: bases on disk, shared by the processes of a machine, and never trusted unseen.

`CURRENT` names the directory in force and is replaced in one step, so a process killed at any
moment leaves the last complete snapshot or none. Whatever is missing, damaged, of another encoder
or another log is noticed, said and built again from the rows; every file may be deleted at any time.
"""

import fcntl
import json
import logging
import os
import shutil
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from embeddings.base import Base, build, read_base, write_json
from embeddings.conf import EmbeddingsConfig
from embeddings.encoders.base import Encoder
from embeddings.models import DocumentChange, IndexState
from embeddings.status import SnapshotStatus
from embeddings.store import lock_state

logger = logging.getLogger(__name__)

FORMAT = 5
"""Bump on any change of what the files hold or mean."""
_CURRENT, _MANIFEST, _LOCK = "CURRENT", "manifest.json", "lock"
_KEPT_CHANGES = 10_000
"""Positions that the log keeps behind a snapshot, for processes that are slow to notice it."""
_GRACE_SECONDS = 60.0
"""How long a directory that is no longer in force is left for those who are just opening it."""


class SnapshotFault(Exception):  # noqa: N818 – named for the fault
    """Why a snapshot cannot be used, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A base with where it stands in the log."""

    base: Base
    position: int
    directory: Path


def read_snapshot(index_dir: Path, *, generation: uuid.UUID, encoder_id: str) -> Snapshot:
    """Return the snapshot in force.

    Raises:
        SnapshotFault: There is none that fits this log and encoder, or it is damaged.
    """
    directory, manifest = _manifest(index_dir)
    _check(directory, manifest, generation, encoder_id)
    try:
        base = read_base(directory)
    except Exception as error:  # whatever a damaged file makes FAISS, tantivy or JSON say
        raise SnapshotFault(f"it cannot be read: {error}") from error
    return Snapshot(base=base, position=int(str(manifest["position"])), directory=directory)


def _manifest(index_dir: Path) -> tuple[Path, dict[str, object]]:
    try:
        directory = index_dir / (index_dir / _CURRENT).read_text(encoding="utf-8").strip()
        manifest = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SnapshotFault("there is none") from error
    except (OSError, ValueError) as error:
        raise SnapshotFault(f"its manifest cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise SnapshotFault("its manifest is no table")
    checksum = manifest.pop("checksum", None)
    if checksum != _manifest_checksum(manifest):
        raise SnapshotFault("its manifest is damaged")
    if manifest.get("format") != FORMAT:
        raise SnapshotFault("it was written by another version")
    return directory, manifest


def _check(
    directory: Path, manifest: dict[str, object], generation: uuid.UUID, encoder_id: str
) -> None:
    if manifest["generation"] != str(generation):
        raise SnapshotFault("it belongs to another log")
    if manifest["encoder_id"] != encoder_id:
        raise SnapshotFault(f"it was made with {manifest['encoder_id'] or 'no encoder'}")
    stamp = _stamp_at(int(str(manifest["position"])))
    if stamp is not None and stamp != manifest["last_change"]:
        raise SnapshotFault("the database was restored, and went another way since")
    _check_files(directory, manifest)


def _stamp_at(position: int) -> str | None:
    """Return what tells the change at a position from others; None where it is not in the log."""
    stamps = DocumentChange.objects.filter(position=position).values_list("stamp", flat=True)
    return str(stamps[0]) if stamps else None


def _check_files(directory: Path, manifest: dict[str, object]) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise SnapshotFault("its manifest lists no files")
    for name, (size, checksum) in files.items():
        path = directory / name
        if not path.is_file() or path.stat().st_size != size:
            raise SnapshotFault(f"{name} is missing or cut short")
        if _checksum(path) != checksum:
            raise SnapshotFault(f"{name} is damaged")


def _manifest_checksum(manifest: dict[str, object]) -> int:
    return zlib.crc32(json.dumps(manifest, sort_keys=True).encode())


def _checksum(path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            total = zlib.crc32(block, total)
    return total


def current_position(index_dir: Path, *, generation: uuid.UUID) -> int:
    """Return the log position of the snapshot in force, 0 when there is none for this log."""
    try:
        _, manifest = _manifest(index_dir)
    except SnapshotFault:
        return 0
    same = manifest["generation"] == str(generation)
    return int(str(manifest["position"])) if same else 0


@contextmanager
def builders_lock(index_dir: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of whoever builds; yields False when it is taken and nobody is to wait."""
    index_dir.mkdir(parents=True, exist_ok=True)
    with (index_dir / _LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def write_snapshot(index_dir: Path, encoder: Encoder | None, config: EmbeddingsConfig) -> Snapshot:
    """Build a base of all rows in a new directory and put it in force. Hold the builders' lock."""
    began = time.monotonic()
    state = IndexState.objects.filter(pk=1).first() or IndexState(generation=uuid.UUID(int=0))
    directory = index_dir / f"{state.position}-{uuid.uuid4().hex[:12]}"
    directory.mkdir(parents=True)
    try:
        base = build(encoder, config, directory)
        manifest = {
            "format": FORMAT,
            "generation": str(state.generation),
            "position": state.position,
            "last_change": _stamp_at(state.position),
            "encoder_id": encoder.encoder_id if encoder is not None else "",
            "passages": base.columns.count_slots(),
            "files": {
                str(path.relative_to(directory)): [path.stat().st_size, _checksum(path)]
                for path in sorted(directory.rglob("*"))
                if path.is_file() and path.suffix != ".lock"
            },
        }
        checksum = _manifest_checksum(manifest)
        write_json(directory / _MANIFEST, {**manifest, "checksum": checksum})
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    _put_in_force(index_dir, directory)
    _tidy(index_dir, directory)
    logger.info(
        "Snapshot of %d passages at %d written in %.1f s.",
        base.columns.count_slots(),
        state.position,
        time.monotonic() - began,
    )
    return Snapshot(base=base, position=state.position, directory=directory)


def _put_in_force(index_dir: Path, directory: Path) -> None:
    pointer = index_dir / f"{_CURRENT}.{uuid.uuid4().hex}"
    with pointer.open("w", encoding="utf-8") as file:
        file.write(directory.name)
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(index_dir / _CURRENT)


def _tidy(index_dir: Path, current: Path) -> None:
    """Remove what earlier builds left, finished or not; what is mapped stays mapped."""
    for path in index_dir.iterdir():
        if path == current or path.name in {_CURRENT, _LOCK}:
            continue
        if time.time() - path.stat().st_mtime < _GRACE_SECONDS:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def prune_log(position: int) -> None:
    """Shorten the log to what processes may still need beside a snapshot at this position."""
    with transaction.atomic():
        state = lock_state()
        start = position - _KEPT_CHANGES
        if start > state.log_start:
            DocumentChange.objects.filter(position__lte=start).delete()
            state.log_start = start
            state.save(update_fields=["log_start"])


def read_status(
    index_dir: Path, *, generation: uuid.UUID, encoder_id: str
) -> SnapshotStatus | None:
    """Return what lies on disk and whether it could be used, or None when nothing does."""
    try:
        directory, manifest = _manifest(index_dir)
    except SnapshotFault as fault:
        if not (index_dir / _CURRENT).exists():
            return None
        return SnapshotStatus(
            path=str(index_dir), position=0, passages=0, encoder_id="", bytes=0,
            written_at=datetime.fromtimestamp(0, UTC), fault=str(fault),
        )  # fmt: skip
    fault_found: str | None = None
    try:
        _check(directory, manifest, generation, encoder_id)
    except SnapshotFault as fault:
        fault_found = str(fault)
    return SnapshotStatus(
        path=str(directory),
        position=int(str(manifest["position"])),
        passages=int(str(manifest["passages"])),
        encoder_id=str(manifest["encoder_id"]),
        bytes=sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()),
        written_at=datetime.fromtimestamp((directory / _MANIFEST).stat().st_mtime, UTC),
        fault=fault_found,
    )

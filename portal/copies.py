"""Copies of a portal on SQLite, its database and its files, and the way back from one.

The newest changes of a database in use stand in the file beside it (`-wal`): a plain copy lacks
them, and one that is put back beside the old `-wal` is destroyed when that is replayed.
"""

import contextlib
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

DATABASE, MEDIA = "portal.sqlite3", "media"
"""What lies in the directory of a copy."""
_BESIDE = ("", "-wal", "-shm")


class CopyError(Exception):
    """A copy cannot be made or used; says why in a sentence."""


def make_copy(database: Any, media: Path, directory: Path) -> Path:
    """Copy an open database, which may be in use, and the files; return the new directory.

    The database comes first: a file that is handed in meanwhile is one too many, not one too few.
    """
    target = directory / f"portal-{_now()}"
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.mkdir(parents=True, mode=0o700)  # addresses and unpublished works are in it
    try:
        with database.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(unfinished / DATABASE)])
        check_copy(unfinished / DATABASE)
        if media.is_dir():
            shutil.copytree(media, unfinished / MEDIA, copy_function=_copy_if_there)
    except BaseException:
        shutil.rmtree(unfinished)  # the disk may be full
        raise
    unfinished.rename(target)
    return target


def check_copy(file: Path) -> None:
    """Raise CopyError unless a file is a whole database of a portal."""
    if not file.is_file():
        raise CopyError(f"There is no file {file}.")
    try:
        with contextlib.closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as copy:
            faults = [line for (line,) in copy.execute("PRAGMA integrity_check")]
            copy.execute("SELECT count(*) FROM django_migrations")
    except sqlite3.DatabaseError as error:
        raise CopyError(f"{file} is no whole database of a portal: {error}.") from error
    if faults != ["ok"]:
        raise CopyError(f"{file} is damaged: {faults[0]}.")


def put_back(copy: Path, database: Path, media: Path) -> list[Path]:
    """Put a copy, a directory of `make_copy` or a database alone, in place of what is there.

    Return where that was moved. Nothing is touched before the copy lies whole beside it.
    """
    file = copy / DATABASE if copy.is_dir() else copy
    check_copy(file)
    if is_in_use(database):
        raise CopyError(f"{database} is in use: stop the server, the worker and other commands.")
    database.parent.mkdir(parents=True, exist_ok=True)
    now, replaced = _now(), []
    arriving = [(_arriving(file, database), database)]
    if copy.is_dir() and (copy / MEDIA).is_dir():
        arriving.append((_arriving(copy / MEDIA, media), media))
    for new, old in arriving:
        replaced += _move_aside(old, now)
        new.rename(old)
    return replaced


def is_in_use(database: Path) -> bool:
    """Return True if another connection has a database open; else its `-wal` becomes part of it."""
    if not database.exists():
        return False
    with contextlib.closing(sqlite3.connect(database, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")  # granted to whoever is alone
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
        except sqlite3.DatabaseError:
            return False  # a damaged one, which is why another is put there
    return False


def _arriving(source: Path, place: Path) -> Path:
    new = place.with_name(f"{place.name}.arriving")
    if source.is_dir():
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(source, new)
    else:
        shutil.copyfile(source, new)
    return new


def _move_aside(place: Path, now: str) -> list[Path]:
    """Move a database with what belongs to it, or a directory, to a dated name beside it."""
    aside = place.with_name(f"{place.stem}-replaced-{now}{place.suffix}")
    moved = []
    for ending in _BESIDE:
        old = place.with_name(place.name + ending)
        if old.exists():
            moved.append(old.rename(aside.with_name(aside.name + ending)))
    return moved


def _copy_if_there(source: str, target: str) -> None:
    with contextlib.suppress(FileNotFoundError):  # deleted since the directory was read
        shutil.copy2(source, target)


def _now() -> str:
    return datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")

"""What nobody needs any more: files that nothing shows, and what a killed process left behind."""

import contextlib
import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from wagtail.models import ReferenceIndex

from knowledge.files.conf import incoming_directory
from knowledge.models import MaterialPage, StoredFile

logger = logging.getLogger(__name__)

_DAY = 24 * 3600
_FEW = 10
"""So many files may be set aside whatever their share is: a small portal is cleared up too."""
_IN_MATERIAL = "files.item.file"


def delete_unused(files: Iterable[StoredFile]) -> int:
    """Delete those of some files that no page shows, mentions or awaits; return how many.

    Args:
        files: Each is awaited by a newer version of a published material of whoever handed it in.
    """
    count = 0
    for file in files:
        # The index of references is written after the commit; of materials `shown_on` says it now.
        mentions = ReferenceIndex.get_references_to(file).exclude(model_path=_IN_MATERIAL)
        if not (file.shown_on.exists() or mentions.exists() or _is_awaited(file)):
            file.delete()
            count += 1
    return count


def _is_awaited(file: StoredFile) -> bool:
    newer = MaterialPage.objects.filter(
        owner_id=file.uploaded_by_user_id, live=True, has_unpublished_changes=True
    )
    return any(
        one.file_id == file.pk
        for page in newer
        for one in page.get_latest_revision_as_object().files.all()
    )


def remove_strays() -> int:
    """Set aside files of yesterday or earlier that no row names; return how many were moved or deleted.

    They are deleted later: the database may be an older or another one, whose files these are not.
    Once it is the right one again, they come back. Only on a disk of ours: a bucket elsewhere is
    left alone.
    """
    known = set(StoredFile.objects.values_list("file", flat=True))
    return (
        _take_back(known)
        + _set_aside(known)
        + _delete_old(_aside().glob("*"), days=settings.KNOWLEDGE["KEEP_STRAY_FILES_DAYS"])
        + _delete_old(incoming_directory().glob("*.upload*"), days=1)
    )


def missing_files() -> list[StoredFile]:
    """Return the rows whose bytes are not where they should be."""
    return [
        file for file in StoredFile.objects.all() if not file.file.storage.exists(file.file.name)
    ]


def _documents() -> Path:
    return Path(settings.MEDIA_ROOT) / "documents"


def _aside() -> Path:
    return Path(settings.MEDIA_ROOT) / "stray"


def _take_back(known: set[str]) -> int:
    """Move back what was set aside while another database was used."""
    wanted = [path for path in _aside().glob("*") if f"documents/{path.name}" in known]
    return _move(wanted, _documents())


def _set_aside(known: set[str]) -> int:
    """Move what no row names out of the way, unless so much of it says that the database is wrong."""
    files = [path for path in _documents().glob("*") if path.is_file()]
    strays = [
        path for path in files if f"documents/{path.name}" not in known and _is_older(path, days=1)
    ]
    if len(strays) >= _FEW and 2 * len(strays) > len(files):
        logger.error(
            "%d of %d files in %s are in no row of the database: is it the right one? "
            "They stay; move them away by hand if it is.",
            len(strays), len(files), _documents(),
        )  # fmt: skip
        return 0
    return _move(strays, _aside())


def _move(paths: Iterable[Path], directory: Path) -> int:
    """Move files, whose age counts anew from now on; return how many."""
    moved = 0
    for path in paths:
        with contextlib.suppress(FileNotFoundError):  # another worker was as quick
            directory.mkdir(exist_ok=True)
            os.utime(path)
            path.rename(directory / path.name)
            moved += 1
    return moved


def _delete_old(paths: Iterable[Path], *, days: int) -> int:
    old = [path for path in paths if path.is_file() and _is_older(path, days=days)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _is_older(path: Path, *, days: int) -> bool:
    return path.stat().st_mtime < time.time() - days * _DAY

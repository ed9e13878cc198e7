"""What a killed process left behind: bytes without a row, uploads that nobody waits for."""

import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from knowledge.files.conf import incoming_directory
from knowledge.models.files import StoredFile

_DAY = 24 * 3600


def remove_strays() -> int:
    """Delete files of yesterday or earlier that no row names; return how many.

    Only on a disk of ours: a bucket elsewhere is left alone.
    """
    removed = 0
    for path in (*_unknown_bytes(), *incoming_directory().glob("*.upload*")):
        if path.is_file() and path.stat().st_mtime < time.time() - _DAY:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _unknown_bytes() -> Iterator[Path]:
    directory = Path(settings.MEDIA_ROOT) / "documents"
    if not directory.is_dir():
        return
    known = set(StoredFile.objects.values_list("file", flat=True))
    for path in directory.iterdir():
        if f"documents/{path.name}" not in known:
            yield path

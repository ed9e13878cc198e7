"""What nobody needs any more: files that nothing shows, and what a killed process left behind."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from wagtail.models import ReferenceIndex

from knowledge.files.conf import incoming_directory
from knowledge.models import MaterialPage, StoredFile

_DAY = 24 * 3600
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

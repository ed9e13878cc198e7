"""Pages as pictures, drawn when first asked for and kept on disk; anything kept may be deleted."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from knowledge.files.conf import limits, pictures_directory
from knowledge.files.kinds import PDF, PICTURES
from knowledge.files.limited import picture_of
from knowledge.models.files import StoredFile

_DRAWN = {PDF.media_type, *(kind.media_type for kind in PICTURES)}


def can_be_drawn(stored: StoredFile) -> bool:
    """Return True if pages of this type can be shown as pictures."""
    return stored.media_type in _DRAWN


def page_picture(stored: StoredFile, number: int) -> bytes:
    """Return a page as WebP; empty where it cannot be drawn."""
    kept = _directory(stored) / f"{number}.webp"
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        pass
    try:
        drawn = picture_of(Path(stored.file.path), stored.media_type, number, limits())
    except FileNotFoundError:
        return b""
    if drawn:
        _keep(kept, drawn)
    return drawn


def _directory(stored: StoredFile) -> Path:
    return pictures_directory() / f"{stored.pk}-{stored.file_hash[:16]}"


def _keep(path: Path, drawn: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as written:
        written.write(drawn)
    Path(written.name).replace(path)


@receiver(post_delete, sender=StoredFile, dispatch_uid="knowledge.files.pictures_deleted")
def forget_pictures(instance: Any, **_: Any) -> None:
    """Remove the pictures of a file that is deleted."""
    shutil.rmtree(_directory(instance), ignore_errors=True)

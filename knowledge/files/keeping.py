"""A file handed in is checked and kept whole, or refused and leaves nothing behind."""

import hashlib
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Collection

from knowledge.files.conf import incoming_directory, limits
from knowledge.files.kinds import kind_named
from knowledge.files.limited import kind_by_content
from knowledge.files.names import clean_name
from knowledge.files.problems import words_for
from knowledge.files.refusal import FilesError, Problem, Refused
from knowledge.models.files import StoredFile


class FileRefused(FilesError):  # noqa: N818 – named for what happened
    """A file is not taken. Its text says why in the reader's language."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.code = problem.value

    def __str__(self) -> str:
        return words_for(self.code)


def keep_file(upload: "UploadedFile[bytes]", *, user: Any, collection: Any = None) -> StoredFile:
    """Keep a file and return it; one that the same user handed in before is returned as it is.

    Args:
        upload: What came in. Its name gives the title, in any script.
        user: Who hands it in.
        collection: Where Wagtail keeps it, the root when None.

    Raises FileRefused.
    """
    stem, _extension = clean_name(upload.name or "")
    with inspected(upload) as (path, media_type):
        digest = _digest(path)
        known = StoredFile.objects.filter(
            uploaded_by_user=user, file_hash=digest, file_size=path.stat().st_size
        ).first()
        if isinstance(known, StoredFile):
            return known
        stored = StoredFile(
            title=stem or _("Without a name"),
            uploaded_by_user=user,
            collection=collection or Collection.get_first_root_node(),
            media_type=media_type,
            file_hash=digest,
            file_size=path.stat().st_size,
        )
        with path.open("rb") as opened:
            _save(stored, File(opened, name=random_name(media_extension(upload))))
    return stored


@contextmanager
def inspected(upload: "UploadedFile[bytes]") -> Iterator[tuple[Path, str]]:
    """Give the place and the media type of an upload that was checked.

    Raises FileRefused.
    """
    extension = media_extension(upload)
    if problem := _problem_at_sight(upload, extension):
        raise FileRefused(problem)
    with _on_disk(upload) as path:
        try:
            media_type = kind_by_content(path, extension, limits())
        except Refused as refused:
            raise FileRefused(refused.problem) from refused
        yield path, media_type


def _problem_at_sight(upload: "UploadedFile[bytes]", extension: str) -> Problem | None:
    """Return what can be told without looking inside."""
    if kind_named(extension) is None:
        return Problem.UNKNOWN_TYPE
    if not upload.size:
        return Problem.EMPTY
    return Problem.TOO_LARGE if upload.size > limits().largest else None


def media_extension(upload: "UploadedFile[bytes]") -> str:
    """Return the ending of an upload's name, in lower case and without the dot."""
    return clean_name(upload.name or "")[1]


def random_name(extension: str) -> str:
    """Return the name under which a file lies; it tells nothing and cannot be guessed."""
    return f"{uuid.uuid4().hex}.{extension}"


@contextmanager
def _on_disk(upload: "UploadedFile[bytes]") -> Iterator[Path]:
    """Give a file with the bytes of the upload, copied only if it was kept in memory."""
    if hasattr(upload, "temporary_file_path"):
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(dir=incoming_directory(), suffix=".upload") as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _digest(path: Path) -> str:
    """Return the SHA-1, which is what Wagtail keeps of documents."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()


def _save(stored: StoredFile, content: "File[bytes]") -> None:
    """Write bytes and row; without the row no bytes stay.

    A process killed in between leaves bytes that nobody knows: `strays` removes them.
    """
    try:
        with transaction.atomic():
            stored.file = content  # written when the row is
            stored.save()
    except BaseException:
        if stored.file and stored.file._committed:  # noqa: SLF001 – whether the bytes were written
            stored.file.storage.delete(stored.file.name)
        raise

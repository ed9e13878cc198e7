"""The text of files, read in the background. The rows are the truth of what is still to do.

A file is claimed by a time written down and committed: a reader that dies loses its claim after a
while. How often a file was claimed is counted with it, so that one which kills its readers is
given up.
"""

import datetime as dt
import logging
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from knowledge.files.conf import limits
from knowledge.files.limited import Interrupted, kind_by_content, texts_of
from knowledge.files.refusal import Problem, Refused
from knowledge.models.files import FilePart, ReadingState, StoredFile
from knowledge.models.material import MaterialFile, MaterialPage
from knowledge.sync import mark_pending

logger = logging.getLogger(__name__)

_MOST_TRIES = 3
_SLACK = 60
"""Seconds beside those of the child until a claim is void."""


def read_pending(limit: int = 3) -> int:
    """Read files that wait for it, oldest first; return how many were taken in hand."""
    waiting = _claimable().order_by("created_at", "pk").values_list("pk", flat=True)
    done = 0
    for pk in list(waiting[:limit]):
        stored = _claim(pk)
        if stored is not None:
            read_file(stored)
            done += 1
    return done


def read_file(stored: StoredFile) -> None:
    """Read the text of a file into its parts, and say how that went.

    A file that could not be worked through is tried again at another time, a few times.
    """
    try:
        with stored.open_file() as opened:
            path = Path(opened.path)
        if not stored.media_type:
            stored.media_type = kind_by_content(path, stored.file_extension.lower(), limits())
        parts = texts_of(path, stored.media_type, limits(), _languages(stored))
    except Refused as refused:
        _finish(stored, (), ReadingState.FAILED, refused.problem)
    except FileNotFoundError:
        _finish(stored, (), ReadingState.FAILED, Problem.BROKEN)
    except Interrupted:
        logger.warning("File %d could not be read, try %d.", stored.pk, stored.tries)
        if stored.tries >= _MOST_TRIES:
            _finish(stored, (), ReadingState.FAILED, Problem.TOO_HARD)
        else:
            StoredFile.objects.filter(pk=stored.pk).update(claimed_at=None)
    else:
        has_text = any(part["text"].strip() for part in parts)
        pictures = parts and parts[0]["kind"] in (FilePart.Kind.PAGE, FilePart.Kind.PICTURE)
        scanned = pictures and not has_text
        _finish(stored, parts, ReadingState.SCANNED if scanned else ReadingState.READ)


def _claimable() -> Any:
    seconds = limits().reading_seconds + _SLACK
    void = timezone.now() - dt.timedelta(seconds=seconds)
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=void)
    return StoredFile.objects.filter(free, reading=ReadingState.PENDING)


def _claim(pk: int) -> StoredFile | None:
    """Take a file in hand; None when another process was quicker, or it was given up."""
    taken = _claimable().filter(pk=pk)
    if not taken.update(claimed_at=timezone.now(), tries=F("tries") + 1):
        return None
    stored = StoredFile.objects.filter(pk=pk).first()
    if not isinstance(stored, StoredFile):
        return None
    if stored.tries > _MOST_TRIES:
        _finish(stored, (), ReadingState.FAILED, Problem.TOO_HARD)
        return None
    return stored


def _languages(stored: StoredFile) -> list[str]:
    """Return the languages of the pages that show a file, where text can be recognised at all."""
    if shutil.which("tesseract") is None:
        return []
    pages = MaterialPage.objects.filter(files__file=stored)
    found = pages.values_list("locale__language_code", flat=True)
    return list(dict.fromkeys([*found, "en"]))


def _finish(
    stored: StoredFile, parts: Iterable[dict[str, Any]], state: str, problem: str = ""
) -> None:
    """Write what was read, how it went, and that the pages that show it have changed."""
    with transaction.atomic():
        if not StoredFile.objects.filter(pk=stored.pk).update(
            reading=state, problem=problem, claimed_at=None, media_type=stored.media_type
        ):
            return  # deleted meanwhile
        stored.parts.all().delete()
        FilePart.objects.bulk_create([FilePart(file=stored, **part) for part in parts])
        shown_on = MaterialFile.objects.filter(file=stored).values_list("page_id", flat=True)
        mark_pending(set(shown_on))
    stored.refresh_from_db()

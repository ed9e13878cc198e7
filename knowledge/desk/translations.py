"""How a work stands in each language: original, translated, outdated, unfinished, missing."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import pgettext_lazy
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from knowledge.desk.works import DeskPages, DeskWork, Version


class Status(models.TextChoices):
    """How a work stands in one language."""

    ORIGINAL = "original", pgettext_lazy("status of a translation", "original")
    TRANSLATED = "translated", pgettext_lazy("status of a translation", "translated")
    OUTDATED = "outdated", pgettext_lazy("status of a translation", "outdated")
    UNFINISHED = "unfinished", pgettext_lazy("status of a translation", "unfinished")
    MISSING = "missing", pgettext_lazy("status of a translation", "missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """A translation that wagtail-localize keeps beside its source."""

    source_language: str
    source_read_at: dt.datetime
    """The source may have changed since."""
    is_unfinished: bool
    """Some strings stand there in the language of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A work and its status in each language."""

    work: DeskWork
    statuses: dict[str, Status]
    """Of the languages there are versions in."""

    def status_in(self, language: str) -> Status:
        """Return how the work stands in a language."""
        return self.statuses.get(language, Status.MISSING)

    @property
    def is_behind(self) -> bool:
        """Whether a translation says less, or something else, than its source."""
        return not {Status.OUTDATED, Status.UNFINISHED}.isdisjoint(self.statuses.values())


def board(request: HttpRequest) -> list[BoardRow]:
    """Return the works that somebody may edit or open, with their statuses, by title."""
    synced = _synced_translations()
    return [
        BoardRow(
            work=work,
            statuses={
                language: status_of(version, work, synced.get((key, language)))
                for language, version in work.versions.items()
            },
        )
        for key, work in DeskPages(request).works().items()
    ]


def status_of(version: Version, work: DeskWork, synced: Synced | None) -> Status:
    """Return how a version stands to what it was translated from.

    Where wagtail-localize keeps the translation, its records decide; else the later date: a
    translation is outdated when its source was published after it.
    """
    if version.is_original:
        return Status.ORIGINAL
    if synced is None:
        return _outdated_if(_is_after(work.original, version.said_at))
    if synced.is_unfinished:
        return Status.UNFINISHED
    source = work.versions.get(synced.source_language)
    not_taken_over = version.said_at is not None and version.said_at < synced.source_read_at
    return _outdated_if(not_taken_over or _is_after(source, synced.source_read_at))


def _outdated_if(is_outdated: bool) -> Status:
    return Status.OUTDATED if is_outdated else Status.TRANSLATED


def _is_after(source: Version | None, moment: dt.datetime | None) -> bool:
    """Return True if a source has been published since; not where a date is not known."""
    return (
        source is not None
        and source.said_at is not None
        and moment is not None
        and source.said_at > moment
    )


def languages_in_use(rows: Iterable[BoardRow]) -> list[str]:
    """Return the languages that any work has a version in, in the order of the settings."""
    used = {language for row in rows for language in row.statuses}
    return [code for code, _ in settings.LANGUAGES if code in used]


def _synced_translations() -> dict[tuple[uuid.UUID, str], Synced]:
    """Return what wagtail-localize keeps, by work and language."""
    translated = StringTranslation.objects.filter(
        translation_of_id=OuterRef("string_id"),
        context_id=OuterRef("context_id"),
        locale_id=OuterRef("_target"),
        has_error=False,
    )
    # Named first: a subquery reaches one level up only.
    open_strings = StringSegment.objects.filter(source_id=OuterRef("source_id")).annotate(
        _target=OuterRef("target_locale_id"), is_translated=Exists(translated)
    )
    rows = (
        Translation.objects.filter(enabled=True)
        .annotate(is_unfinished=Exists(open_strings.filter(is_translated=False)))
        .values_list(
            "source__object_id",
            "target_locale__language_code",
            "source__locale__language_code",
            "source__last_updated_at",
            "is_unfinished",
        )
    )
    return {
        (key, language): Synced(
            source_language=source, source_read_at=read_at, is_unfinished=is_unfinished
        )
        for key, language, source, read_at, is_unfinished in rows
    }

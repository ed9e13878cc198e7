"""The programmes a reader may open, read once for a search: labels of facets, names in questions."""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import get_language

from knowledge.dates import language_only
from knowledge.eligibility import searchable
from knowledge.listing import best_to_compare
from knowledge.models import ProgrammePage
from knowledge.rights import outside
from knowledge.search.pulse import Pulse, Version
from knowledge.statements import Statement

Labels = Mapping[str, str]


class ProgrammeVersion(NamedTuple):
    """One language version of a programme's page."""

    code: str
    title: str
    other_names: str
    language: str
    is_original: bool


_VERSION = ("code", "title", "other_names", "locale__language_code", "is_original")
"""The fields of a page that make a `ProgrammeVersion`."""


def programme_versions(pulse: Pulse) -> tuple[ProgrammeVersion, ...]:
    """Return the versions that the reader may open now."""
    now, barred = timezone.now(), tuple(pulse.barred)
    return tuple(
        one
        for path, expires, one in _all_versions(pulse.programmes)
        if not path.startswith(barred) and (expires is None or expires > now)
    )


@lru_cache(maxsize=2)
def _all_versions(version: Version) -> list[tuple[str, dt.datetime | None, ProgrammeVersion]]:
    rows = searchable(ProgrammePage.objects).values_list("path", "expire_at", *_VERSION)
    return [(path, expires, ProgrammeVersion(*row)) for path, expires, *row in rows]


def readable_versions(barred: frozenset[str]) -> list[ProgrammeVersion]:
    """Return the versions outside the barred scopes, asked of the database."""
    return [ProgrammeVersion(*row) for row in _outside(barred).ask([timezone.now()])]


@lru_cache(maxsize=500)
def _outside(barred: frozenset[str]) -> Statement:
    now = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    pages = outside(searchable(ProgrammePage.objects, now), barred)
    return Statement.of(pages.order_by("pk").values_list(*_VERSION), [now])


def versions_to_show(versions: Iterable[ProgrammeVersion]) -> dict[str, ProgrammeVersion]:
    """Return code → version, in the reader's language or in English if it can be."""
    language = language_only(get_language())
    by_code: dict[str, list[ProgrammeVersion]] = {}
    for version in versions:
        by_code.setdefault(version.code, []).append(version)
    return {code: best_to_compare(found, language) for code, found in by_code.items()}


def programme_labels(versions: tuple[ProgrammeVersion, ...]) -> Labels:
    """Return code → title, in the reader's language or in English if it can be."""
    return _labels(versions, get_language())


@lru_cache(maxsize=64)
def _labels(versions: tuple[ProgrammeVersion, ...], _active_language: str | None) -> Labels:
    return {code: one.title for code, one in versions_to_show(versions).items()}

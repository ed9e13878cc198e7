"""The programmes a reader may open, read once for a search: labels of facets, names in questions."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import get_language

from knowledge.dates import language_only
from knowledge.listing import best_version
from knowledge.models import ProgrammePage
from knowledge.rights import Reader, readable_pages

Labels = Mapping[str, str]


class ProgrammeVersion(NamedTuple):
    """One language version of a programme's page."""

    code: str
    title: str
    other_names: str
    language: str
    is_original: bool


def programme_versions(reader: Reader) -> list[ProgrammeVersion]:
    """Return the versions this reader may open."""
    rows = ProgrammePage.objects.filter(pk__in=readable_pages(reader).values("pk")).values_list(
        "code", "title", "other_names", "locale__language_code", "is_original"
    )
    return [ProgrammeVersion(*row) for row in rows]


def programme_labels(versions: Iterable[ProgrammeVersion]) -> Labels:
    """Return code → title, in the reader's language if it can be."""
    language = language_only(get_language())
    by_code: dict[str, list[ProgrammeVersion]] = {}
    for version in versions:
        by_code.setdefault(version.code, []).append(version)
    return {code: best_version(found, language).title for code, found in by_code.items()}

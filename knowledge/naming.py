"""Names that mean more than one programme, explained where somebody searches for one."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from embeddings.language import apart, fold, unspaced_letters
from knowledge.models import AmbiguousName, Fact, ProgrammePage
from knowledge.models.evidence import facts_cited
from knowledge.models.lineage import AmbiguousNameText
from knowledge.rights import Reader, barred_scopes
from knowledge.search.programmes import ProgrammeVersion, readable_versions, versions_to_show
from knowledge.statements import Statement

_COMMA = re.compile("[,\u060c\u3001]")
_SPACE_INSIDE = re.compile(
    "(?<=[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]) (?=[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A name that the question contains, and what it may mean."""

    name: str
    told: AmbiguousNameText
    programmes: Sequence[ProgrammeVersion]
    facts: Sequence[Fact]
    """What the explanation cites."""


def ambiguity_of(
    text: str, reader: Reader, *, named: Mapping[str, Collection[str]] | None = None
) -> Ambiguity | None:
    """Return the longest ambiguous name in a question; None where it means one programme only.

    Where one of the programmes is hidden from the reader nothing is said: the explanation names it.

    Args:
        text: The question.
        reader: Who asks.
        named: Facet → values that the question names outright. "OVOP Kenya" means one programme.
    """
    plain = _plain(text)
    found = [
        (len(name), pk)
        for pk, name in _spellings(tuple(_names().ask([])))
        if _stands_in(name, plain)
    ]
    if not found:
        return None
    names = AmbiguousName.objects.in_bulk({pk for _length, pk in found})
    programmes = versions_to_show(readable_versions(barred_scopes(reader)))
    longest_first = (names[pk] for _length, pk in sorted(found, reverse=True) if pk in names)
    for one in longest_first:
        meant = [programmes[code] for code in one.codes if code in programmes]
        hidden = set(one.codes) - set(programmes)
        told = one.told
        if len(meant) > 1 and told is not None and not _exist(hidden):
            if _is_told(one.codes, named or {}):
                return None
            facts = facts_cited([told.explanation])
            return Ambiguity(name=one.name, told=told, programmes=meant, facts=facts)
    return None


@cache
def _names() -> Statement:
    """Return what asks for all names: each search does, and few questions hold one."""
    rows = AmbiguousName.objects.order_by("pk").values_list("pk", "name", "other_spellings")
    return Statement.of(rows, [])


@lru_cache(maxsize=4)
def _spellings(rows: tuple[tuple[int, str, str], ...]) -> list[tuple[int, str]]:
    """Return (id of the name, a plain spelling of it) for all spellings of all names."""
    return [
        (pk, plain)
        for pk, name, others in rows
        for spelling in (name, *others.splitlines())
        if (plain := _plain(spelling))
    ]


def _is_told(codes: Sequence[str], named: Mapping[str, Collection[str]]) -> bool:
    """Return True if the rest of a question tells which of some programmes is meant."""
    of_them = {*codes}.intersection(named.get("programme", ()))
    if len(of_them) == 1:
        return True
    countries = list(named.get("country", ()))
    pages = ProgrammePage.objects.filter(code__in=codes, country__code__in=countries)
    return bool(countries) and len({*pages.values_list("code", flat=True)}) == 1


def _exist(codes: Collection[str]) -> bool:
    return bool(codes) and ProgrammePage.objects.filter(code__in=codes).exists()


def _plain(text: str) -> str:
    """Return a text folded, scripts apart, with single spaces and no commas.

    Nor with spaces inside Thai, Lao, Khmer and Burmese, where some write one and some do not.
    """
    return _SPACE_INSIDE.sub("", " ".join(_COMMA.sub(" ", apart(fold(text))).split()))


def _stands_in(name: str, text: str) -> bool:
    """Return whether a plain name stands in a plain text, as words where words are spaced."""
    if name not in text:
        return False
    return (
        unspaced_letters(name) > 0
        or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
    )

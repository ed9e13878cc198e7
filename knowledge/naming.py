"""Names that mean more than one programme, explained where somebody searches for one."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from embeddings.language import apart, fold, unspaced_letters
from knowledge.models import AmbiguousName, ProgrammePage
from knowledge.models.lineage import AmbiguousNameText
from knowledge.rights import Reader
from knowledge.search.programmes import ProgrammeVersion, readable_versions, versions_to_show


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A name that the question contains, and what it may mean."""

    name: str
    told: AmbiguousNameText
    programmes: Sequence[ProgrammeVersion]


def ambiguity_of(text: str, reader: Reader) -> Ambiguity | None:
    """Return the longest ambiguous name in a question; None where it means one programme only.

    Where one of the programmes is hidden from the reader nothing is said: the explanation names it.
    """
    plain = _plain(text)
    found = [
        (len(name), one.pk, one)
        for one in AmbiguousName.objects.all()
        for name in map(_plain, (one.name, *one.other_spellings.splitlines()))
        if name and _stands_in(name, plain)
    ]
    if not found:
        return None
    codes = {code for *_, one in found for code in one.codes}
    programmes = versions_to_show(readable_versions(reader, codes))
    for _length, _pk, one in sorted(found, reverse=True, key=lambda each: each[:2]):
        meant = [programmes[code] for code in one.codes if code in programmes]
        hidden = set(one.codes) - set(programmes)
        told = one.told
        if len(meant) > 1 and told is not None and not _exist(hidden):
            return Ambiguity(name=one.name, told=told, programmes=meant)
    return None


def _exist(codes: Collection[str]) -> bool:
    return bool(codes) and ProgrammePage.objects.filter(code__in=codes).exists()


@lru_cache(maxsize=4_096)
def _plain(text: str) -> str:
    """Return a text folded, scripts apart, with single spaces."""
    return " ".join(apart(fold(text)).split())


def _stands_in(name: str, text: str) -> bool:
    """Return whether a plain name stands in a plain text, as words where words are spaced."""
    if unspaced_letters(name):
        return name in text
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None

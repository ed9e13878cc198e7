"""Names that mean more than one programme, explained where somebody searches for one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.language import fold, unspaced_letters
from knowledge.indicators.ledger import programmes_by_code
from knowledge.models import AmbiguousName, ProgrammePage
from knowledge.models.lineage import AmbiguousNameText
from knowledge.rights import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A name that the question contains, and what it may mean."""

    name: str
    told: AmbiguousNameText
    programmes: Sequence[ProgrammePage]


def ambiguity_of(text: str, reader: Reader) -> Ambiguity | None:
    """Return the longest ambiguous name in a question; None where it means one programme only.

    A programme that the reader may not open does not count: its name would tell of it.
    """
    folded = fold(text)
    found = [
        (len(spelling), one.pk, one)
        for one in AmbiguousName.objects.all()
        for spelling in (one.name, *one.other_spellings.splitlines())
        if spelling.strip() and _stands_in(fold(spelling.strip()), folded)
    ]
    if not found:
        return None
    programmes = programmes_by_code(reader)
    for _length, _pk, one in sorted(found, reverse=True, key=lambda each: each[:2]):
        meant = [programmes[code] for code in one.programmes.splitlines() if code in programmes]
        told = one.told
        if len(meant) > 1 and told is not None:
            return Ambiguity(name=one.name, told=told, programmes=meant)
    return None


def _stands_in(name: str, text: str) -> bool:
    """Return whether a folded name stands in a folded text, as words where words are spaced."""
    if unspaced_letters(name):
        return name in text
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.ASCII) is not None

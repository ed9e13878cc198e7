"""What a question names outright: countries and programmes, which documents are filed under, places.

A question about Malawi wants what is filed under Malawi, in whatever language it was written; the
name itself is one word among many, and seldom the same word in both languages.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from itertools import accumulate

from embeddings.language import (
    NamesByBeginning,
    apart,
    as_compared,
    names_to_find,
    unspaced_letters,
)
from embeddings.types import Entity

_SHORTEST_NAME = 2
_SHORTEST_STEM = 5
"""Letters from which a name may go on: "Japan" in "Japanese", but not "Mali" in "malice"."""
_LATIN = re.compile(r"[a-z]")
_LATIN_ENDING = r"(?:n{0,2}[aeo]?s?|s[ae]s?|[aeiéê]\w{0,3})"
"""Of adjectives: "Kenyan", "colombianos", "indonésienne"; not "kenyataan", a Malay statement."""
_ARABIC = re.compile(r"[ء-ي]")
_ARABIC_PREFIX = "[بفكلو]{0,2}"
_ARABIC_ARTICLE = "(?:ال|(?<=ل)ل)"
"""Of adjectives, also written together with what stands before: "التايلاندية", "للتايلاندية"."""
_HANGUL = re.compile(r"[가-힣]")
_KATAKANA = re.compile(r"[ァ-ヶー]+")


def named_in(text: str, entities: tuple[Entity, ...]) -> list[Entity]:
    """Return the entities that a text names, in the order given; the longest name wins.

    "ナイジェリア" (Nigeria) does not name Niger, nor "South Sudan" Sudan.
    """
    return names_read(text, entities)[0]


def names_read(text: str, entities: tuple[Entity, ...]) -> tuple[list[Entity], str]:
    """Return the entities that a text names, as `named_in` does, and the text without names."""
    text = apart(text)  # "OTOPの" names OTOP
    compared = as_compared(text)
    plain = compared(text)
    names, of = _names_of(entities, compared)
    spans = [
        (*match.span("name"), match.end(), of[number])
        for number in names.inside(plain)
        for match in _pattern(names.names[number]).finditer(plain)
    ]
    if not spans:
        return [], text
    named = {
        number
        for start, end, _, number in spans
        if not any(
            first <= start and end <= last and (first, last) != (start, end)
            for first, last, _, _ in spans
        )
    }
    rest = _without(text, compared, [(start, ends) for start, _, ends, _ in spans])
    return [entities[number] for number in sorted(named)], rest


def _without(text: str, compared: Callable[[str], str], spans: Collection[tuple[int, int]]) -> str:
    """Return a text without some parts, each a span of the text made comparable."""
    letters = [compared(letter) for letter in text]
    if "".join(letters) != compared(text):  # some are compared otherwise alone than in a row
        text = compared(text)
        letters = list(text)
    gone = {at for start, end in spans for at in range(start, end)}
    ends = accumulate(map(len, letters))
    left = (" " if end - 1 in gone else letter for letter, end in zip(text, ends, strict=True))
    return " ".join("".join(left).split())


@lru_cache(maxsize=16)
def _names_of(
    entities: tuple[Entity, ...], compared: Callable[[str], str]
) -> tuple[NamesByBeginning, list[int]]:
    """Return all names, and the number of each one's entity."""
    named = [
        (apart(name), number)
        for number, one in enumerate(entities)
        for name in names_to_find(one.names, compared, shortest=_SHORTEST_NAME)
    ]
    names = NamesByBeginning([name for name, _ in named], letters=_SHORTEST_NAME)
    return names, [number for _, number in named]


def facet_values(entities: Collection[Entity]) -> Mapping[str, list[str]]:
    """Return facet → values of the entities that documents are filed under."""
    values: dict[str, list[str]] = {}
    for entity in (one for one in entities if one.facet):
        values.setdefault(entity.facet, []).append(entity.value)
    return values


@lru_cache(maxsize=16_384)
def _pattern(name: str) -> re.Pattern[str]:
    """Return what finds a name, as a word of its own where its script has words.

    The group "name" is the name, the rest what is written together with it.
    """
    escaped = f"(?P<name>{re.escape(name)})"
    is_stem = len(name) >= _SHORTEST_STEM
    if _LATIN.search(name):
        # "เครือข่าย OCOP อาเซียน" begins and ends in a script without spaces
        before = "" if unspaced_letters(name[0]) else r"(?<!\w)"
        after = "" if unspaced_letters(name[-1]) else rf"{_LATIN_ENDING if is_stem else ''}(?!\w)"
        return re.compile(before + escaped + after)
    if _ARABIC.search(name):
        article, ending = (_ARABIC_ARTICLE + "?", r"\w{0,3}") if is_stem else ("", "")
        before = _ARABIC_PREFIX + article
        return re.compile(rf"(?<!\w)(?P<name>{before}{re.escape(name)}){ending}(?!\w)")
    if _HANGUL.search(name):
        return re.compile(rf"(?<![가-힣]){escaped}")  # particles follow, nothing goes before
    if _KATAKANA.fullmatch(name):
        return re.compile(rf"(?<![ァ-ヶー]){escaped}(?![ァ-ヶー])")
    return re.compile(escaped)

"""What a question names outright and documents are filed under: countries and programmes.

A question about Malawi wants what is filed under Malawi, in whatever language it was written; the
name itself is one word among many, and seldom the same word in both languages.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from embeddings.language import NamesByBeginning, apart, as_compared, names_as_compared
from embeddings.types import Entity

_SHORTEST_NAME = 2
_SHORTEST_STEM = 5
"""Letters from which a name may go on: "Japan" in "Japanese", but not "Mali" in "malice"."""
_LATIN = re.compile(r"[a-z]")
_LATIN_ENDING = r"(?:n{0,2}[aeo]?s?|s[ae]s?|[aeiéê]\w{0,3})"
"""Of adjectives: "Kenyan", "colombianos", "indonésienne"; not "kenyataan", a Malay statement."""
_ARABIC = re.compile(r"[ء-ي]")
_ARABIC_PREFIX = "[بفكلو]{0,2}"
_HANGUL = re.compile(r"[가-힣]")
_KATAKANA = re.compile(r"[ァ-ヶー]+")


def named_in(text: str, entities: tuple[Entity, ...]) -> list[Entity]:
    """Return the entities that a text names, in the order given; the longest name wins.

    "ナイジェリア" (Nigeria) does not name Niger, nor "South Sudan" Sudan.
    """
    compared = as_compared(text)
    plain = compared(apart(text))  # "OTOPの" names OTOP
    names, of = _names_of(entities, compared)
    spans = [
        (match.start(), match.end(), of[number])
        for number in names.inside(plain)
        for match in _pattern(names.names[number]).finditer(plain)
    ]
    named = {
        entity
        for start, end, entity in spans
        if not any(
            first <= start and end <= last and (first, last) != (start, end)
            for first, last, _ in spans
        )
    }
    return [entity for entity in entities if entity in named]


@lru_cache(maxsize=16)
def _names_of(
    entities: tuple[Entity, ...], compared: Callable[[str], str]
) -> tuple[NamesByBeginning, list[Entity]]:
    """Return all names, and the entity of each."""
    named = [(name, one) for one in entities for name in names_as_compared(one.names, compared)]
    return NamesByBeginning([name for name, _ in named], letters=_SHORTEST_NAME), [
        one for _, one in named
    ]


def facet_values(entities: Collection[Entity]) -> Mapping[str, list[str]]:
    """Return facet → values of some entities."""
    values: dict[str, list[str]] = {}
    for entity in entities:
        values.setdefault(entity.facet, []).append(entity.value)
    return values


@lru_cache(maxsize=16_384)
def _pattern(name: str) -> re.Pattern[str]:
    """Return what finds a name as a word of its own, where its script has words."""
    escaped = re.escape(name)
    is_stem = len(name) >= _SHORTEST_STEM
    if _LATIN.search(name):
        return re.compile(rf"(?<!\w){escaped}(?={_LATIN_ENDING if is_stem else ''}(?!\w))")
    if _ARABIC.search(name):
        ending = r"\w{0,3}" if is_stem else ""
        return re.compile(rf"(?<!\w){_ARABIC_PREFIX}{escaped}(?={ending}(?!\w))")
    if _HANGUL.search(name):
        return re.compile(rf"(?<![가-힣]){escaped}")  # particles follow, nothing goes before
    if _KATAKANA.fullmatch(name):
        return re.compile(rf"(?<![ァ-ヶー]){escaped}(?![ァ-ヶー])")
    return re.compile(escaped)

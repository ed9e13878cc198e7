"""A question made ready for ranking: its vector, its tokens, and what it names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from embeddings.columns import Selection
from embeddings.concepts import concept_vectors, mentioned, other_names
from embeddings.encoders.base import Encoder, unit_rows
from embeddings.entities import facet_values, names_read
from embeddings.exact import NUMBERING_WORDS, ExactParts, exact_parts
from embeddings.language import (
    accents_tell,
    apart,
    fold,
    folded_runs,
    folded_words,
    is_unaccented,
    language_of_question,
    normalize,
    unspaced_letters,
)
from embeddings.records import subword_codes, word_codes
from embeddings.scoring import SUBWORD, WORD, Row, TokenQuery, codes_of
from embeddings.terms import ALL
from embeddings.types import Concept, Entity, SearchQuery
from embeddings.view import IndexView

LONGEST_QUERY = 1000
"""Characters of a query that are used; the rest says nothing new."""
_MOST_CORRECTED = 2
_TOLD_AS_ONE: Mapping[str, Sequence[str]] = {"id": ["id", "ms"]}
"""Malay reads as Indonesian to what detects languages."""
_FEWEST_LETTERS = 4
"""Of what is asked about what is named; fewer ask nothing. A letter of a script whose words stand side
by side counts as two."""
_WORD = re.compile(r"\w+")
_WHAT_IT_IS = frozenset(
    {
        "whatis", "whats", "whatare", "whatisthe", "whatdoesmean", "explain", "tellmeabout",
        "definition", "definitionof", "lagi", "nghialagi", "questceque", "questcequele",
        "cestquoi", "oquee", "oqueeo", "oqueea", "oquesignifica", "quees", "queesel", "queesla",
        "quesignifica", "apaitu", "apakah", "apaarti", "ninini", "maanaya", "anoang", "anobaang",
        "ماهو", "ماهي", "مامعنى", "คือ", "คืออะไร", "หมายถึงอะไร", "とは", "って何", "とは何", "とは何か",
        "とは何ですか", "は何ですか", "是什么", "什么是", "是什么意思", "이란", "이란무엇인가", "이란무엇인가요", "무엇인가요", "ແມ່ນຫຍັງ",
        "ຄືຫຍັງ", "ជាអ្វី", "គឺជាអ្វី", "ဆိုတာဘာလဲ", "ምንድንነው", "ምንድነው",
    }
)  # fmt: skip
"""What is left of a question that asks what something is: folded, without spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedQuery:
    """A query, encoded and cut into tokens once."""

    text: str
    """With misspelt words corrected."""
    language: str | None
    """What the question reads as; None when unsure."""
    languages: Sequence[str]
    """Languages to show versions in: the question's own, then the reader's."""
    vector: NDArray[np.float32] | None
    tokens: TokenQuery
    words: Sequence[str]
    """Folded, in order."""
    accented: bool
    """Whether accents were typed that tell the words from others. What a word was corrected by has
    none."""
    corrections: Mapping[str, str]
    """Word that nothing holds, as typed → the word like it that is asked for in its place."""
    asked_subwords: Sequence[int]
    """What is asked about what is named; the whole question where nothing is."""
    names: Sequence[str]
    """Other names of what is asked, in any language."""
    expansions: Sequence[tuple[Row, Row]]
    """(subwords, words) of each of `names`."""
    expansion_words: Sequence[str]
    telling: Sequence[tuple[Row, Row]]
    """Those of `expansions` of which what holds one answers. The name of a place does not where
    something is asked about it: flights to Tokyo are in no text on a fair there."""
    unfiled: Sequence[Row]
    """The words of each name of the places named that nothing is filed under. A text of which the
    title has one is about the place."""
    named: Sequence[Entity]
    """What the question names outright."""
    profiles: Sequence[str]
    """Codes of the programmes named, where nothing is asked of them but what they are."""
    place_names: Sequence[tuple[Row, Row]]
    """(subwords, words) of each name, in any language, of the places among `named`."""
    exact: ExactParts
    """What must be matched to the letter."""
    only_good: bool


def prepare(query: SearchQuery, view: IndexView, selection: Selection) -> PreparedQuery:
    """Return the query with its vector and tokens.

    Args:
        query: What was asked.
        view: Whose encoder and words count.
        selection: What the reader may find; a correction tells of nothing else.
    """
    written = normalize(query.text).replace("\x00", " ")[:LONGEST_QUERY].strip()
    language = language_of_question(written, preferred=query.languages) if written else None
    corrections = _corrections(written, language, query, view, selection)
    text = _corrected(written, corrections)
    encoder = view.encoder
    named, rest = names_read(text, query.entities)
    places = [name for one in named if one.is_place for name in one.names]
    if named and _asks_what_it_is(rest):
        text, rest = _names_alone(text, rest), ""
    letters = sum(map(str.isalnum, rest)) + unspaced_letters(rest)
    about_named = rest if named and letters >= _FEWEST_LETTERS else ""
    unfiled = [one.names for one in named if not one.facet]
    elsewhere = other_names(text, unfiled)
    direction = _direction([written, text], about_named, encoder)
    vector, meant = _by_concepts(direction, query.concepts, encoder)
    terms = list(dict.fromkeys([*mentioned(text, query.concepts), *other_names(text, meant)]))
    names = list(dict.fromkeys([*elsewhere, *terms]))
    words = folded_words(text)
    return PreparedQuery(
        text=text,
        language=language,
        languages=tuple(dict.fromkeys([*([language] if language else []), *query.languages])),
        vector=vector,
        tokens=TokenQuery(*_rows(text, encoder)),
        words=words,
        accented=not corrections and accents_tell(text),
        corrections=_as_typed(written, corrections),
        asked_subwords=_rows(about_named or text, encoder)[SUBWORD],
        names=names,
        expansions=[_rows(name, encoder) for name in names],
        expansion_words=[word for name in names for word in folded_words(name)],
        unfiled=[_rows(name, encoder)[WORD] for one in unfiled for name in one],
        telling=[_rows(name, encoder) for name in (terms if about_named else names)],
        named=named,
        profiles=[] if about_named else facet_values(named).get("programme", []),
        place_names=[_rows(name, encoder) for name in places],
        exact=exact_parts(text),
        only_good=query.only_good,
    )


def _names_alone(text: str, rest: str) -> str:
    """Return a question without what is left of it when its names are taken out."""
    left = set(rest.split())
    return " ".join(word for word in apart(text).split() if word not in left) or text


def _asks_what_it_is(rest: str) -> bool:
    """Return True if what is left of a question without its names asks what they are."""
    return "".join(folded_runs(rest)) in _WHAT_IT_IS


def _direction(
    texts: Sequence[str], about_named: str, encoder: Encoder | None
) -> NDArray[np.float32] | None:
    """Return the question's vector before its concepts pull it.

    Args:
        texts: What was written and what was meant; the vector lies between them.
        about_named: What is asked about what is named, or nothing. A name says where, not what, and
            nearly every text has one; half of the vector is told without them. Decision 0012.
        encoder: Whose space it is in; without one there is no vector.
    """
    if encoder is None or not texts[0]:
        return None
    whole = list(dict.fromkeys(texts))
    asked = [about_named] if about_named else []
    vectors = encoder.encode_queries([*whole, *asked])
    mean = vectors[: len(whole)].mean(axis=0)
    if asked:
        mean = unit_rows(mean[None, :])[0] + vectors[-1]
    direction: NDArray[np.float32] = unit_rows(mean[None, :])[0]
    return direction


def _by_concepts(
    direction: NDArray[np.float32] | None, concepts: tuple[Concept, ...], encoder: Encoder | None
) -> tuple[NDArray[np.float32] | None, list[tuple[str, ...]]]:
    """Return a question's vector, pulled by the concepts it is near to, and the names of those meant."""
    if direction is None or encoder is None:
        return None, []
    vectors = concept_vectors(concepts, encoder)
    near = vectors.near(direction)
    return vectors.pulled(direction, near), vectors.meant(near)


def _corrections(
    text: str, language: str | None, query: SearchQuery, view: IndexView, selection: Selection
) -> dict[str, str]:
    """Return unknown word → known word like it, where most of the question is known.

    A question whose words are mostly unknown is in a language the collection does not have.
    """
    words = dict.fromkeys(word for word in folded_words(text) if word.isalpha())
    codes = dict(zip(words, word_codes(list(words)).tolist(), strict=True))
    known = _known(codes, view, selection)
    unknown = [word for word in words if word not in known and word not in NUMBERING_WORDS]
    if not unknown or len(unknown) > _MOST_CORRECTED or len(unknown) == len(words) > 1:
        return {}
    named = _words_of_names(query.concepts, query.entities)
    languages = [language] if language is not None else query.languages
    typed = _first_typed(text)
    misspelt = [
        word
        for word in unknown
        if word not in named and not _is_a_word(typed.get(word, word), languages, view.encoder)
    ]
    if not misspelt:
        return {}
    selection = _in_languages(languages, view, selection)
    meant = {word: view.lexical.spelt_alike(word, selection=selection) for word in misspelt}
    return {word: like for word, like in meant.items() if like is not None}


def _is_a_word(typed: str, languages: Sequence[str], encoder: Encoder | None) -> bool:
    """Return True if what was typed is a word as it stands, though no text has it.

    "Gender" is no misspelt "lender": the encoder learnt it as a whole. And who types the accents of
    Vietnamese means "rượu" (spirits), which without them is like much else.
    """
    if "vi" in languages and not is_unaccented(typed):
        return True
    if encoder is None or encoder.pieces is None:
        return False
    return len(encoder.subwords(typed.lower())) == 1


def _known(codes: Mapping[str, int], view: IndexView, selection: Selection) -> set[str]:
    """Return those of the words that some passage has which the reader may find.

    A word that more passages have than are hidden needs no looking for.
    """
    counts = view.counts[WORD]
    frequencies = counts.frequencies(codes.values())
    held = {word: frequencies[code][ALL] for word, code in codes.items()}
    if selection.slots is None:
        return {word for word, passages in held.items() if passages}
    hidden = counts.passages_of_all - int(np.count_nonzero(selection.slots))
    return {
        word
        for word, passages in held.items()
        if passages > hidden or (passages and view.lexical.has(word, selection=selection))
    }


def _in_languages(languages: Sequence[str], view: IndexView, selection: Selection) -> Selection:
    """Return what of a selection is in some languages; all of it where there is nothing.

    An English "video" is no misspelt French "vides".
    """
    alike = [one for language in languages for one in _TOLD_AS_ONE.get(language, [language])]
    if not alike:
        return selection
    narrowed = view.columns.select(
        filters={**selection.filters, "language": alike},
        barred_scopes=selection.barred_scopes,
        now=selection.now,
    )
    return narrowed if narrowed.documents.any() else selection


def _first_typed(written: str) -> dict[str, str]:
    """Return folded word → the word as it was first typed."""
    return {fold(word): word for word in reversed(_WORD.findall(written))}


def _as_typed(written: str, corrections: Mapping[str, str]) -> dict[str, str]:
    """Return the corrections of folded words by the words as they were first typed."""
    typed = _first_typed(written)
    return {typed.get(word, word): like for word, like in corrections.items()}


@lru_cache(maxsize=4)
def _words_of_names(concepts: tuple[Concept, ...], entities: tuple[Entity, ...]) -> frozenset[str]:
    named: tuple[Concept | Entity, ...] = (*concepts, *entities)
    names = (name for one in named for name in one.names)
    return frozenset(word for name in names for word in folded_words(name))


def _corrected(text: str, corrections: Mapping[str, str]) -> str:
    if not corrections:
        return text
    return _WORD.sub(lambda match: corrections.get(fold(match[0]), match[0]), text)


@lru_cache(maxsize=10_000)
def _rows(name: str, encoder: Encoder | None) -> tuple[Row, Row]:
    """Return (subwords, words) of a name as token codes."""
    subwords = encoder.subwords(name) if encoder is not None else []
    return codes_of(subword_codes(subwords)), codes_of(word_codes(folded_words(name)))

"""Concepts of the field, each with its names in many languages: bridges between languages.

A question names a concept in one language, sometimes in words the glossary does not have
("notés par étoiles" for "notation par étoiles"). What it mentions outright brings the other names
to the lexical side; what it is near to by meaning pulls its vector towards the concept's own, the
mean over all languages, which belongs to none of them.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.base import Encoder, unit_rows
from embeddings.language import NamesByBeginning, as_compared, names_as_compared, names_to_find
from embeddings.types import Concept

NEAR = 0.50
"""Cosine from which a question is taken to be about a concept."""
MEANT = 0.65
"""Cosine from which it asks for the concept and nothing else, in a word of its own. Decision 0015."""
PULL = 1.0
"""How far each near concept pulls the question's vector."""
MOST_NEAR = 3

_LATIN = re.compile(r"[a-z]")
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class ConceptVectors:
    """Concepts of one vocabulary in one encoder's space."""

    concepts: Sequence[Concept]
    names: NDArray[np.float32]
    """All names of all concepts, shape (names, dimensions)."""
    first_name: NDArray[np.int64]
    """Row of each concept's first name in `names`."""
    centres: NDArray[np.float32]
    """Mean of a concept's names, shape (concepts, dimensions), unit length."""

    def near(self, query: NDArray[np.float32]) -> dict[int, float]:
        """Return number → cosine of the nearest concepts, nearest first; names of programmes aside.

        A programme's name says where, not what, and nearly every text has one.
        """
        if not self.concepts:
            return {}
        best = np.maximum.reduceat(self.names @ query, self.first_name)
        near = np.flatnonzero(best >= NEAR)
        nearest_first = near[np.argsort(-best[near], kind="stable")].tolist()
        candidates = [one for one in nearest_first if not self.concepts[one].is_programme]
        return {number: float(best[number]) for number in candidates[:MOST_NEAR]}

    def meant(self, near: Mapping[int, float]) -> list[tuple[str, ...]]:
        """Return the names of each concept that a question asks for without saying its name.

        The vector of one or two words lies below the floor where a passage says their meaning among
        a hundred others; a name of the glossary is as short as they are, and tells.
        """
        return [self.concepts[number].names for number, cosine in near.items() if cosine >= MEANT]

    def pulled(self, query: NDArray[np.float32], near: Collection[int]) -> NDArray[np.float32]:
        """Return the question's vector pulled towards the concepts it is near to."""
        if not near:
            return query
        towards = query + PULL * self.centres[list(near)].sum(axis=0)
        pulled: NDArray[np.float32] = unit_rows(towards[None, :])[0]
        return pulled


@lru_cache(maxsize=2)
def concept_vectors(concepts: tuple[Concept, ...], encoder: Encoder) -> ConceptVectors:
    """Return a vocabulary's vectors, computed once per vocabulary and encoder."""
    counts = np.array([len(concept.names) for concept in concepts], dtype=np.int64)
    names = encoder.encode_passages([name for concept in concepts for name in concept.names])
    first = np.cumsum(counts) - counts
    centres = np.add.reduceat(names, first) if len(concepts) else names
    return ConceptVectors(concepts, names, first, unit_rows(centres))


def nearness(text: str, topics: tuple[tuple[str, ...], ...], encoder: Encoder) -> list[float]:
    """Return how near a question is to each topic, from −1 to 1.

    Args:
        text: The question.
        topics: Descriptions of each, the same in several languages; their mean belongs to none.
        encoder: Whose space is measured in.
    """
    question = encoder.encode_queries([text])[0]
    near: list[float] = (_topic_centres(topics, encoder) @ question).tolist()
    return near


@lru_cache(maxsize=4)
def _topic_centres(topics: tuple[tuple[str, ...], ...], encoder: Encoder) -> NDArray[np.float32]:
    return unit_rows(np.stack([encoder.encode_passages(one).mean(axis=0) for one in topics]))


def mentioned(text: str, concepts: tuple[Concept, ...]) -> list[str]:
    """Return the other names of every concept that the text mentions outright."""
    compared = as_compared(text)
    plain = compared(text)
    names, of = _names_of(concepts, compared)
    meant = dict.fromkeys(
        of[number] for number in names.inside(plain) if _mentions(plain, names.names[number])
    )
    return other_names(text, [concepts[number].names for number in meant])


def other_names(text: str, things: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the names of some things that a text does not have itself, each once."""
    compared = as_compared(text)
    plain = compared(text)
    others: dict[str, None] = {}
    for names in things:
        for name, plain_name in zip(names, names_as_compared(names, compared), strict=True):
            if plain_name not in plain:
                others[name] = None
    return list(others)


@lru_cache(maxsize=4)
def _names_of(
    concepts: tuple[Concept, ...], compared: Callable[[str], str]
) -> tuple[NamesByBeginning, list[int]]:
    """Return all names long enough to be looked for, and the number of each one's concept."""
    named = [
        (name, number)
        for number, concept in enumerate(concepts)
        for name in names_to_find(concept.names, compared, shortest=_SHORTEST_NAME)
    ]
    names = NamesByBeginning([name for name, _ in named], letters=_SHORTEST_NAME)
    return names, [number for _, number in named]


def _mentions(text: str, name: str) -> bool:
    """Return True if a text has a name as a word of its own."""
    if not _LATIN.search(name):
        return name in text  # scripts without spaces have no word edges
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None

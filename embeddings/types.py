"""Values that cross the package's door. All are frozen; none knows the database or pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

NAMES = "names"
"""Place of a section that holds names only: it is found, and another passage of its document shown."""
PROFILE = "programme"
"""Kind of a document that is a programme's own page."""


class Reason(StrEnum):
    """Why a passage was found."""

    MEANING = "meaning"
    WORDS = "words"
    GLOSSARY = "glossary"
    EXACT = "exact"
    """Holds a quoted phrase, a document number or a date to the letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of running text under one heading."""

    heading: str
    """Heading path, outermost first, joined by " › "; empty before the first heading."""
    text: str
    """May cite codes: "… 36 months [@VN-23]."; marks are not shown and not searched."""
    place: str = ""
    """Where the text stands outside the running text, for example a page of a file; given back
    with the hit as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """One language version of one work, as the index wants it."""

    key: str
    """Unique name of this language version, for example "page:42"."""
    work: str
    """Shared by all language versions of the same work."""
    language: str
    """BCP 47 code of the text."""
    title: str
    sections: Sequence[Section]
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Facet name → values, for example {"kind": ["policy"], "theme": ["grading", "finance"]}."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Cited code → what it says; evidence is searched together with the passage that cites it."""
    is_original: bool = True
    """Whether the work was first written in this language."""
    dated: str = ""
    """ISO date, year first, of what the work is about; orders lists without a question."""
    scope: str = ""
    """Place in the tree of rights; a reader barred from a prefix of it sees nothing below."""
    visible_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A concept of the field with its names in many languages."""

    names: tuple[str, ...]
    is_programme: bool = False
    """True when it names a programme rather than a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Something with names, for example a country."""

    facet: str
    """What documents are filed under; empty for a place that none is filed under, of which its names
    in any language are looked for."""
    value: str
    names: tuple[str, ...]
    """In any language."""
    is_place: bool = False
    """True when a passage that names it is about it, wherever its document is filed."""


Known = TypeVar("Known", Concept, Entity)


class Vocabulary(tuple[Known, ...]):
    """Concepts or entities, with a hash that is worked out once: every search looks things up by it."""

    _hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = super().__hash__()
        return self._hash


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A question and what the answer may contain."""

    text: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Facet → wanted values: OR inside a facet, AND between facets."""
    languages: Sequence[str] = ()
    """Languages the reader would rather read, best first; they choose among the versions of a
    work, never among works. Without one of them the original is shown."""
    barred_scopes: frozenset[str] = frozenset()
    """Scope prefixes that this reader may not open."""
    concepts: tuple[Concept, ...] = ()
    """The glossary; what the question mentions of it is asked in other languages too."""
    entities: tuple[Entity, ...] = ()
    """What a question may name; what is filed under it, or about it, ranks higher."""
    only_good: bool = False
    """Whether each passage must be good enough by itself. Otherwise what a question that names a
    programme is nearest to counts as its answer, and the tail of a good answer stays with it."""
    works: frozenset[str] | None = None
    """Works to show, ranked among all; None for every work that is found."""
    limit: int = 10
    offset: int = 0
    with_counts: bool = True
    """Whether facets are counted; a page of hits alone is cheaper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """The best passage of one work."""

    work: str
    document_key: str
    language: str
    facets: Mapping[str, Sequence[str]]
    """What the document is filed under."""
    dated: str
    heading: str
    passage: str
    sentence: str
    """The sentence of the passage that answers best; part of `passage`."""
    place: str
    """Of its section."""
    cited: tuple[str, ...]
    """Codes of what the passage cites, in no particular order."""
    score: float
    """Fused rank score; comparable inside one answer only."""
    similarity: float | None
    """Cosine between query and passage, −1 to 1; None without an encoder."""
    reasons: tuple[Reason, ...]
    languages: tuple[str, ...]
    """Languages in which this work was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """A page of hits with what surrounds it."""

    hits: Sequence[Hit]
    total: int
    """Works found, before paging."""
    facet_counts: Mapping[str, Mapping[str, int]]
    """Facet → value → works; each facet counted with the filters of the others only."""
    query_language: str | None
    """A label for the reader; never used to filter."""
    expansions: Sequence[str] = ()
    """Other names that were searched for as well."""
    corrections: Mapping[str, str] = field(default_factory=dict)
    """Word that nothing holds → the word like it that was searched for as well."""
    by_words_only: bool = False
    """True when the encoder could not be used."""
    named: Sequence[Entity] = ()
    """What the question names outright."""
    missed: bool = False
    """True when a number, a date or a quotation was asked for and none of the works has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleHit:
    """A document whose title goes on as a reader began to type."""

    document_key: str
    work: str
    language: str
    title: str
    facets: Mapping[str, Sequence[str]]
    """What the document is filed under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarWork:
    """A work near to another, or to a text."""

    work: str
    document_key: str
    """The version that is nearest, or in the language wanted."""
    language: str
    similarity: float
    """Cosine of the nearest pair of passages' means, −1 to 1."""

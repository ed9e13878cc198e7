"""What a result shows, as plain values for templates, the API and the command line."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from embeddings.types import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageVersion:
    """Another language in which the same work can be read."""

    language: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCard:
    """One work that answers."""

    rank: int
    page: int
    """Id of the page of the version that is shown."""
    work: str
    """Slug in the starter collection, or the translation key of a work written here."""
    title: str
    url: str
    language: str
    kind: str
    kind_label: str
    programme: str
    """Code of the programme; empty when there is none."""
    programme_label: str
    country: str
    """ISO 3166-1 alpha-2 in upper case; empty for international works."""
    country_label: str
    date_label: str
    dated: str
    """A year, a month or a day, as it is stored: "2023-02"."""
    heading: str
    passage: str
    sentence: str
    score: float
    why: tuple[Reason, ...]
    versions: Sequence[LanguageVersion]
    superseded: bool
    """A later policy has replaced this one."""
    cited: tuple[str, ...] = ()
    """Codes of the facts that the passage cites, in their order."""
    place_url: str = ""
    """Where the passage stands in a file of the work; empty when it stands on the page."""
    place_label: str = ""
    """For example "Slide 7", in the reader's language."""
    file_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One choice inside a facet."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A dimension to narrow by."""

    name: str
    label: str
    values: Sequence[FacetValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeResults:
    """An answer: cards, facets and what the reader should know about it."""

    query: str
    cards: Sequence[ResultCard]
    total: int
    facets: Sequence[Facet]
    query_language: str | None
    expansions: Sequence[str]
    """Other names that were searched for as well."""
    corrections: Mapping[str, str]
    """Word that no work holds → the word like it that was searched for as well."""
    by_words_only: bool
    missed: bool
    """A number, a date or a quotation was asked for, and no work has it."""
    named: Mapping[str, Collection[str]]
    """Facet → values that the question names outright."""
    absent: Sequence[str]
    """Countries that it names and that no work is about."""

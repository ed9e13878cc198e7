"""The door to searching: question in, authorised result cards out."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from embeddings import service as index
from embeddings.entities import facet_values
from embeddings.language import fold
from embeddings.types import SearchQuery, SearchResults
from knowledge.rights import Reader, readable_pages
from knowledge.search.cards import cards_of
from knowledge.search.entities import nameable
from knowledge.search.facets import country_labels, facets_from_counts
from knowledge.search.glossary import glossary_concepts
from knowledge.search.programmes import (
    Labels,
    ProgrammeVersion,
    programme_labels,
    programme_versions,
)
from knowledge.search.pulse import Pulse, read_pulse
from knowledge.search.results import KnowledgeResults, ResultCard

Filters = Mapping[str, Sequence[str]]
_WORD = re.compile(r"\w+")
_NO_PROGRAMME = "-"
"""A code that no programme can have."""


def search_knowledge(
    text: str,
    *,
    reader: Reader,
    filters: Filters | None = None,
    limit: int = 10,
    offset: int = 0,
    facets: bool = True,
    only_good: bool = False,
    works: frozenset[str] | None = None,
) -> KnowledgeResults:
    """Return the works that answer and that this reader may open.

    With an empty text all works that pass the filters are listed, newest first.

    Args:
        text: The question, in any language.
        reader: Whose rights and language count.
        filters: Facet → wanted values: OR inside a facet, AND between facets.
        limit: How many works at most.
        offset: How many of the best are left out.
        facets: Whether facets are counted; without them an answer is cheaper.
        only_good: Whether each work must answer by itself, not only be the nearest there is.
        works: Translation keys of the works to show; None for all that answer.
    """
    asked = _Asked.by(reader, text, filters)
    query = asked.query(only_good=only_good, works=works)
    query = replace(query, limit=limit, offset=offset, with_counts=facets)
    found = index.search(query, state=asked.pulse.log)
    countries = country_labels(asked.pulse)
    cards = cards_of(
        found.hits,
        barred=asked.pulse.barred,
        programmes=asked.programmes,
        countries=countries,
        first_rank=offset + 1,
    )
    named = facet_values(found.named)
    return KnowledgeResults(
        query=query.text,
        cards=cards,
        total=found.total,
        facets=facets_from_counts(found.facet_counts, asked.filters, asked.programmes, asked.pulse)
        if facets
        else (),
        query_language=found.query_language,
        expansions=_worth_telling(found.expansions, query.text),
        corrections={
            typed: _as_written(meant, cards) for typed, meant in found.corrections.items()
        },
        by_words_only=found.by_words_only,
        missed=found.missed and bool(cards),
        named=named,
        absent=[
            countries[code]
            for code in named.get("country", ())
            if facets and not filters and _is_absent(code, found, asked)
        ],
    )


def _as_written(folded: str, cards: Sequence[ResultCard]) -> str:
    """Return a folded word as the works that are shown write it: "ruou" is "rượu"."""
    words = (word for card in cards for word in _WORD.findall(f"{card.title} {card.passage}"))
    return next((word.lower() for word in words if fold(word) == folded), folded)


def _is_absent(country: str, found: SearchResults, asked: "_Asked") -> bool:
    """Return True if the reader can find no work at all of a country."""
    if found.facet_counts["country"].get(country):
        return False
    return not index.holds_any({"country": [country]}, barred_scopes=asked.pulse.barred)


def works_answering(
    text: str, *, reader: Reader, filters: Filters | None = None
) -> list[uuid.UUID]:
    """Return every work that answers by itself and that this reader may open, best first.

    Raises:
        EncoderUnavailable: What answers cannot be found by meaning now.
    """
    asked = _Asked.by(reader, text, filters)
    query = asked.query(only_good=True)
    found = [uuid.UUID(work) for work in index.works_found(query, state=asked.pulse.log)]
    readable = readable_pages(reader, asked.pulse.barred).order_by()
    known = set(readable.values_list("translation_key", flat=True))
    return [work for work in found if work in known]


def _worth_telling(names: Sequence[str], text: str) -> list[str]:
    """Return names without those that are one before, or in the text, but for accents and case."""
    asked = fold(text)
    told: dict[str, str] = {}
    for name in names:
        if (plain := fold(name)) not in asked:
            told.setdefault(plain, name)
    return list(told.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question with what must be known to search for it."""

    text: str
    filters: dict[str, list[str]]
    reader: Reader
    pulse: Pulse
    versions: tuple[ProgrammeVersion, ...]
    programmes: Labels

    @classmethod
    def by(cls, reader: Reader, text: str, filters: Filters | None) -> "_Asked":
        pulse = read_pulse(reader)
        versions = programme_versions(pulse)
        return cls(
            text=" ".join(text.split()),
            filters={name: list(values) for name, values in (filters or {}).items() if values},
            reader=reader,
            pulse=pulse,
            versions=versions,
            programmes=programme_labels(versions),
        )

    def query(self, *, only_good: bool, works: frozenset[str] | None = None) -> SearchQuery:
        filters = dict(self.filters)
        if "programme" in filters:
            # A programme the reader may not open is like one that does not exist.
            known = [code for code in filters["programme"] if code in self.programmes]
            filters["programme"] = known or [_NO_PROGRAMME]
        return SearchQuery(
            text=self.text,
            filters=filters,
            languages=_languages_of(self.reader),
            barred_scopes=self.pulse.barred,
            concepts=glossary_concepts(self.pulse),
            entities=nameable(self.pulse, self.versions),
            only_good=only_good,
            works=works,
        )


def _languages_of(reader: Reader) -> tuple[str, ...]:
    """Return the reader's interface language; the command line has none."""
    language = getattr(reader, "reader_language", None)
    return (language,) if language else ()


def browse_counts(reader: Reader) -> dict[str, Any]:
    """Return facet name → facet over everything this reader may open."""
    results = search_knowledge("", reader=reader, limit=0)
    return {facet.name: facet for facet in results.facets} | {"total": results.total}

"""The door to searching: question in, authorised result cards out."""

from collections.abc import Mapping, Sequence
from typing import Any

from embeddings import service as index
from embeddings.types import SearchQuery
from knowledge.rights import Reader
from knowledge.search.cards import cards_of
from knowledge.search.entities import known_entities
from knowledge.search.facets import country_labels, facets_from_counts
from knowledge.search.glossary import glossary_concepts
from knowledge.search.programmes import programme_labels, programme_versions
from knowledge.search.pulse import read_pulse
from knowledge.search.results import KnowledgeResults

_NO_PROGRAMME = "-"
"""A code that no programme can have."""


def search_knowledge(
    text: str,
    *,
    reader: Reader,
    filters: Mapping[str, Sequence[str]] | None = None,
    limit: int = 10,
    offset: int = 0,
    facets: bool = True,
    only_good: bool = False,
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
    """
    pulse = read_pulse(reader)
    versions = programme_versions(pulse)
    programmes = programme_labels(versions)
    asked = {name: list(values) for name, values in (filters or {}).items() if values}
    filters = dict(asked)
    if "programme" in asked:
        # A programme the reader may not open is like one that does not exist.
        known = [code for code in asked["programme"] if code in programmes]
        filters["programme"] = known or [_NO_PROGRAMME]
    text = " ".join(text.split())
    found = index.search(
        SearchQuery(
            text=text,
            filters=filters,
            languages=_languages_of(reader),
            barred_scopes=pulse.barred,
            concepts=glossary_concepts(pulse),
            entities=known_entities(pulse, versions),
            limit=limit,
            only_good=only_good,
            offset=offset,
            with_counts=facets,
        ),
        state=pulse.log,
    )
    return KnowledgeResults(
        query=text,
        cards=cards_of(
            found.hits,
            reader=reader,
            barred=pulse.barred,
            programmes=programmes,
            countries=country_labels(pulse),
            first_rank=offset + 1,
        ),
        total=found.total,
        facets=facets_from_counts(found.facet_counts, asked, programmes, pulse) if facets else (),
        query_language=found.query_language,
        expansions=found.expansions,
        corrections=found.corrections,
        by_words_only=found.by_words_only,
    )


def _languages_of(reader: Reader) -> tuple[str, ...]:
    """Return the reader's interface language; the command line has none."""
    language = getattr(reader, "reader_language", None)
    return (language,) if language else ()


def browse_counts(reader: Reader) -> dict[str, Any]:
    """Return facet name → facet over everything this reader may open."""
    results = search_knowledge("", reader=reader, limit=0)
    return {facet.name: facet for facet in results.facets} | {"total": results.total}

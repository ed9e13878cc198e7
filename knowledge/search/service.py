"""The door to searching: question in, authorised result cards out."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from embeddings import service as index
from embeddings.types import Hit, SearchQuery
from knowledge.documents import page_id_of
from knowledge.listing import readable_by_id
from knowledge.models.base import WorkPage
from knowledge.models.pending import PendingSync
from knowledge.rights import Reader, barred_scopes, readable_pages
from knowledge.search.entities import known_entities
from knowledge.search.facets import facets_from_counts
from knowledge.search.glossary import glossary_concepts
from knowledge.search.programmes import programme_labels, programme_versions
from knowledge.search.results import KnowledgeResults, LanguageVersion, ResultCard
from knowledge.sync import drain_pending

_NO_PROGRAMME = "-"
"""A code that no programme can have."""


def search_knowledge(
    text: str,
    *,
    reader: Reader,
    filters: Mapping[str, Sequence[str]] | None = None,
    limit: int = 10,
    offset: int = 0,
) -> KnowledgeResults:
    """Return the works that answer and that this reader may open.

    With an empty text all works that pass the filters are listed, newest first.
    """
    if PendingSync.objects.exists():
        drain_pending()
    versions = programme_versions(reader)
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
            barred_scopes=barred_scopes(reader),
            concepts=glossary_concepts(),
            entities=known_entities(versions),
            limit=limit,
            offset=offset,
        )
    )
    return KnowledgeResults(
        query=text,
        cards=_cards(found.hits, reader, programmes, first_rank=offset + 1),
        total=found.total,
        facets=facets_from_counts(found.facet_counts, asked, programmes),
        query_language=found.query_language,
        expansions=found.expansions,
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


def _cards(
    hits: Sequence[Hit], reader: Reader, programmes: Mapping[str, str], *, first_rank: int
) -> list[ResultCard]:
    pages = readable_by_id(reader, [page_id_of(hit.document_key) for hit in hits])
    versions = _versions(reader, [uuid.UUID(hit.work) for hit in hits])
    cards: list[ResultCard] = []
    for hit in hits:
        page = pages.get(page_id_of(hit.document_key))
        if page is not None:
            others = [
                one
                for one in versions.get(page.translation_key, [])
                if one.language != page.language
            ]
            rank = first_rank + len(cards)
            cards.append(_card(hit, page, rank=rank, versions=others, programmes=programmes))
    return cards


def _versions(reader: Reader, works: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LanguageVersion]]:
    versions: dict[uuid.UUID, list[LanguageVersion]] = {}
    pages = readable_pages(reader).filter(translation_key__in=works).select_related("locale")
    for page in pages.order_by("locale__language_code"):
        versions.setdefault(page.translation_key, []).append(
            LanguageVersion(language=page.locale.language_code, url=page.url or "")
        )
    return versions


def _card(
    hit: Hit,
    page: WorkPage,
    *,
    rank: int,
    versions: Sequence[LanguageVersion],
    programmes: Mapping[str, str],
) -> ResultCard:
    programme = getattr(page.programme_page, "code", "")
    if programme not in programmes:
        programme = ""
    return ResultCard(
        rank=rank,
        work=page.collection_slug or str(page.translation_key),
        title=page.title,
        url=page.url or "",
        language=page.language,
        kind=page.kind,
        kind_label=str(page.kind_label),
        programme=programme,
        programme_label=programmes.get(programme, ""),
        country=page.country.code.upper() if page.country else "",
        country_label=page.country.label if page.country else "",
        date_label=page.date_label,
        heading=hit.heading,
        passage=hit.passage,
        sentence=hit.sentence,
        score=round(hit.score, 3),
        why=hit.reasons,
        versions=versions,
    )

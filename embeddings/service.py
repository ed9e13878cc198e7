"""The door of the package: synchronise a document, search, report.

Every search first catches up with the log, so that each process sees a publication or a
withdrawal at its next search.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embeddings.columns import Mask, Place
from embeddings.conf import get_config, get_encoder
from embeddings.models import IndexState, Passage
from embeddings.ranking import (
    Candidate,
    PreparedQuery,
    count_facets,
    list_works,
    prepare,
    rank_works,
)
from embeddings.store import SyncOutcome, stored_state, sync_document, wanted_state
from embeddings.types import Hit, SearchQuery, SearchResults
from embeddings.view import IndexView, get_view

__all__ = [
    "FACETS",
    "IndexReport",
    "SyncOutcome",
    "compare_rows_with_view",
    "documents_citing",
    "indexed_document_keys",
    "search",
    "stored_state",
    "sync_document",
    "wanted_state",
]

_TRIES = 3
"""How often a search starts over when rows vanish under it."""
FACETS = ("kind", "programme", "country", "theme", "language", "year")


def search(query: SearchQuery) -> SearchResults:
    """Return the works that answer, one hit each, with facet counts.

    Filters and barred scopes decide before scoring which passages exist for this reader.
    """
    view = get_view()
    for _ in range(_TRIES):
        with view.lock:
            view.catch_up()
            prepared = prepare(query, view)
            pools = _Pools(view, query, prepared)
            found = pools.of(query.filters)
            page = found[query.offset : query.offset + query.limit]
            rows = _rows(view, page)
            hits = [
                _hit(view, candidate, rows[view.columns.place_of(candidate.slot)], prepared)
                for candidate in page
                if view.columns.place_of(candidate.slot) in rows
            ]
            counts = {facet: pools.counts(facet) for facet in FACETS}
        if len(hits) == len(page):
            break  # else a document was withdrawn or shortened since the view caught up
    return SearchResults(
        hits=hits,
        total=len(found),
        facet_counts=counts,
        expansions=prepared.names,
        query_language=prepared.language,
        by_words_only=view.encoder is None,
    )


def _rows(view: IndexView, candidates: Sequence[Candidate]) -> dict[Place, Passage]:
    """Return place → row as it is now.

    By place, not by primary key: a document written again meanwhile has new rows in its places.
    """
    places = {view.columns.place_of(candidate.slot) for candidate in candidates}
    rows = Passage.objects.filter(
        document_key__in={key for key, _ in places},
        position__in={position for _, position in places},
    )
    return {
        (row.document_key, row.position): row
        for row in rows
        if (row.document_key, row.position) in places
    }


class _Pools:
    """The works found under a set of filters, each set ranked once."""

    def __init__(self, view: IndexView, query: SearchQuery, prepared: PreparedQuery) -> None:
        self._view = view
        self._query = query
        self._prepared = prepared
        self._visible = view.columns.visible_documents(
            barred_scopes=query.barred_scopes, now=time.time()
        )
        self._ranked: dict[tuple[tuple[str, tuple[str, ...]], ...], list[Candidate]] = {}

    def _documents(self, filters: Mapping[str, Sequence[str]]) -> Mask:
        return self._visible & self._view.columns.matching_documents(filters)

    def of(self, filters: Mapping[str, Sequence[str]]) -> list[Candidate]:
        name = tuple((facet, tuple(values)) for facet, values in filters.items() if values)
        if name not in self._ranked:
            documents = self._documents(filters)
            self._ranked[name] = (
                rank_works(self._view, self._prepared, documents, get_config())
                if self._prepared.text
                else list_works(self._view, documents, self._prepared.languages)
            )
        return self._ranked[name]

    def counts(self, facet: str) -> dict[str, int]:
        others = {name: values for name, values in self._query.filters.items() if name != facet}
        return count_facets(self._view, self.of(others), facet, self._documents(others))


def _best_sentence(view: IndexView, slot: int, query: PreparedQuery) -> str:
    if view.sentences is None or query.vector is None:
        return ""
    found = view.sentences.of([slot]).get(slot)
    return found.best(query.vector) if found is not None else ""


def _hit(view: IndexView, candidate: Candidate, row: Passage, query: PreparedQuery) -> Hit:
    sentence = _best_sentence(view, candidate.slot, query)
    return Hit(
        work=candidate.work,
        document_key=row.document_key,
        language=row.language,
        heading=row.heading,
        passage=row.text,
        sentence=sentence if sentence in row.text else "",
        score=round(candidate.score, 6),
        similarity=candidate.similarity,
        reasons=candidate.reasons,
        languages=tuple(sorted(candidate.languages)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """How the rows and this process's view compare."""

    passages: int
    in_dense: int
    in_lexical: int
    foreign: int
    """Passages whose vector belongs to another encoder."""
    position: int
    encoder_id: str

    @property
    def holds_every_row(self) -> bool:
        """Return True when every row can be found, by words at least."""
        return self.passages == self.in_lexical and self.in_dense == self.passages - self.foreign

    @property
    def is_consistent(self) -> bool:
        """Return True when both indexes hold every row."""
        return self.holds_every_row and self.foreign == 0


def compare_rows_with_view() -> IndexReport:
    """Return the counts of rows and indexes after catching up."""
    view = get_view()
    encoder_id = get_encoder().encoder_id
    with view.lock:
        view.catch_up()
        return IndexReport(
            passages=Passage.objects.count(),
            in_dense=len(view.dense) if view.dense is not None else 0,
            in_lexical=len(view.lexical),
            foreign=Passage.objects.exclude(encoder_id=encoder_id).count(),
            position=IndexState.objects.values_list("position", flat=True).first() or 0,
            encoder_id=encoder_id,
        )


def indexed_document_keys() -> set[str]:
    """Return the keys of all documents that have passages."""
    return set(Passage.objects.values_list("document_key", flat=True))


def documents_citing(code: str) -> set[str]:
    """Return the keys of the documents with a passage that cites the code."""
    citing = Passage.objects.filter(notes__has_key=code)
    return set(citing.values_list("document_key", flat=True))

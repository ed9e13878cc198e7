"""The door of the package: synchronise a document, search, suggest, compare, report.

Every search first catches up with the log, so that each process sees a publication or a
withdrawal at its next search.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from django.db.models import Count

from embeddings import concepts, snapshot, telemetry
from embeddings.columns import DocumentEntry, Numbers, Selection
from embeddings.compaction import current_state, encoder_of
from embeddings.conf import get_config
from embeddings.encoders.base import Encoder
from embeddings.errors import EncoderUnavailable
from embeddings.likeness import find_duplicates, similar_works, works_like
from embeddings.models import IndexState, Passage
from embeddings.ordering import RankedPassages
from embeddings.passages import sentences_of
from embeddings.question import PreparedQuery, prepare
from embeddings.ranking import list_works, rank_works, shown, works_answering
from embeddings.status import IndexStatus, SnapshotStatus, ViewStatus
from embeddings.store import (
    StoredText,
    SyncOutcome,
    encoder_in_force,
    refile_document,
    stored_state,
    sync_document,
    texts_at,
    texts_of,
    wanted_state,
)
from embeddings.telemetry import SearchReport
from embeddings.types import NAMES, PROFILE, Hit, Reason, SearchQuery, SearchResults, TitleHit
from embeddings.view import IndexView, get_view

__all__ = [
    "FACETS",
    "IndexReport",
    "SyncOutcome",
    "compare_rows_with_view",
    "current_state",
    "documents_citing",
    "find_duplicates",
    "holds_any",
    "index_status",
    "indexed_document_keys",
    "nearness",
    "refile_document",
    "search",
    "similar_works",
    "stored_state",
    "sync_document",
    "titles_begun",
    "view_status",
    "wanted_state",
    "works_found",
    "works_like",
]

_TRIES = 3
"""How often a search starts over when rows vanish under it."""
_KEYS_AT_ONCE = 1_000
"""In one statement."""
FACETS = ("kind", "programme", "country", "theme", "language", "year")


def search(query: SearchQuery, *, state: IndexState | None = None) -> SearchResults:
    """Return the works that answer, one hit each, with facet counts.

    Filters and barred scopes decide before scoring which passages exist for this reader.

    Args:
        query: What is asked.
        state: The newest state of the log, when the caller has just read it.
    """
    began = time.perf_counter()
    view = get_view()
    for _ in range(_TRIES):
        with view.lock:
            view.catch_up(state)
            pools = _Pools(view, query)
            found = pools.ranked()
            best = _wanted(view, found, query.works)
            page = best[query.offset : query.offset + query.limit].tolist()
            hits = _hits(view, found, page, pools.prepared)
            facets = FACETS if query.with_counts else ()
            counts = {facet: pools.counts(facet, found) for facet in facets}
        if len(hits) == len(page):
            break
        state = None  # a document was withdrawn or shortened since the view caught up
    results = SearchResults(
        hits=hits,
        total=len(best),
        facet_counts=counts,
        expansions=pools.prepared.names,
        corrections=pools.prepared.corrections,
        query_language=pools.prepared.language,
        by_words_only=view.encoder is None,
        named=pools.prepared.named,
        missed=pools.prepared.exact.is_asked_for and not found.holds(Reason.EXACT),
    )
    _report(query, results, view, time.perf_counter() - began)
    return results


def works_found(query: SearchQuery, *, state: IndexState | None = None) -> list[str]:
    """Return every work that is found, best first, and nothing of what it says.

    Raises:
        EncoderUnavailable: What is found without it is not all that there is.
    """
    view = get_view()
    with view.lock:
        view.catch_up(state)
        if query.text and view.encoder is None:
            raise EncoderUnavailable("Works cannot be found by meaning now.")
        found = _Pools(view, query).ranked()
        slots = found.slots[_wanted(view, found, query.works)]
        return [view.columns.document_of(slot).work for slot in slots.tolist()]


def _wanted(view: IndexView, found: RankedPassages, works: frozenset[str] | None) -> Numbers:
    """Return the places of the best passages of the works to show."""
    if works is None:
        return found.best
    numbers = [view.columns.work_number(work) for work in works]
    wanted = [number for number in numbers if number is not None]
    places: Numbers = found.best[np.isin(found.works[found.best], wanted)]
    return places


def nearness(text: str, topics: tuple[tuple[str, ...], ...]) -> list[float]:
    """Return how near a question is to each topic, from −1 to 1; nothing without an encoder.

    A topic is given by descriptions of it in several languages.
    """
    try:
        return concepts.nearness(text, topics, encoder_in_force())
    except EncoderUnavailable:
        return []


def _report(query: SearchQuery, results: SearchResults, view: IndexView, seconds: float) -> None:
    telemetry.report_search(
        SearchReport(
            text=query.text,
            language=results.query_language,
            facets=tuple(name for name, values in query.filters.items() if values),
            total=results.total,
            seconds=seconds,
            position=view.position,
            by_words_only=results.by_words_only,
        )
    )


class _Pools:
    """The works found under the filters of a query, ranked, and under fewer of them, counted."""

    def __init__(self, view: IndexView, query: SearchQuery) -> None:
        self._view = view
        self._query = query
        self._now = time.time()
        self.prepared: PreparedQuery = prepare(query, view, self._selection({}))

    def _selection(self, filters: Mapping[str, Sequence[str]]) -> Selection:
        return self._view.columns.select(
            filters=filters, barred_scopes=self._query.barred_scopes, now=self._now
        )

    def ranked(self) -> RankedPassages:
        """Return what is found."""
        selection = self._selection(self._query.filters)
        if not self.prepared.text:
            return list_works(self._view, selection)
        return rank_works(self._view, self.prepared, selection, get_config())

    def counts(self, facet: str, found: RankedPassages) -> dict[str, int]:
        """Return value → works, under the filters of the other facets.

        Args:
            facet: What is counted.
            found: What is found under all filters.
        """
        others = {name: values for name, values in self._query.filters.items() if name != facet}
        columns = self._view.columns
        selection = self._selection(others)
        documents = selection.documents
        if self.prepared.text:
            works = (
                works_answering(self._view, self.prepared, selection, get_config())
                if self._query.filters.get(facet)
                else found.works[found.best]
            )
            documents = documents & columns.documents_of_works(works)
        return columns.count_works(facet, documents)


def _hits(
    view: IndexView, found: RankedPassages, page: Sequence[int], query: PreparedQuery
) -> list[Hit]:
    """Return the hits of a page; without those whose rows are gone meanwhile."""
    choices = [shown(view, found, place, query.languages) for place in page]
    passages = [place for place, _ in choices]
    slots = found.slots[passages]
    ids = view.columns.rows_of(slots)
    known = texts_of(ids)
    texts = [known.get(pk) for pk in ids]
    nearest = [found.nearest_sentence(slot, query.vector) for slot in slots.tolist()]
    others = {
        number: other
        for number, place in enumerate(passages)
        if (other := _instead(view, found, place, texts[number], query)) is not None
    }
    if others:
        read = texts_at([view.columns.place_of(slot) for slot, _ in others.values()])
        for (number, (_, marked)), text in zip(others.items(), read, strict=True):
            texts[number], nearest[number] = text, marked
    hits = []
    for number, (best, (place, languages)) in enumerate(zip(page, choices, strict=True)):
        if (one := texts[number]) is not None:
            sentence = _sentence(one.text, nearest[number])
            document = view.columns.document_of(int(slots[number]))
            hits.append(_hit(found, best, place, document, one, sentence, languages))
    return hits


def _instead(
    view: IndexView,
    found: RankedPassages,
    place: int,
    stored: StoredText | None,
    query: PreparedQuery,
) -> tuple[int, int | None] | None:
    """Return (slot of the passage to show, its sentence to mark) if it is not the one found."""
    slot = int(found.slots[place])
    if stored is None:  # changed while the view was searched: what stands there now
        return slot, None
    if query.profiles and _is_profile(view, slot, query.profiles):
        document = view.columns.document_of_slot.values[[slot]]
        return int(view.columns.first_slots(document)[0]), 0  # its summary says what it is
    if stored.place != NAMES:
        return None
    # Names say nothing. The next passage of the text that was found does, or its beginning.
    slots = found.slots[found.of_work(place)]
    document = view.columns.document_of_slot.values
    same = slots[document[slots] == document[slot]]
    ids = view.columns.rows_of(same)
    known = texts_of(ids)
    saying = [pk in known and known[pk].place != NAMES for pk in ids]
    for other in same[saying][:1]:
        return int(other), found.nearest_sentence(int(other), query.vector)
    return int(view.columns.first_slots(document[[slot]])[0]), None


def _is_profile(view: IndexView, slot: int, programmes: Sequence[str]) -> bool:
    facets = view.columns.document_of(slot).facets
    return PROFILE in facets.get("kind", ()) and not set(programmes).isdisjoint(
        facets.get("programme", ())
    )


def _sentence(text: str, number: int | None) -> str:
    """Return a sentence of a passage by number, empty where there is none to mark."""
    if number is None:
        return ""
    chosen = next(islice(sentences_of(text), number, None), "")
    return chosen if chosen in text else ""


def _hit(
    found: RankedPassages,
    best: int,
    place: int,
    document: DocumentEntry,
    stored: StoredText,
    sentence: str,
    languages: tuple[str, ...],
) -> Hit:
    similarity = float(found.similarities[place])
    return Hit(
        work=document.work,
        document_key=document.key,
        language=document.language,
        facets=document.facets,
        dated=document.dated,
        heading=stored.heading,
        passage=stored.text,
        place=stored.place,
        cited=stored.cited,
        sentence=sentence,
        score=round(float(found.scores[best]), 6),
        similarity=similarity if similarity > -1 else None,
        reasons=found.reasons_of(place),
        languages=languages,
    )


def holds_any(filters: Mapping[str, Sequence[str]], *, barred_scopes: frozenset[str]) -> bool:
    """Return whether any document that a reader may find passes the filters."""
    view = get_view()
    with view.lock:
        view.catch_up()
        selection = view.columns.select(
            filters=filters, barred_scopes=barred_scopes, now=time.time()
        )
        return bool(selection.documents.any())


def titles_begun(typed: str, *, barred_scopes: frozenset[str], limit: int) -> list[TitleHit]:
    """Return the documents whose title goes on as typed, one a work, in no particular order."""
    view = get_view()
    with view.lock:
        view.catch_up()
        selection = view.columns.select(filters={}, barred_scopes=barred_scopes, now=time.time())
        slots = view.lexical.titles_begun(typed, selection=selection, limit=limit)
        documents = [view.columns.document_of(slot) for slot in slots.tolist()]
    return [
        TitleHit(
            document_key=one.key,
            work=one.work,
            language=one.language,
            title=one.title,
            facets=one.facets,
        )
        for one in documents
    ]


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
    """Return the counts of rows and indexes after catching up.

    Raises:
        EncoderUnavailable: The encoder in force cannot be loaded.
    """
    encoder_id = encoder_in_force().encoder_id
    view = get_view()
    with view.lock:
        state = current_state()
        view.catch_up(state)
        return IndexReport(
            passages=Passage.objects.count(),
            in_dense=view.count_with_vectors(),
            in_lexical=len(view.lexical),
            foreign=Passage.objects.exclude(encoder_id=encoder_id).count(),
            position=state.position,
            encoder_id=encoder_id,
        )


def view_status() -> ViewStatus:
    """Return what this process's view consists of, as it is, without catching up."""
    return get_view().describe()


def index_status() -> IndexStatus:
    """Return everything that an operator asks about the index, after catching up."""
    view, state = get_view(), current_state()
    encoder = encoder_of(state)
    kept = _kept(state, encoder)  # catching up repairs a fault, which should be told
    with view.lock:
        view.catch_up(state)
        described = view.describe()
    if kept is None or kept.fault is None:
        kept = _kept(state, encoder)
    by_language = Passage.objects.order_by("language").values("language").annotate(n=Count("pk"))
    return IndexStatus(
        passages=Passage.objects.count(),
        documents=Passage.objects.values("document_key").distinct().count(),
        works=Passage.objects.values("work").distinct().count(),
        foreign=Passage.objects.exclude(encoder_id=encoder.encoder_id).count() if encoder else 0,
        by_language={row["language"]: row["n"] for row in by_language},
        generation=str(state.generation),
        log_start=state.log_start,
        position=state.position,
        encoder_id=encoder.encoder_id if encoder else "",
        score_floor=encoder.score_floor if encoder else None,
        view=described,
        snapshot=kept,
    )


def _kept(state: IndexState, encoder: Encoder | None) -> SnapshotStatus | None:
    """Return what lies on disk; None where nothing is or should be."""
    index_dir = get_config().index_dir
    if index_dir is None:
        return None
    encoder_id = encoder.encoder_id if encoder is not None else ""
    return snapshot.read_status(index_dir, generation=state.generation, encoder_id=encoder_id)


def indexed_document_keys() -> set[str]:
    """Return the keys of all documents that have passages."""
    return set(Passage.objects.values_list("document_key", flat=True))


class Filed(NamedTuple):
    """Where a search looks for a document."""

    scope: str
    facets: dict[str, list[str]]


def filed_as(keys: Iterable[str]) -> dict[str, Filed]:
    """Return how those of the documents are filed that have passages."""
    filed: dict[str, Filed] = {}
    remaining = iter(keys)
    while some := list(islice(remaining, _KEYS_AT_ONCE)):
        first = Passage.objects.filter(document_key__in=some, position=0)
        for key, *filing in first.values_list("document_key", "scope", "facets"):
            filed[key] = Filed(*filing)
    return filed


def documents_citing(code: str) -> set[str]:
    """Return the keys of the documents with a passage that cites the code."""
    citing = Passage.objects.filter(notes__has_key=code)
    return set(citing.values_list("document_key", flat=True))

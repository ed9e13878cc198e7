"""From a query to ranked works: dense and lexical candidates, fused, cut off, one per work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embeddings.columns import Mask
from embeddings.concepts import concept_vectors, mentioned
from embeddings.conf import EmbeddingsConfig
from embeddings.fusion import Ranking, reciprocal_rank_fusion
from embeddings.language import normalize
from embeddings.lexical import folded_words
from embeddings.sentences import SENTENCE_SHARE
from embeddings.types import Reason, SearchQuery
from embeddings.view import IndexView

LONGEST_QUERY = 1000
"""Characters of a query that are used; the rest says nothing new."""
_BY_WORDS = 0.5
"""Coverage from which a passage counts as found by its words."""
_WORDS_ENOUGH = 0.7
"""Coverage that lets a passage through below the similarity floor."""
_BY_GLOSSARY = 0.9
_EXPANSION_WEIGHT = 0.25
"""Weight of the glossary ranking against 1.0 for the dense one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedQuery:
    """A query, encoded and cut into tokens once."""

    text: str
    vector: NDArray[np.float32] | None
    subwords: Sequence[str]
    words: Sequence[str]
    names: Sequence[str]
    """Other names of what is asked, in any language."""
    expansions: Sequence[tuple[Sequence[str], Sequence[str]]]
    """(subwords, words) of each of `names`."""


@dataclass(slots=True, kw_only=True)
class Candidate:
    """The best passage of a work so far."""

    work: str
    slot: int
    score: float
    similarity: float | None
    reasons: tuple[Reason, ...]
    languages: set[str] = field(default_factory=set)


def prepare(query: SearchQuery, view: IndexView) -> PreparedQuery:
    """Return the query with its vector and tokens."""
    text = normalize(query.text).replace("\x00", " ")[:LONGEST_QUERY].strip()
    encoder = view.encoder
    names = mentioned(text, query.concepts)
    if encoder is None:
        return PreparedQuery(
            text=text,
            vector=None,
            subwords=(),
            words=folded_words(text),
            names=names,
            expansions=[((), folded_words(name)) for name in names],
        )
    vector = None
    if text:
        vector = encoder.encode_queries([text])[0]
        vector = concept_vectors(query.concepts, encoder).pulled(vector)
    return PreparedQuery(
        text=text,
        vector=vector,
        subwords=encoder.subwords(text),
        words=folded_words(text),
        names=names,
        expansions=[(encoder.subwords(name), folded_words(name)) for name in names],
    )


def rank_works(
    view: IndexView, query: PreparedQuery, documents: Mask, config: EmbeddingsConfig
) -> list[Candidate]:
    """Return the works found among the allowed documents, best first."""
    allowed = view.columns.slots_of_documents(documents)
    dense = _dense(view, query, allowed, config.candidates)
    lexical = view.lexical.search(
        subwords=query.subwords, words=query.words, allowed=allowed, limit=config.candidates
    )
    expanded = _expanded(view, query, allowed, config.candidates)
    similarities = dict(dense)
    slots = {slot for slot, _ in (*dense, *lexical, *expanded)}
    coverage = view.lexical.coverage(slots, subwords=query.subwords, words=query.words)
    rankings = [
        Ranking(keys=_in_order(view, dense)),
        Ranking(keys=_in_order(view, lexical), weight=config.lexical_weight, share=coverage),
        Ranking(keys=_in_order(view, expanded), weight=_EXPANSION_WEIGHT),
    ]
    fused = reciprocal_rank_fusion(rankings, constant=config.rrf_constant)
    glossary = _covered_by_expansion(view, query, [slot for slot, _ in expanded])
    passages = [
        Candidate(
            work=view.columns.document_of(slot).work,
            slot=slot,
            score=score,
            similarity=similarities.get(slot),
            reasons=_reasons(
                similarities.get(slot), coverage[slot], slot in glossary, _floor(view)
            ),
            languages={view.columns.document_of(slot).language},
        )
        for slot, score in fused.items()
        if _is_good(similarities.get(slot), coverage[slot], slot in glossary, _floor(view))
    ]
    return _best_per_work(view, passages)


def list_works(view: IndexView, documents: Mask) -> list[Candidate]:
    """Return every work among the allowed documents, newest first: browsing without a question."""
    candidates = []
    for slot in view.columns.slots_of_documents(documents).nonzero()[0].tolist():
        if view.columns.slots[slot].position:
            continue
        document = view.columns.document_of(slot)
        candidates.append(
            Candidate(
                work=document.work,
                slot=slot,
                score=float(max(map(int, document.facets.get("year", ())), default=0)),
                similarity=None,
                reasons=(),
                languages={document.language},
            )
        )
    return _best_per_work(view, candidates)


def count_facets(
    view: IndexView, candidates: Iterable[Candidate], facet: str, documents: Mask
) -> dict[str, int]:
    """Return value → works of the candidates, over those of their documents that are allowed."""
    works_of: dict[str, set[str]] = {}
    wanted = {candidate.work for candidate in candidates}
    for number in documents.nonzero()[0].tolist():
        document = view.columns.documents[number]
        if document.work in wanted:
            for value in document.facets.get(facet, ()):
                works_of.setdefault(value, set()).add(document.work)
    return {value: len(works) for value, works in works_of.items()}


def _dense(
    view: IndexView, query: PreparedQuery, allowed: Mask, limit: int
) -> list[tuple[int, float]]:
    if view.dense is None or query.vector is None:
        return []
    found = dict(view.dense.search(query.vector, allowed=allowed, limit=limit))
    if view.sentences is None:
        return list(found.items())
    for slot, sentences in view.sentences.of(list(found)).items():
        _, nearest = sentences.best(query.vector)
        found[slot] = (1 - SENTENCE_SHARE) * found[slot] + SENTENCE_SHARE * nearest
    return list(found.items())


def _expanded(
    view: IndexView, query: PreparedQuery, allowed: Mask, limit: int
) -> list[tuple[int, float]]:
    if not query.expansions:
        return []
    return view.lexical.search(
        subwords=[token for subwords, _ in query.expansions for token in subwords],
        words=[word for _, words in query.expansions for word in words],
        allowed=allowed,
        limit=limit,
    )


def _covered_by_expansion(
    view: IndexView, query: PreparedQuery, slots: Sequence[int]
) -> frozenset[int]:
    covered: set[int] = set()
    for subwords, words in query.expansions:
        shares = view.lexical.coverage(slots, subwords=subwords, words=words)
        covered |= {slot for slot, share in shares.items() if share >= _BY_GLOSSARY}
    return frozenset(covered)


def _in_order(view: IndexView, scored: Sequence[tuple[int, float]]) -> list[int]:
    """Return the slots best first; equal scores in the order of their names, not of arrival."""

    def key(entry: tuple[int, float]) -> tuple[float, str, int]:
        slot, score = entry
        return (-round(score, 5), *_name(view, slot))

    return [slot for slot, _ in sorted(scored, key=key)]


def _name(view: IndexView, slot: int) -> tuple[str, int]:
    return view.columns.document_of(slot).key, view.columns.slots[slot].position


def _floor(view: IndexView) -> float:
    if view.encoder is None or view.encoder.score_floor is None:
        return 0.0
    return view.encoder.score_floor


def _is_good(similarity: float | None, coverage: float, by_glossary: bool, floor: float) -> bool:
    by_meaning = similarity is not None and similarity >= floor
    return by_meaning or coverage >= _WORDS_ENOUGH or by_glossary


def _reasons(
    similarity: float | None, coverage: float, by_glossary: bool, floor: float
) -> tuple[Reason, ...]:
    reasons = []
    if similarity is not None and similarity >= floor:
        reasons.append(Reason.MEANING)
    if coverage >= _BY_WORDS:
        reasons.append(Reason.WORDS)
    if by_glossary:
        reasons.append(Reason.GLOSSARY)
    return tuple(reasons)


def _best_per_work(view: IndexView, passages: Sequence[Candidate]) -> list[Candidate]:
    best: dict[str, Candidate] = {}
    for candidate in sorted(passages, key=lambda one: (-one.score, *_name(view, one.slot))):
        kept = best.setdefault(candidate.work, candidate)
        kept.languages |= candidate.languages
    return list(best.values())

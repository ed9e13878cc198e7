"""From a query to ranked works: dense and lexical candidates, fused, cut off, one per work."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embeddings.columns import Mask
from embeddings.concepts import concept_vectors, mentioned
from embeddings.conf import EmbeddingsConfig
from embeddings.entities import facet_values, named_in
from embeddings.fusion import Ranking, reciprocal_rank_fusion
from embeddings.language import detect_language, normalize
from embeddings.lexical import folded_words
from embeddings.sentences import SENTENCE_SHARE
from embeddings.types import Entity, Reason, SearchQuery
from embeddings.view import IndexView

LONGEST_QUERY = 1000
"""Characters of a query that are used; the rest says nothing new."""
_BY_WORDS = 0.5
"""Coverage from which a passage counts as found by its words."""
_WORDS_ENOUGH = 0.6
"""Coverage from which a question counts as answered by words alone."""
_TAIL = 0.2
"""Share of the best similarity from which a passage still belongs to the answer."""
_AS_GOOD = 0.5
"""Share of the best passage's score from which another version of the work may be shown."""
_EXPANSION_WEIGHT = 0.25
"""Weight of the glossary ranking against 1.0 for the dense one."""
_NAMED_WEIGHT = 1.0
"""Weight of being about the country or programme that the question names, likewise."""
_MENTION = 0.8
"""Share of that weight for a passage that names the country and is filed elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedQuery:
    """A query, encoded and cut into tokens once."""

    text: str
    language: str | None
    """What the question reads as; None when unsure."""
    languages: Sequence[str]
    """Languages to show versions in: the question's own, then the reader's."""
    vector: NDArray[np.float32] | None
    subwords: Sequence[str]
    words: Sequence[str]
    names: Sequence[str]
    """Other names of what is asked, in any language."""
    expansions: Sequence[tuple[Sequence[str], Sequence[str]]]
    """(subwords, words) of each of `names`."""
    named: Sequence[Entity]
    """What the question names and documents are filed under."""
    place_names: Sequence[tuple[Sequence[str], Sequence[str]]]
    """(subwords, words) of each name, in any language, of the places among `named`."""


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
    named = named_in(text, query.entities)
    language = detect_language(text) if text else None
    languages = tuple(dict.fromkeys([*([language] if language else []), *query.languages]))
    vector = None
    if text and encoder is not None:
        vector = encoder.encode_queries([text])[0]
        vector = concept_vectors(query.concepts, encoder).pulled(vector)

    def tokens(of: str) -> tuple[Sequence[str], Sequence[str]]:
        return encoder.subwords(of) if encoder is not None else (), folded_words(of)

    subwords, words = tokens(text)

    return PreparedQuery(
        text=text,
        language=language,
        languages=languages,
        vector=vector,
        subwords=subwords,
        words=words,
        names=names,
        expansions=[tokens(name) for name in names],
        named=named,
        place_names=[tokens(name) for one in named if one.is_place for name in one.names],
    )


def rank_works(
    view: IndexView, query: PreparedQuery, documents: Mask, config: EmbeddingsConfig
) -> list[Candidate]:
    """Return the works found among the allowed documents, best first."""
    allowed = view.columns.slots_of_documents(documents)
    similarities = _dense(view, query, allowed, config.candidates)
    lexical = view.lexical.search(
        subwords=query.subwords, words=query.words, allowed=allowed, limit=config.candidates
    )
    expanded = _expanded(view, query, allowed, config.candidates)
    slots = {*similarities, *lexical, *expanded}
    coverage = view.lexical.coverage(slots, subwords=query.subwords, words=query.words)
    about = _about(view, query, slots)
    rankings = [
        Ranking(scores=similarities),
        Ranking(scores=lexical, weight=config.lexical_weight, share=coverage),
        Ranking(scores=expanded, weight=_EXPANSION_WEIGHT),
        Ranking(scores=dict.fromkeys(about, 1.0), weight=_NAMED_WEIGHT, share=about),
    ]
    fused = reciprocal_rank_fusion(rankings, constant=config.rrf_constant)
    glossary = view.lexical.holding(expanded, query.expansions)
    evidence = {
        slot: _Evidence(similarities.get(slot, 0.0), coverage[slot], slot in glossary)
        for slot in fused
    }
    names_programme = any(not one.is_place for one in query.named)
    cut = _Cut.for_answer(evidence.values(), _floor(view), names_programme=names_programme)
    passages = [
        Candidate(
            work=view.columns.document_of(slot).work,
            slot=slot,
            score=score,
            similarity=similarities.get(slot),
            reasons=cut.reasons(evidence[slot]),
            languages={view.columns.document_of(slot).language},
        )
        for slot, score in fused.items()
        if cut.keeps(evidence[slot])
    ]
    return _one_per_work(view, passages, query.languages)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for one passage."""

    similarity: float
    coverage: float
    by_glossary: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which passages stay: none when nothing answers, else all but the far tail."""

    answered: bool
    lowest: float
    """Similarity from which a passage is found by its meaning."""

    @classmethod
    def for_answer(
        cls, evidence: Collection[_Evidence], floor: float, *, names_programme: bool
    ) -> "_Cut":
        """Return the cut for one question, by how good the best of it is.

        A question that names a programme is one for this collection; one that names a country may
        be about anything there.
        """
        nearest = max((one.similarity for one in evidence), default=0.0)
        answered = (
            names_programme
            or nearest >= floor
            or any(one.by_glossary or one.coverage >= _WORDS_ENOUGH for one in evidence)
        )
        return cls(answered, _TAIL * max(nearest, floor))

    def keeps(self, one: _Evidence) -> bool:
        """Return True if the passage belongs to the answer."""
        return self.answered and bool(self.reasons(one))

    def reasons(self, one: _Evidence) -> tuple[Reason, ...]:
        """Return why the passage was found."""
        holds = {
            Reason.MEANING: one.similarity > 0 and one.similarity >= self.lowest,
            Reason.WORDS: one.coverage >= _BY_WORDS,
            Reason.GLOSSARY: one.by_glossary,
        }
        return tuple(reason for reason, holding in holds.items() if holding)


def list_works(view: IndexView, documents: Mask, languages: Sequence[str]) -> list[Candidate]:
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
                score=float(document.dated.replace("-", "").ljust(8, "0")),
                similarity=None,
                reasons=(),
                languages={document.language},
            )
        )
    return _one_per_work(view, candidates, languages)


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


def _dense(view: IndexView, query: PreparedQuery, allowed: Mask, limit: int) -> dict[int, float]:
    """Return slot → similarity of the nearest passages, their sentences and evidence counted in."""
    if view.dense is None or view.sentences is None or query.vector is None:
        return {}
    similarities = dict(view.dense.search(query.vector, allowed=allowed, limit=limit))
    for slot, texts in view.sentences.of(list(similarities)).items():
        nearest = texts.similarity(query.vector)
        similarities[slot] = (1 - SENTENCE_SHARE) * similarities[slot] + SENTENCE_SHARE * nearest
    return similarities


def _expanded(view: IndexView, query: PreparedQuery, allowed: Mask, limit: int) -> dict[int, float]:
    if not query.expansions:
        return {}
    return view.lexical.search(
        subwords=[token for subwords, _ in query.expansions for token in subwords],
        words=[word for _, words in query.expansions for word in words],
        allowed=allowed,
        limit=limit,
    )


def _about(view: IndexView, query: PreparedQuery, slots: Collection[int]) -> dict[int, float]:
    """Return the slots that are about what the question names → how surely, from 0 to 1.

    A name that nine programmes share says a ninth about each.
    """
    about = dict.fromkeys(view.lexical.holding(slots, query.place_names), _MENTION)
    for facet, values in facet_values(query.named).items():
        filed = view.columns.slots_of_documents(view.columns.matching_documents({facet: values}))
        for slot in slots:
            if filed[slot]:
                about[slot] = max(about.get(slot, 0.0), 1.0 / len(values))
    return about


def _floor(view: IndexView) -> float:
    if view.encoder is None or view.encoder.score_floor is None:
        return 0.0
    return view.encoder.score_floor


def _one_per_work(
    view: IndexView, passages: Sequence[Candidate], languages: Sequence[str]
) -> list[Candidate]:
    """Return one candidate per work in the order of their best passages.

    Of the versions that answer about as well, the one the reader would rather read is shown.
    """
    works: dict[str, list[Candidate]] = {}
    for candidate in sorted(
        passages, key=lambda one: (-one.score, *view.columns.place_of(one.slot))
    ):
        works.setdefault(candidate.work, []).append(candidate)
    chosen = []
    for candidates in works.values():
        best = candidates[0]
        good = [one for one in candidates if one.score >= _AS_GOOD * best.score]
        shown = min(good, key=lambda one: _preference(view, one.slot, languages))
        shown.score = best.score
        shown.languages = set().union(*(one.languages for one in candidates))
        chosen.append(shown)
    return chosen


def _preference(view: IndexView, slot: int, languages: Sequence[str]) -> tuple[int, bool]:
    document = view.columns.document_of(slot)
    if document.language in languages:
        return languages.index(document.language), False
    return len(languages), not document.is_original

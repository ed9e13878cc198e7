"""From a question to ranked works: scores, fusion, and the cut.

Candidates come from several indexes; every score is then computed for all of them from their
records, so that it does not matter which index brought a passage in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embeddings.candidates import candidates_of
from embeddings.columns import Mask, Numbers, Selection
from embeddings.conf import EmbeddingsConfig
from embeddings.entities import facet_values
from embeddings.exact import ExactParts
from embeddings.fusion import Ranking, reciprocal_rank_fusion
from embeddings.language import unspaced_letters
from embeddings.lexical import PHRASE_WORDS
from embeddings.ordering import (
    RankedPassages,
    by_evidence,
    few_first,
    in_order,
    mixed,
    profiles_first,
)
from embeddings.question import PreparedQuery
from embeddings.records import Records, subword_codes, word_codes
from embeddings.scoring import (
    SUBWORD,
    WORD,
    LexicalScorer,
    Placement,
    Scores,
    TokenQuery,
    codes_of,
    tokens_of,
)
from embeddings.types import Entity, Reason
from embeddings.view import IndexView

SENTENCE_SHARE = 0.5
"""Share of the best sentence in a passage's similarity; the passage as a whole has the rest."""
_BY_WORDS = 0.5
"""Coverage from which a passage counts as found by its words."""
_WHOLE = 0.999
"""Coverage, a sum of many shares, from which all words are held."""
_WORDS_ENOUGH = 0.6
"""Coverage from which a question counts as answered by words alone."""
_NAMED_PLACE = 0.8
"""What of the floor is enough for a question that names a country. Measured: all of 143 needs are
answered instead of 142; of 760 questions about anything at all, in 19 languages, 18 more are."""
_SAID_ENOUGH = 0.3
"""Share of what is asked that a passage must say to be good by itself. Of the passages that
`/compare/ask` shows for 90 needs, 40 of 64 answer with it; without, 45 of 113."""
_ANY_REASON = (1 << len(Reason)) - 1
_GLOSSARY = 1 << list(Reason).index(Reason.GLOSSARY)
_TAIL = 0.2
"""Share of the best similarity from which a passage still belongs to the answer."""
_AS_GOOD = 0.5
"""Share of the best passage's score from which another version of the work may be shown."""
_EXPANSION_WEIGHT = 0.25
"""Weight of the glossary ranking against 1.0 for the dense one."""
_SAID_WEIGHT = 1.0
"""Weight of saying what is asked in whatever words, likewise. Decision 0013."""
_NAMED_WEIGHT = 1.5
"""Weight of being about the country or programme that the question names, likewise."""
_MENTION = 0.8
"""Share of that weight for a passage that names the country and is filed elsewhere."""
_IN_TITLE = 2.0
"""Exactness from which a title has what is looked for."""
_TITLE_LEVEL = 3.0
"""Exactness of a document that is itself of the day that was asked for."""


def rank_works(
    view: IndexView, query: PreparedQuery, selection: Selection, config: EmbeddingsConfig
) -> RankedPassages:
    """Return the passages that answer among those selected, and the works in order."""
    found = _found(view, query, selection, config)
    about = _about(view, query, found.scorer, found.slots)
    fused = reciprocal_rank_fusion(
        [
            Ranking(scores=found.similarities, ranked=found.similarities > -1),
            _by_words(query, found.scorer, found.coverage, config.lexical_weight),
            _by_glossary(query, found.scorer),
            _by_what_is_said(found.said, found.similarities),
            _by_what_is_named(about),
        ],
        constant=config.rrf_constant,
    )
    kept = found.kept
    ranked = in_order(
        view,
        found.slots[kept],
        found.exact[kept] + fused[kept],
        found.similarities[kept],
        found.reasons[kept],
        found.records,
    )
    if query.exact and found.exact.any():
        return ranked
    ranked = mixed(view, by_evidence(view, ranked))
    ranked = few_first(ranked, [found.slots[one] for one in (found.in_a_row, found.whole)])
    return profiles_first(view, ranked, query.profiles) if query.profiles else ranked


def works_answering(
    view: IndexView, query: PreparedQuery, selection: Selection, config: EmbeddingsConfig
) -> NDArray[np.int32]:
    """Return the numbers of the works that `rank_works` finds, in no order and without its scores."""
    found = _found(view, query, selection, config)
    works: NDArray[np.int32] = np.unique(view.columns.works_of(found.slots[found.kept]))
    return works


def _found(
    view: IndexView, query: PreparedQuery, selection: Selection, config: EmbeddingsConfig
) -> "_Candidates":
    """Return the candidates among what is selected.

    Whether a question is answered does not depend on filters. A facet counts what is found without
    its own filter; who chooses a value must find those works, though none of them would answer alone.
    """
    if not selection.filters:
        return _Candidates(view, query, selection, config)

    def cut() -> _Cut:
        everything = view.columns.select(
            filters={}, barred_scopes=selection.barred_scopes, now=selection.now
        )
        return _Candidates(view, query, everything, config).cut

    return _Candidates(view, query, selection, config, cut)


class _Candidates:
    """Passages that may answer, with all that decides which of them do.

    Args:
        view: Where they are.
        query: What is asked.
        selection: What may be found.
        config: How many are looked at.
        cut: Asked for the cut where none of them answers.
    """

    def __init__(
        self,
        view: IndexView,
        query: PreparedQuery,
        selection: Selection,
        config: EmbeddingsConfig,
        cut: "Callable[[], _Cut] | None" = None,
    ) -> None:
        self._view = view
        self._query = query
        parts = _exact_placements(view, query.exact)
        self.slots = candidates_of(view, query, selection, config)
        self.records = view.records(self.slots)
        self.scorer = LexicalScorer(
            self.records,
            view.counts,
            query.tokens,
            [tokens_of(query.expansions), tokens_of(query.place_names), _asked_in(parts)],
        )
        self.similarities = _similarities(query, self.records)
        self.coverage = self.scorer.coverage()
        self._told = self._shares_told()
        by_glossary = self.scorer.hold(query.expansions)
        self.exact = _exactness(view, query.exact, parts, self.scorer, self.records)
        self.cut = _Cut.of(
            self.similarities,
            self._told,
            sure=self.scorer.hold(query.telling) | (self.exact > 0) | self._about_a_place(),
            floor=_floor(view),
            named=query.named,
            only_good=query.only_good,
        )
        if not self.cut.answered and cut is not None:
            self.cut = cut()
        self.reasons = self.cut.reasons(self.similarities, self.coverage, by_glossary, self.exact)

    def _shares_told(self) -> Scores:
        """Return the share of the question that each holds, for telling whether it is answered.

        Accents that were typed count, as in the names of terms: "vé" (ticket) is in no text that has
        "về" (about) or "vẽ" (to draw). Several words in a row are the same ones without them too:
        a name from Viet Nam in an English text.
        """
        if not (self._query.accented and self._query.tokens.subwords):
            return self.coverage
        words = codes_of(word_codes(self._query.words))
        in_a_row = self.scorer.hold([((), words)] if len(words) > 1 else [])
        told: Scores = np.maximum(self.scorer.coverage(kinds=[SUBWORD]), in_a_row)
        return told

    @property
    def whole(self) -> Mask:
        """Which hold all words of the question; unknown of scripts that write none apart."""
        if unspaced_letters(self._query.text):
            return np.zeros(len(self.slots), bool)
        held: Mask = self._told >= _WHOLE
        return held

    @property
    def in_a_row(self) -> Mask:
        """Which hold the question as it was typed; a single word with its accents."""
        subwords, words = self._query.tokens.subwords, self._query.words
        tells_by_accents = self._query.accented and len(words) == 1
        folded = () if tells_by_accents else codes_of(word_codes(words))
        return self.scorer.hold([(tuple(subwords), folded)])

    def _about_a_place(self) -> Mask:
        """Return which have in their title the name of a place that is asked about."""
        if not self._query.unfiled:
            return np.zeros(len(self.slots), bool)
        names = [Placement(kind=WORD, tokens=words) for words in self._query.unfiled if words]
        held: Mask = self.scorer.exact([names], self.records.title_words) >= _IN_TITLE
        return held

    @cached_property
    def said(self) -> Scores | None:
        """The share of what is asked that each says, which takes long to tell; see `_said`."""
        return _said(self._view, self._query, self.scorer)

    @property
    def kept(self) -> Mask:
        """Which of them answer."""
        kept: Mask = self.reasons & self.cut.sufficient > 0
        if self._query.only_good and self.said is not None:
            kept &= (self.said >= _SAID_ENOUGH) | (self.similarities == -1) | (self.exact > 0)
        if not self.cut.answered:
            kept[:] = False
        return kept


def list_works(view: IndexView, selection: Selection) -> RankedPassages:
    """Return every selected work, newest first: browsing without a question."""
    documents = selection.documents.nonzero()[0]
    slots = view.columns.first_slots(documents)
    dates = view.columns.dates_of(view.columns.document_of_slot.values[slots]).astype(np.float64)
    count = len(slots)
    return in_order(view, slots, dates, np.full(count, -1.0, np.float32), np.zeros(count, np.uint8))


def shown(
    view: IndexView, found: RankedPassages, place: int, languages: Sequence[str]
) -> tuple[int, tuple[str, ...]]:
    """Return which passage of a work is shown, and the languages in which the work was found.

    Of the versions that answer about as well, the one the reader would rather read is shown.
    """
    places = found.of_work(place)
    documents = [view.columns.document_of(slot) for slot in found.slots[places].tolist()]
    good = found.scores[places] >= _AS_GOOD * found.scores[place]

    def preference(number: int) -> tuple[int, bool, int]:
        document = documents[number]
        if document.language in languages:
            return languages.index(document.language), False, number
        return len(languages), not document.is_original, number

    chosen = min(good.nonzero()[0].tolist(), key=preference)
    return int(places[chosen]), tuple(sorted({document.language for document in documents}))


# --- Scores ---------------------------------------------------------------------------------------


def _similarities(query: PreparedQuery, records: Records) -> Scores:
    """Return the similarity of each candidate, −1 where there is none to know."""
    if query.vector is None or not np.any(query.vector):
        return np.full(len(records.slots), -1.0, np.float32)
    return records.similarities(query.vector, sentence_share=SENTENCE_SHARE)


def _by_words(
    query: PreparedQuery, scorer: LexicalScorer, coverage: Scores, weight: float
) -> Ranking:
    scores = scorer.bm25()
    if len(query.words) in PHRASE_WORDS:
        scores = scores + scorer.phrase(codes_of(word_codes(query.words)))
    return Ranking(scores=scores, ranked=scores > 0, weight=weight, share=coverage)


def _by_glossary(query: PreparedQuery, scorer: LexicalScorer) -> Ranking:
    scores = scorer.bm25_of(tokens_of(query.expansions))
    return Ranking(scores=scores, ranked=scores > 0, weight=_EXPANSION_WEIGHT)


def _said(view: IndexView, query: PreparedQuery, scorer: LexicalScorer) -> Scores | None:
    """Return the share of what is asked that each candidate says in whatever words.

    None where nothing is known of the meaning of words.
    """
    if view.encoder is None or view.encoder.pieces is None:
        return None
    return scorer.said(query.asked_subwords, view.encoder.pieces)


def _by_what_is_said(said: Scores | None, similarities: Scores) -> Ranking:
    """Return the ranking by what is said, of the passages that the encoder in force has read."""
    known = np.zeros(len(similarities), np.float32) if said is None else said
    ranked = (known > 0) & (similarities > -1)
    return Ranking(scores=known, ranked=ranked, weight=_SAID_WEIGHT, share=known)


def _by_what_is_named(about: Scores) -> Ranking:
    return Ranking(scores=np.ones(len(about)), ranked=about > 0, weight=_NAMED_WEIGHT, share=about)


def _about(view: IndexView, query: PreparedQuery, scorer: LexicalScorer, slots: Numbers) -> Scores:
    """Return how surely each candidate is about what the question names, from 0 to 1.

    A name that nine programmes share says a ninth about each.
    """
    about = np.where(scorer.hold(query.place_names), np.float32(_MENTION), np.float32(0))
    for facet, values in facet_values(query.named).items():
        filed = view.columns.filed_under(facet, values, slots)
        about = np.maximum(about, np.where(filed, 1.0 / len(values), 0.0))
    scores: Scores = about.astype(np.float32)
    return scores


def _exact_placements(view: IndexView, exact: ExactParts) -> list[list[Placement]]:
    """Return the alternatives of each part that must be matched to the letter."""

    def row(words: Sequence[str]) -> Placement:
        return Placement(kind=WORD, tokens=_codes(words))

    parts = []
    for phrase in exact.phrases:
        subwords = view.encoder.subwords(phrase.text) if view.encoder is not None else []
        in_subwords = Placement(kind=SUBWORD, tokens=codes_of(subword_codes(subwords)))
        parts.append([row(phrase.words) if phrase.words else in_subwords])
    for code in exact.codes:
        close = (_codes(sorted(one)) for one in code.spellings)
        parts.append([Placement(kind=WORD, tokens=tokens, slack=1) for tokens in close])
    parts.extend([row(one) for one in date.rows] for date in exact.dates)
    return parts


def _codes(words: Sequence[str]) -> tuple[int, ...]:
    return codes_of(word_codes(words))


def _asked_in(parts: Sequence[Sequence[Placement]]) -> TokenQuery:
    placements = [placement for part in parts for placement in part]
    return TokenQuery(
        [token for one in placements if one.kind == SUBWORD for token in one.tokens],
        [token for one in placements if one.kind == WORD for token in one.tokens],
    )


def _exactness(
    view: IndexView,
    exact: ExactParts,
    parts: Sequence[Sequence[Placement]],
    scorer: LexicalScorer,
    records: Records,
) -> Scores:
    """Return 0, or from 1 on, for holding every part; a document of the day itself has most."""
    if not parts:
        return np.zeros(len(records.slots), np.float32)
    scores = scorer.exact(parts, records.title_words)
    if exact.dates and not exact.phrases and not exact.codes:
        days = [view.columns.dated_on(one.iso, records.slots) for one in exact.dates]
        scores = np.where(np.logical_or.reduce(days), np.float32(_TITLE_LEVEL), scores)
    return scores


# --- Which stay, and in which order ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which passages stay: none when nothing answers, else all but the far tail."""

    answered: bool
    lowest: float
    """Similarity from which a passage is found by its meaning."""
    by_words: float = _BY_WORDS
    """Coverage from which one is found by its words."""
    sufficient: int = _ANY_REASON
    """Reasons, as bits, of which one is enough."""

    @classmethod
    def of(
        cls,
        similarities: Scores,
        coverage: Scores,
        *,
        sure: Mask,
        floor: float,
        named: Sequence[Entity],
        only_good: bool,
    ) -> "_Cut":
        """Return the cut for one question, by how good the best of it is.

        A question that names a programme is one for this collection. One that names a country may
        be about anything there, but it need not be so near.
        """
        if only_good:
            return cls(True, floor, _WORDS_ENOUGH, _ANY_REASON & ~_GLOSSARY)
        nearest = float(similarities.max(initial=0.0))
        answered = (
            any(not one.is_place for one in named)
            or nearest >= floor * (_NAMED_PLACE if named else 1)
            or bool(sure.any())
            or float(coverage.max(initial=0.0)) >= _WORDS_ENOUGH
        )
        return cls(answered, _TAIL * max(nearest, floor))

    def reasons(
        self, similarities: Scores, coverage: Scores, by_glossary: Mask, exact: Scores
    ) -> NDArray[np.uint8]:
        """Return why each passage was found, as bits in the order of `Reason`; 0 for not at all."""
        holds: Mapping[Reason, Mask] = {
            Reason.MEANING: (similarities > 0) & (similarities >= self.lowest),
            Reason.WORDS: (coverage >= self.by_words) & (exact == 0),
            Reason.GLOSSARY: by_glossary,
            Reason.EXACT: exact > 0,
        }
        bits = np.zeros(len(similarities), np.uint8)
        for bit, reason in enumerate(Reason):
            bits |= holds[reason].astype(np.uint8) << np.uint8(bit)
        return bits


def _floor(view: IndexView) -> float:
    if view.encoder is None or view.encoder.score_floor is None:
        return 0.0
    return view.encoder.score_floor

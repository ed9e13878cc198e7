"""Which passages are looked at: what each index proposes. Their scores come from their records."""

from collections.abc import Sequence

import numpy as np

from embeddings.columns import Numbers, Selection
from embeddings.conf import EmbeddingsConfig
from embeddings.exact import ExactParts
from embeddings.lexical import PHRASE_WORDS, ExactWords
from embeddings.question import PreparedQuery
from embeddings.records import word_codes
from embeddings.scoring import SUBWORD, WORD, TokenQuery, tokens_of
from embeddings.terms import TermCounts
from embeddings.view import IndexView

_FEWER_OF_FEWER = 0.25
"""How the candidates become fewer as a filter narrows what there is, as an exponent of its share."""
_FEWEST_CANDIDATES = 100
_BY_MEANING = 0.5
"""Of a large collection the dense index proposes so many times as many as the lexical one: with as
many a third more passages were looked at, in no better order (decision 0008)."""
_COMMON = 0.1
"""Share of the passages from which a token chooses no candidates."""
_FEW_PASSAGES = 5_000
"""Passages up to which every token may choose."""
_RARE_TOKENS = 2
"""Tokens that choose in any case, the rarest first."""


def candidates_of(
    view: IndexView, query: PreparedQuery, selection: Selection, config: EmbeddingsConfig
) -> Numbers:
    """Return the slots that are looked at, in ascending order."""
    limit = by_meaning = config.candidates
    if view.columns.count_passages() >= config.int8_from:
        narrowed = round(config.candidates_when_large * selection.share**_FEWER_OF_FEWER)
        limit = max(_FEWEST_CANDIDATES, narrowed)
        by_meaning = round(_BY_MEANING * limit)
    found = [np.zeros(0, np.int64)]
    if view.dense is not None and query.vector is not None:
        found.append(view.dense.search(query.vector, selection=selection, limit=by_meaning)[0])
    phrase = query.words if len(query.words) in PHRASE_WORDS else ()
    found.append(_sharing(view, query.tokens, query.words, phrase, selection, limit))
    if query.expansions:
        expanded = tokens_of(query.expansions)
        found.append(_sharing(view, expanded, query.expansion_words, (), selection, limit))
    if query.exact:
        found += _exact_candidates(view, query.exact, selection, limit)
    return np.unique(np.concatenate(found))


def _sharing(
    view: IndexView,
    tokens: TokenQuery,
    words: Sequence[str],
    phrase: Sequence[str],
    selection: Selection,
    limit: int,
) -> Numbers:
    spelt = dict(zip(word_codes(words).tolist(), words, strict=True))
    weights = [
        _telling(view.counts[SUBWORD], tokens.subwords),
        _telling(view.counts[WORD], list(spelt)),
    ]
    return view.lexical.search(
        subwords=weights[SUBWORD],
        words={spelt[code]: weight for code, weight in weights[WORD].items()},
        phrase=phrase,
        selection=selection,
        limit=limit,
    )


def _telling(counts: TermCounts, tokens: Sequence[int]) -> dict[int, float]:
    """Return token → what it tells in its own language, as a factor on what it tells of all.

    In a large collection the commonest tokens cost most and choose least; they are left out.
    """
    total = counts.passages_of_all
    told = {
        token: (frequency, information)
        for token, (frequency, information) in counts.told(tokens).items()
        if frequency > 0
    }
    if total > _FEW_PASSAGES:
        rarest = sorted(told, key=lambda token: told[token][0])
        told = {
            token: told[token]
            for place, token in enumerate(rarest)
            if place < _RARE_TOKENS or told[token][0] <= _COMMON * total
        }
    return {
        token: information / idf_of_all
        for token, (frequency, information) in told.items()
        if (idf_of_all := counts.idf_of_all(frequency)) > 0
    }


def _exact_candidates(
    view: IndexView, exact: ExactParts, selection: Selection, limit: int
) -> list[Numbers]:
    """Return slots that may hold what must be matched to the letter.

    A phrase in a script without spaces has no words; it is found by its subwords.
    """
    parts = [
        *([ExactWords(phrase.words, in_a_row=True)] for phrase in exact.phrases if phrase.words),
        *(
            [ExactWords(tuple(one), in_a_row=False) for one in code.spellings]
            for code in exact.codes
        ),
        *([ExactWords(row, in_a_row=True) for row in one.rows] for one in exact.dates),
    ]
    found = [view.columns.first_slots_dated(one.iso, selection, limit) for one in exact.dates]
    if parts:
        found.append(view.lexical.exact(parts, selection=selection, limit=limit))
    return found

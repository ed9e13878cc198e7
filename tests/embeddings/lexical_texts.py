"""A small lexical side for tests: texts as an index and as records, both scored as a search does."""

from collections.abc import Sequence

import numpy as np

from embeddings.columns import Selection
from embeddings.language import folded_words
from embeddings.lexical import LexicalIndex, LexicalText, spelt
from embeddings.records import PassageRecord, RecordArrays, word_codes
from embeddings.scoring import LexicalScorer, Row, TokenQuery, codes_of
from embeddings.terms import TermCounts


def bigrams(text: str) -> list[int]:
    """What a subword tokenizer does to a script without spaces, roughly."""
    packed = "".join(text.split()).casefold()
    pairs = (packed[at : at + 2] for at in range(len(packed) - 1))
    return word_codes([pair + "#" for pair in pairs]).tolist()


def tokens(text: str, *, subwords: bool = True, words: bool = True) -> tuple[Row, Row]:
    return (
        tuple(bigrams(text)) if subwords else (),
        codes_of(word_codes(folded_words(text))) if words else (),
    )


def record(text: str, *, title: str = "") -> PassageRecord:
    subwords, words = tokens(f"{title} {text}")
    return PassageRecord(
        codes=np.empty((0, 4), np.int8),
        scales=np.empty(0, np.float32),
        sentences=0,
        subwords=np.array(subwords, np.uint32),
        words=np.array(words, np.uint32),
        title_words=len(folded_words(title)),
    )


def lexical_text(text: str, *, tags: str = "", title: str = "") -> LexicalText:
    (subwords,) = spelt([np.array(bigrams(text), np.uint32)])
    return LexicalText(
        subwords=subwords, words=" ".join(folded_words(text)), tags=tags, title=title
    )


def index_of(*texts: str) -> LexicalIndex:
    made = LexicalIndex()
    made.add({slot: lexical_text(text) for slot, text in enumerate(texts)})
    made.commit()
    return made


def select(*slots: int, of: int = 200, **filters: list[str]) -> Selection:
    mask = np.zeros(of, dtype=bool)
    mask[list(slots) or slice(None)] = True
    return Selection(
        documents=mask, slots=mask, share=1.0, filters=filters, barred_scopes=frozenset(), now=0.0
    )


def find(
    made: LexicalIndex, query: str, *, selection: Selection | None = None, **kinds: bool
) -> list[int]:
    subwords, words = kinds.get("subwords", True), kinds.get("words", True)
    found = made.search(
        subwords=dict.fromkeys(bigrams(query), 1.0) if subwords else {},
        words=dict.fromkeys(folded_words(query), 1.0) if words else {},
        phrase=folded_words(query) if words else (),
        selection=selection or select(),
        limit=50,
    )
    return found.tolist()


def scorer_of(
    texts: Sequence[str | tuple[str, str]],
    query: str,
    *,
    others: Sequence[TokenQuery] = (),
    languages: Sequence[int] = (),
    **kinds: bool,
) -> LexicalScorer:
    """Score texts, or (title, text) pairs, that are the whole collection."""
    arrays = RecordArrays(4)
    counts = (TermCounts(), TermCounts())
    for number, text in enumerate(texts):
        made = record(text) if isinstance(text, str) else record(text[1], title=text[0])
        arrays.append(made)
        for count, values in zip(counts, (made.subwords, made.words), strict=True):
            count.add(values, languages[number] if languages else 1)
    records = arrays.gather(np.arange(len(texts)))
    return LexicalScorer(records, counts, TokenQuery(*tokens(query, **kinds)), others)

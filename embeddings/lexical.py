"""Lexical index: tantivy (BM25) over the encoder's subword ids and over folded words.

Subword ids need no word segmenter, so Thai, Lao, Khmer, Burmese, Japanese and Chinese are found
inside running text. Folded words serve unaccented typing, numbers, codes and names. The index
lives in memory, a view of the passage rows.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from embeddings.columns import Mask
from embeddings.language import fold

_WORD = re.compile(r"\w+")
_LONGEST_WORD = 24
_COMMON = 0.10
"""Subwords in more than this share of passages are dropped from long queries."""
_LONG_QUERY = 4
_WRITER_HEAP_BYTES = 15_000_000
_PHRASE_BOOST = 2.0
_PHRASE_WORDS = range(2, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalText:
    """The tokens of one passage, separated by spaces."""

    subwords: str
    words: str


def folded_words(text: str) -> list[str]:
    """Return the words of the text, folded; runs of scripts without spaces are left out."""
    return [word for word in _WORD.findall(fold(text)) if len(word) <= _LONGEST_WORD]


class LexicalIndex:
    """BM25 over slots. Same texts give the same scores whatever was removed before."""

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("slot", indexed=True, fast=True)
        builder.add_text_field("subwords", tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="position")
        self._schema = builder.build()
        self._texts: dict[int, LexicalText] = {}
        self._open()

    def _open(self) -> None:
        self._index = tantivy.Index(self._schema)
        self._writer = self._index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, texts: Mapping[int, LexicalText]) -> None:
        """Add passages by slot."""
        self._texts.update(texts)
        self._write(texts.items())

    def remove(self, slots: Iterable[int]) -> None:
        """Remove passages.

        The index is written anew: tantivy counts removed passages in its document frequencies
        until segments merge, and a score must not depend on what was once there.
        """
        removed = [slot for slot in slots if self._texts.pop(slot, None) is not None]
        if removed:
            self._open()
            self._write(self._texts.items())

    def _write(self, texts: Iterable[tuple[int, LexicalText]]) -> None:
        for slot, text in texts:
            document = tantivy.Document()
            document.add_unsigned("slot", slot)
            document.add_text("subwords", text.subwords)
            document.add_text("words", text.words)
            self._writer.add_document(document)
        self._writer.commit()
        self._index.reload()

    def search(
        self, *, subwords: Sequence[str], words: Sequence[str], allowed: Mask, limit: int
    ) -> list[tuple[int, float]]:
        """Return (slot, BM25 score) of allowed passages that share a token, best first."""
        if not self._texts or not allowed.any():
            return []
        searcher = self._index.searcher()
        wanted = [
            *self._terms("subwords", self._without_common(searcher, subwords)),
            *self._terms("words", words),
        ]
        if not wanted:
            return []
        if len(words) in _PHRASE_WORDS:
            phrase = Query.phrase_query(self._schema, "words", list(words))
            wanted.append((Occur.Should, Query.boost_query(phrase, _PHRASE_BOOST)))
        query = Query.boolean_query(wanted)
        if not allowed.all():
            only = Query.term_set_query(self._schema, "slot", allowed.nonzero()[0].tolist())
            query = Query.boolean_query(
                [(Occur.Must, query), (Occur.Must, Query.const_score_query(only, 0.0))]
            )
        hits = searcher.search(query, limit, count=False).hits
        slots = searcher.fast_field_values("slot", [address for _, address in hits])
        return [
            (int(slot or 0), float(score)) for slot, (score, _) in zip(slots, hits, strict=True)
        ]

    def coverage(
        self, slots: Iterable[int], *, subwords: Sequence[str], words: Sequence[str]
    ) -> dict[int, float]:
        """Return slot → share of the query's information (idf) that its text holds, 0 to 1.

        The better of the two token kinds counts: subwords serve scripts without spaces, folded
        words serve typing without accents.
        """
        searcher = self._index.searcher()
        subword_weights = self._weights(searcher, "subwords", subwords)
        word_weights = self._weights(searcher, "words", words)
        shares = {}
        for slot in slots:
            text = self._texts[slot]
            shares[slot] = max(
                _share(subword_weights, text.subwords), _share(word_weights, text.words)
            )
        return shares

    def _weights(
        self, searcher: tantivy.Searcher, field: str, tokens: Sequence[str]
    ) -> dict[str, float]:
        total = len(self._texts)
        weights = {}
        for token in dict.fromkeys(tokens):
            frequency = searcher.doc_freq(field, token)
            weights[token] = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
        return weights

    def _terms(self, field: str, tokens: Iterable[str]) -> list[tuple[Occur, Query]]:
        return [
            (Occur.Should, Query.term_query(self._schema, field, token))
            for token in dict.fromkeys(tokens)
        ]

    def _without_common(self, searcher: tantivy.Searcher, tokens: Sequence[str]) -> list[str]:
        if len(tokens) <= _LONG_QUERY:
            return list(tokens)
        ceiling = max(1.0, _COMMON * searcher.num_docs)
        return [token for token in tokens if searcher.doc_freq("subwords", token) <= ceiling]


def _share(weights: Mapping[str, float], text: str) -> float:
    total = sum(weights.values())
    if not total:
        return 0.0
    present = set(text.split(" "))
    return sum(weight for token, weight in weights.items() if token in present) / total

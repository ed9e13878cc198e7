"""Lexical index: tantivy (BM25) over the encoder's subword ids and over folded words.

Subword ids need no word segmenter, so Thai, Lao, Khmer, Burmese, Japanese and Chinese are found
inside running text. Folded words serve unaccented typing, numbers, codes and names. The index
lives in memory, a view of the passage rows.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from embeddings.columns import Mask
from embeddings.language import fold

# Letters and digits with the marks that stand on them: \w alone cuts Thai at its vowels.
_MARKS = "\u0300-\u036f\u0610-\u065f\u0900-\u109f\u0e00-\u0e3e\u0e40-\u0eff\u135d-\u135f\u1780-\u17d3\u17d7-\u17ff"
_WORD = re.compile(rf"[\w{_MARKS}]+")
_LONGEST_WORD = 24
_FIELDS = ("subwords", "words")
_ALL = ""
"""Stands for all languages together."""
_ENOUGH_OF_A_LANGUAGE = 20
"""Passages from which a language's own word frequencies can be trusted."""
_WRITER_HEAP_BYTES = 15_000_000
_PHRASE_BOOST = 2.0
_PHRASE_WORDS = range(2, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalText:
    """The tokens of one passage, separated by spaces."""

    subwords: str
    words: str
    language: str


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
        self._tokens: dict[int, dict[str, frozenset[str]]] = {}
        self._frequencies = {field: defaultdict[str, Counter[str]](Counter) for field in _FIELDS}
        self._passages_in = Counter({_ALL: 0})
        self._open()

    def _open(self) -> None:
        self._index = tantivy.Index(self._schema)
        self._writer = self._index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, texts: Mapping[int, LexicalText]) -> None:
        """Add passages by slot."""
        self._texts.update(texts)
        for slot, text in texts.items():
            self._tokens[slot] = {
                field: frozenset(getattr(text, field).split(" ")) for field in _FIELDS
            }
            self._count(slot, 1)
        self._write(texts.items())

    def remove(self, slots: Iterable[int]) -> None:
        """Remove passages.

        The index is written anew: tantivy counts removed passages in its document frequencies
        until segments merge, and a score must not depend on what was once there.
        """
        removed = [slot for slot in slots if slot in self._texts]
        for slot in removed:
            self._count(slot, -1)
            del self._texts[slot], self._tokens[slot]
        if removed:
            self._open()
            self._write(self._texts.items())

    def _count(self, slot: int, step: int) -> None:
        for language in (_ALL, self._texts[slot].language):
            self._passages_in[language] += step
            for field, tokens in self._tokens[slot].items():
                counter = self._frequencies[field][language]
                for token in tokens:
                    counter[token] += step

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
    ) -> dict[int, float]:
        """Return slot → BM25 score of the best allowed passages that share a token."""
        if not self._texts or not allowed.any():
            return {}
        wanted = [*self._terms("subwords", subwords), *self._terms("words", words)]
        if not wanted:
            return {}
        if len(words) in _PHRASE_WORDS:
            phrase = Query.phrase_query(self._schema, "words", list(words))
            wanted.append((Occur.Should, Query.boost_query(phrase, _PHRASE_BOOST)))
        query = Query.boolean_query(wanted)
        if not allowed.all():
            only = Query.term_set_query(self._schema, "slot", allowed.nonzero()[0].tolist())
            query = Query.boolean_query(
                [(Occur.Must, query), (Occur.Must, Query.const_score_query(only, 0.0))]
            )
        searcher = self._index.searcher()
        hits = searcher.search(query, limit, count=False).hits
        slots = searcher.fast_field_values("slot", [address for _, address in hits])
        return {int(slot or 0): score for slot, (score, _) in zip(slots, hits, strict=True)}

    def coverage(
        self, slots: Iterable[int], *, subwords: Sequence[str], words: Sequence[str]
    ) -> dict[int, float]:
        """Return slot → share of the query's information (idf) that its text holds, 0 to 1.

        The better of the two token kinds counts: subwords serve scripts without spaces, folded
        words serve typing without accents.
        """
        shares = dict.fromkeys(slots, 0.0)
        for field, tokens in zip(_FIELDS, (subwords, words), strict=True):
            weights = self._weights(field, tokens)
            total = sum(weights.values())
            if not total:
                continue
            informative = list(weights.items())
            for slot, share in shares.items():
                present = self._tokens[slot][field]
                held = sum([weight for token, weight in informative if token in present])
                shares[slot] = max(share, held / total)
        return shares

    def holding(
        self, slots: Iterable[int], names: Sequence[tuple[Sequence[str], Sequence[str]]]
    ) -> frozenset[int]:
        """Return the slots whose texts hold the tokens of one of the names in a row.

        Args:
            slots: Where to look.
            names: (subwords, words) of each name. All tokens in any order would not do: nearly
                every Vietnamese text has the two syllables of "Ấn Độ" (India) somewhere.
        """
        everywhere = {field: self._frequencies[field][_ALL] for field in _FIELDS}
        wanted = {
            (field, frozenset(tokens), f" {' '.join(tokens)} ")
            for name in names
            for field, tokens in zip(_FIELDS, name, strict=True)
            if tokens and all(everywhere[field][token] for token in tokens)
        }
        return frozenset(
            slot
            for slot in slots
            if any(
                tokens <= self._tokens[slot][field]
                and row in f" {getattr(self._texts[slot], field)} "
                for field, tokens, row in wanted
            )
        )

    def _weights(self, field: str, tokens: Iterable[str]) -> dict[str, float]:
        return {token: self._information(field, token) for token in dict.fromkeys(tokens)}

    def _information(self, field: str, token: str) -> float:
        """Return what a token tells: its idf in the language where it is commonest.

        In a collection of many languages every "the" is rare; it is common in its own. A word
        that says nothing in one language must not decide between passages.
        """
        return min(
            _idf(self._frequencies[field][language][token], passages)
            for language, passages in self._passages_in.items()
            if language == _ALL or passages >= _ENOUGH_OF_A_LANGUAGE
        )

    def _terms(self, field: str, tokens: Iterable[str]) -> list[tuple[Occur, Query]]:
        """Return one optional term each, its BM25 weight by what it tells in its own language."""
        terms = []
        for token, information in self._weights(field, tokens).items():
            term = Query.term_query(self._schema, field, token)
            everywhere = self._frequencies[field][_ALL][token]
            boost = information / _idf(everywhere, self._passages_in[_ALL])
            terms.append((Occur.Should, Query.boost_query(term, boost)))
        return terms


def _idf(frequency: int, total: int) -> float:
    """Return BM25's inverse document frequency, always above zero."""
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))

"""Lexical index: tantivy over the encoder's subword ids and over folded words; it finds candidates.

Subword ids need no word segmenter, so Thai, Lao, Khmer, Burmese, Japanese and Chinese are found
inside running text. Folded words serve unaccented typing, numbers, codes and names. tantivy's
statistics depend on what was there once; so it only chooses which passages are looked at, and
`embeddings.scoring` gives them scores that do not.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from tantivy import Occur, Query

from embeddings.columns import Numbers, Selection
from embeddings.language import folded_runs, unspaced_letters
from embeddings.records import Tokens
from embeddings.spelling import correction, fuzzy_terms

_WRITER_HEAP_BYTES = 15_000_000
_BUILDER_HEAP_BYTES = 120_000_000
_PHRASE_BOOST = 2.0
PHRASE_WORDS = range(2, 7)
_FIRST_CHARACTER = 0x10000
_SPELT_LENGTH = 3
_SCOPE_STEP = 4
"""Characters of one step of a scope: of each document every prefix of whole steps is indexed."""
_TIDYING_SECONDS = 0.001
"""For how long tantivy removes files after a commit. Under the same lock it reloads, and who meets
a taken lock waits for 100 ms: seen after half of all commits, and after none with this pause."""
_MOST_ENDINGS = 64
"""How many words that begin as typed a suggestion looks for."""
_MOST_DEAD = 2_000
"""How many dead passages a search looks past."""


@dataclass(frozen=True, slots=True)
class ExactWords:
    """Folded words that a text must hold, in a row or anywhere."""

    words: Sequence[str]
    in_a_row: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalText:
    """The tokens of one passage."""

    subwords: str
    """As `spelt` spells them."""
    words: str
    """Folded, in order, with a space between."""
    tags: str
    """What filters and rights ask for: `facet=value`, and `^` with each prefix of the scope."""
    title: str = ""
    """Title of the document, in its first passage only."""


def tags_of(facets: Mapping[str, Sequence[str]], scope: str) -> list[str]:
    """Return the tags of a document."""
    filed = [_tag(facet, value) for facet, values in facets.items() for value in values]
    steps = range(_SCOPE_STEP, len(scope) + 1, _SCOPE_STEP)
    return [*filed, *("^" + scope[:end] for end in steps)]


def spelt(texts: Sequence[Tokens]) -> list[str]:
    """Return the subword codes of some texts, each as a text of one word a code.

    A code is two characters, one for each half of it, beyond those that any script's text is made
    of; so NumPy spells those of a document at once, in a sixth of the time of digits.
    """
    codes = np.concatenate([np.empty(0, np.uint32), *texts])
    characters = np.full((len(codes), _SPELT_LENGTH), ord(" "), "<u4")
    characters[:, 0] = (codes >> 16) + _FIRST_CHARACTER
    characters[:, 1] = (codes & 0xFFFF) + _FIRST_CHARACTER
    spelt_codes = characters.tobytes().decode("utf-32-le")
    ends = [0, *(np.cumsum([len(text) for text in texts]) * _SPELT_LENGTH).tolist()]
    return [spelt_codes[begin:end] for begin, end in pairwise(ends)]


def _tag(facet: str, value: str) -> str:
    return f"{facet}={'_'.join(value.split())}"


def title_tokens(title: str) -> list[str]:
    """Return what suggestions look for in a title: its words, and where no spaces are its letters.

    In scripts without spaces a word may begin at any letter; single ones and pairs serve that.
    """
    tokens = []
    for word in folded_runs(title):
        tokens.append(word)
        if unspaced_letters(word):
            tokens += [
                word[at : at + size] for size in (1, 2) for at in range(len(word) - size + 1)
            ]
    return list(dict.fromkeys(tokens))


def begun_tokens(typed: str) -> list[str]:
    """Return the title tokens that a typed beginning asks for; the last may go on."""
    tokens = []
    for word in folded_runs(typed):
        pairs = [word[at : at + 2] for at in range(len(word) - 1)] if unspaced_letters(word) else []
        tokens += pairs or [word]
    return tokens


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("slot", indexed=True, fast=True)
    builder.add_text_field("subwords", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("tags", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("title", tokenizer_name="whitespace", index_option="basic")
    return builder.build()


class Segment:
    """One tantivy index over slots.

    Args:
        directory: Where its files are or will be; None keeps them in memory.
        bulk: Whether many passages are about to be written.
    """

    def __init__(self, directory: Path | None = None, *, bulk: bool = False) -> None:
        self.schema = _schema()
        path = None if directory is None else str(directory)
        self._index = tantivy.Index(self.schema, path=path)
        self._writer: Any = None
        self._heap = _BUILDER_HEAP_BYTES if bulk else _WRITER_HEAP_BYTES
        self.searcher = self._index.searcher()

    def write(self, texts: Iterable[tuple[int, LexicalText]]) -> None:
        """Add passages by slot; found after `commit`."""
        if self._writer is None:
            self._writer = self._index.writer(heap_size=self._heap, num_threads=1)
        for slot, text in texts:
            document = tantivy.Document()
            document.add_unsigned("slot", slot)
            document.add_text("subwords", text.subwords)
            document.add_text("words", text.words)
            document.add_text("tags", text.tags)
            if text.title:
                document.add_text("title", " ".join(title_tokens(text.title)))
            self._writer.add_document(document)

    def delete(self, slots: Iterable[int]) -> None:
        """Take passages out; effective after `commit`."""
        for slot in slots:
            if self._writer is None:
                return
            self._writer.delete_documents_by_query(Query.term_query(self.schema, "slot", slot))

    def commit(self) -> None:
        """Make what was written and deleted effective for searches."""
        if self._writer is not None:
            self._writer.commit()
            time.sleep(_TIDYING_SECONDS)
            self._index.reload()
            self.searcher = self._index.searcher()

    def finish(self) -> None:
        """Commit for good and let go of the writer's memory and threads."""
        self.commit()
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None
            self._index.reload()
            self.searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self.searcher.num_docs)

    def find(self, query: Any, limit: int) -> list[int]:
        """Return the slots of the best hits."""
        if limit <= 0 or not len(self):
            return []
        hits = self.searcher.search(query, limit, count=False).hits
        found = self.searcher.fast_field_values("slot", [address for _, address in hits])
        return [int(slot or 0) for slot in found]


class LexicalIndex:
    """A base that never changes and a tail, in memory, that grows.

    Args:
        base: What was built in bulk, or None to begin empty.
        base_slots: How many slots the base has; those of the tail follow.
    """

    def __init__(self, base: Segment | None = None, *, base_slots: int = 0) -> None:
        self._base = base
        self._first_in_tail = base_slots
        self._tail = Segment()
        self._dead_in_base = 0

    def __len__(self) -> int:
        in_base = len(self._base) - self._dead_in_base if self._base is not None else 0
        return in_base + len(self._tail)

    @property
    def segments(self) -> list[Segment]:
        """Return the parts, for whoever reads their vocabularies."""
        return [self._tail] if self._base is None else [self._base, self._tail]

    def add(self, texts: Mapping[int, LexicalText]) -> None:
        """Add passages by slot to the tail; found after `commit`."""
        self._tail.write(texts.items())

    def remove(self, slots: Iterable[int]) -> None:
        """Remove passages; those of the base are passed over from now on."""
        for slot in slots:
            if slot >= self._first_in_tail:
                self._tail.delete([slot])
            else:
                self._dead_in_base += 1

    def commit(self) -> None:
        """Make additions and removals effective."""
        self._tail.commit()

    def search(
        self,
        *,
        subwords: Mapping[int, float],
        words: Mapping[str, float],
        phrase: Sequence[str] = (),
        selection: Selection,
        limit: int,
    ) -> Numbers:
        """Return slots of allowed passages that share tokens with the query, best first.

        Args:
            subwords: Subword code → weight.
            words: Folded word → weight.
            phrase: Words that count more where they stand in a row; 2 to 6.
            selection: What may be found.
            limit: How many of each part at most.
        """
        return self._found_by(
            lambda segment: _shared(segment.schema, subwords, words, phrase),
            selection=selection,
            limit=limit,
        )

    def exact(
        self, parts: Sequence[Sequence[ExactWords]], *, selection: Selection, limit: int
    ) -> Numbers:
        """Return slots of allowed passages that may hold every part under one of its spellings."""
        return self._found_by(
            lambda segment: [
                (
                    Occur.Must,
                    Query.boolean_query(
                        [(Occur.Should, _exact(segment.schema, one)) for one in part]
                    ),
                )
                for part in parts
            ],
            selection=selection,
            limit=limit,
        )

    def titles_begun(self, typed: str, *, selection: Selection, limit: int) -> Numbers:
        """Return slots of first passages whose title holds what is typed, its last word begun."""
        tokens = begun_tokens(typed)
        if not tokens:
            return np.zeros(0, np.int64)

        def parts(segment: Segment) -> list[Any]:
            known = segment.searcher.terms_with_prefix("title", tokens[-1], limit=_MOST_ENDINGS)
            last = Query.term_set_query(segment.schema, "title", [term for term, _ in known])
            whole = [Query.term_query(segment.schema, "title", token) for token in tokens[:-1]]
            return [(Occur.Must, part) for part in (*whole, last)]

        return self._found_by(parts, selection=selection, limit=limit)

    def has(self, word: str, *, selection: Selection) -> bool:
        """Return True if some passage that may be found has a folded word."""

        def parts(segment: Segment) -> list[Any]:
            return [(Occur.Must, Query.term_query(segment.schema, "words", word))]

        return bool(len(self._found_by(parts, selection=selection, limit=10)))

    def spelt_alike(self, word: str, *, selection: Selection) -> str | None:
        """Return the word that a misspelt one was meant to be, of those that may be found."""
        known: list[tuple[str, int]] = []
        for segment in self.segments:
            visible = _narrowed(segment.schema, [(Occur.Must, Query.all_query())], selection)
            known += fuzzy_terms(segment.searcher, segment.schema, word, visible=visible)
        return correction(word, known)

    def _found_by(
        self, parts: Callable[[Segment], list[Any]], *, selection: Selection, limit: int
    ) -> Numbers:
        found: list[int] = []
        for segment in self.segments:
            wanted = parts(segment)
            if wanted:
                beyond = min(self._dead_in_base, _MOST_DEAD) if segment is self._base else 0
                found += segment.find(_narrowed(segment.schema, wanted, selection), limit + beyond)
        slots = np.array(found, dtype=np.int64)
        return slots if selection.slots is None else slots[selection.slots[slots]]


def _exact(schema: Any, words: ExactWords) -> Any:
    if words.in_a_row and len(words.words) > 1:
        return Query.phrase_query(schema, "words", list(words.words))
    terms = [(Occur.Must, Query.term_query(schema, "words", word)) for word in words.words]
    return Query.boolean_query(terms)


def _shared(
    schema: Any, subwords: Mapping[int, float], words: Mapping[str, float], phrase: Sequence[str]
) -> list[Any]:
    (spelt_subwords,) = spelt([np.array(list(subwords), np.uint32)])
    weights = [
        ("subwords", zip(spelt_subwords.split(), subwords.values(), strict=True)),
        ("words", words.items()),
    ]
    wanted = [
        (Occur.Should, Query.boost_query(Query.term_query(schema, field, token), weight))
        for field, weighted in weights
        for token, weight in weighted
    ]
    if not wanted:
        return []
    if len(phrase) in PHRASE_WORDS:
        row = Query.phrase_query(schema, "words", list(phrase))
        wanted.append((Occur.Should, Query.boost_query(row, _PHRASE_BOOST)))
    return [(Occur.Must, Query.boolean_query(wanted))]


def _narrowed(schema: Any, parts: list[Any], selection: Selection) -> Any:
    """Return the query inside what filters and rights leave, decided before anything is scored."""
    for facet, values in selection.filters.items():
        if values:
            tags = [Query.term_query(schema, "tags", _tag(facet, value)) for value in values]
            any_of = Query.boolean_query([(Occur.Should, tag) for tag in tags])
            parts.append((Occur.Must, Query.const_score_query(any_of, 0.0)))
    parts.extend(
        (Occur.MustNot, Query.term_query(schema, "tags", "^" + scope))
        for scope in selection.barred_scopes
    )
    return Query.boolean_query(parts)

"""Spelling: the known word that a misspelt Latin word was meant to be. Pure.

Distance is counted in edits: a letter added, left out or replaced, or two neighbours exchanged.
Words of less than four letters have too many neighbours to be corrected, and words with digits
mean what they say.
"""

import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Occur, Query

_WORD = re.compile(r"[a-z]{4,24}")
_LETTERS_FOR_TWO_EDITS = 8
_HEAD = 4
"""Letters by which an index is looked into: few enough words begin with the same four."""
_MOST_CANDIDATES = 10


def correction(word: str, known: Iterable[tuple[str, int]]) -> str | None:
    """Return the known word nearest to a folded one; None if none is near or it is itself known.

    Args:
        word: What was typed, folded.
        known: Folded words with how many texts hold them.
    """
    counts: Counter[str] = Counter()
    for term, count in known:
        counts[term] += count
    if word in counts:
        return None
    return next(iter(_nearest(word, counts)), None)


def fuzzy_terms(searcher: Any, schema: Any, word: str, *, visible: Query) -> list[tuple[str, int]]:
    """Return the words of an index nearest to a folded one, and how many visible texts hold them.

    At most one edit may be near the beginning. That needs a few short walks through the term
    dictionary; tantivy's own fuzzy query finds texts, not the words that they were found by.

    Args:
        searcher: Of a tantivy index with the field `words`.
        schema: Of that index.
        word: What was typed, folded.
        visible: What the reader may open; a correction must not tell what is written elsewhere.
    """
    if not _WORD.fullmatch(word):
        return []
    counts = {
        term: count
        for head in set(_heads(word))
        for term, count in searcher.terms_with_prefix("words", head)
    }
    found = []
    for term in _nearest(word, counts):
        query = Query.boolean_query(
            [(Occur.Must, Query.term_query(schema, "words", term)), (Occur.Must, visible)]
        )
        if count := searcher.search(query, 1, count=True).count:
            found.append((term, count))
        if len(found) == _MOST_CANDIDATES:
            break
    return found


def _nearest(word: str, counts: dict[str, int]) -> list[str]:
    """Return the words within reach, nearest first; of equals the commonest."""
    if not _WORD.fullmatch(word):
        return []
    reach = 2 if len(word) >= _LETTERS_FOR_TWO_EDITS else 1
    terms = [term for term in counts if _WORD.fullmatch(term)]
    found = process.extract(word, terms, scorer=OSA.distance, score_cutoff=reach, limit=None)

    def rank(hit: tuple[str, float, int]) -> tuple[float, bool, int, str]:
        term, distance, _ = hit
        return distance, term[0] != word[0], -counts[term], term

    return [term for term, _, _ in sorted(found, key=rank)]


def _heads(word: str) -> Iterator[str]:
    """Yield how a word within reach may begin: as typed, or with one edit."""
    yield word[:_HEAD]
    for at in range(_HEAD):
        before, after = word[:at], word[at:]
        yield (before + after[1:])[:_HEAD]
        yield (before + after[1:2] + after[:1] + after[2:])[:_HEAD]
        for letter in string.ascii_lowercase:
            yield (before + letter + after[1:])[:_HEAD]
            yield (before + letter + after)[:_HEAD]

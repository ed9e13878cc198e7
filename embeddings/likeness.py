"""Works near to a work across languages, and works that say the same in the same language."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.columns import Selection
from embeddings.encoders.base import unit_rows
from embeddings.records import PassageRecord
from embeddings.store import encode, encoder_in_force, rows_of
from embeddings.types import SimilarWork, SourceDocument
from embeddings.view import IndexView, get_view

_NEIGHBOURS = 60
"""Passages near to a document among which its similar works are."""
_SIMILAR = 0.5
"""Cosine from which a work is worth naming beside another."""
_SAME_MEANING = 0.9
"""Cosine from which two passages are compared word by word."""
_SAME_WORDS = 0.6
"""Share of common words from which two passages say the same (Jaccard)."""
_DUPLICATE = 0.5
"""Share of a document's passages that another work repeats, from which it is a duplicate."""
_NEAREST = 10


def similar_works(
    document_key: str,
    *,
    barred_scopes: frozenset[str] = frozenset(),
    languages: Sequence[str] = (),
    limit: int = 5,
) -> list[SimilarWork]:
    """Return the works nearest to a document in any language, nearest first; its own is left out.

    Args:
        document_key: The document at hand; one that is not in the index has no similar works.
        barred_scopes: What the reader may not open.
        languages: Languages the reader would rather read, best first.
        limit: How many.
    """
    view = get_view()
    with view.lock:
        view.catch_up()
        number = view.columns.number_of(document_key)
        if number is None or view.dense is None:
            return []
        slots = view.columns.slots_of(number)
        mean = view.records(slots).whole(slots).mean(axis=0, keepdims=True)
        own = int(view.columns.works_of_documents(np.array([number]))[0])
        selection = view.columns.select(filters={}, barred_scopes=barred_scopes, now=time.time())
        return [
            _similar(view, selection, work, cosine, languages)
            for work, cosine in _near(view, selection, mean, own)[:limit]
        ]


def works_like(
    document: SourceDocument,
    *,
    barred_scopes: frozenset[str] = frozenset(),
    languages: Sequence[str] = (),
    limit: int = 5,
) -> list[SimilarWork]:
    """Return the works nearest to a text that need not be in the index; else as `similar_works`.

    Raises:
        EncoderUnavailable: Meaning cannot be compared.
    """
    encoder = encoder_in_force()
    rows = rows_of(document)
    encode(rows, encoder)
    if not rows:
        return []
    vectors = [PassageRecord.unpack(bytes(row.record), encoder.dimensions) for row in rows]
    mean = np.mean([one.codes[0] * one.scales[0] for one in vectors], axis=0, keepdims=True)
    view = get_view()
    with view.lock:
        view.catch_up()
        selection = view.columns.select(filters={}, barred_scopes=barred_scopes, now=time.time())
        own = view.columns.work_number(document.work)
        return [
            _similar(view, selection, work, cosine, languages)
            for work, cosine in _near(view, selection, mean, own)[:limit]
        ]


def _near(
    view: IndexView, selection: Selection, mean: NDArray[np.float32], own: int | None
) -> list[tuple[int, float]]:
    """Return (work, cosine) of those nearest to the mean of a document's vectors, but for its own."""
    if view.dense is None:
        return []
    slots, cosines = view.dense.search(unit_rows(mean)[0], selection=selection, limit=_NEIGHBOURS)
    near = {
        work: cosine
        for work, cosine in zip(
            reversed(view.columns.works_of(slots).tolist()),
            reversed(cosines.tolist()),
            strict=True,
        )
        if cosine >= _SIMILAR and work != own
    }
    return sorted(near.items(), key=lambda one: -one[1])


def _similar(
    view: IndexView, selection: Selection, work: int, cosine: float, languages: Sequence[str]
) -> SimilarWork:
    versions = view.columns.documents_of_works([work]) & selection.documents

    def preference(number: int) -> tuple[int, bool, str]:
        document = view.columns.documents[number]
        if document.language in languages:
            return languages.index(document.language), False, document.key
        return len(languages), not document.is_original, document.key

    document = view.columns.documents[min(versions.nonzero()[0].tolist(), key=preference)]
    return SimilarWork(
        work=document.work,
        document_key=document.key,
        language=document.language,
        similarity=round(cosine, 4),
    )


def find_duplicates(
    document: SourceDocument, *, barred_scopes: frozenset[str] = frozenset(), limit: int = 5
) -> list[SimilarWork]:
    """Return works that say much of what a document says, in its language; the most alike first.

    The same work in another language is a translation, not a duplicate. `similarity` is the share
    of the document's passages that the other work repeats nearly word by word.

    Raises:
        EncoderUnavailable: Meaning cannot be compared.
    """
    encoder = encoder_in_force()
    rows = rows_of(document)
    encode(rows, encoder)
    if not rows:
        return []
    view = get_view()
    with view.lock:
        view.catch_up()
        selection = view.columns.select(
            filters={"language": [document.language]}, barred_scopes=barred_scopes, now=time.time()
        )
        repeated: dict[int, int] = {}
        for row in rows:
            record = PassageRecord.unpack(bytes(row.record), encoder.dimensions)
            for work in _works_repeating(view, selection, record):
                repeated[work] = repeated.get(work, 0) + 1
        own = view.columns.work_number(document.work)
        shares = {
            work: count / len(rows)
            for work, count in repeated.items()
            if work != own and count / len(rows) >= _DUPLICATE
        }
        ranked = sorted(shares.items(), key=lambda one: -one[1])[:limit]
        return [
            _similar(view, selection, work, share, (document.language,)) for work, share in ranked
        ]


def _works_repeating(view: IndexView, selection: Selection, record: PassageRecord) -> set[int]:
    """Return the works with a passage that says the same nearly word by word."""
    if view.dense is None:
        return set()
    vector = record.codes[0] * record.scales[0]
    slots, cosines = view.dense.search(vector, selection=selection, limit=_NEAREST)
    slots = np.sort(slots[cosines >= _SAME_MEANING])
    records = view.records(slots)
    alike = [
        max(
            _common(record.words, records.words.of(number)),
            _common(record.subwords, records.subwords.of(number)),
        )
        >= _SAME_WORDS
        for number in range(len(slots))
    ]
    return set(view.columns.works_of(slots[alike]).tolist())


def _common(
    one: np.ndarray[tuple[int], np.dtype[np.uint32]],
    other: np.ndarray[tuple[int], np.dtype[np.uint32]],
) -> float:
    """Return the share of distinct tokens that two texts have in common (Jaccard)."""
    together = len(np.union1d(one, other))
    return len(np.intersect1d(one, other)) / together if together else 0.0

"""One search of each raw library, over the vectors and words of the portal that is measured."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Act = Callable[[int], object]
"""One search, by number of the question."""
CELLS_FROM = 200_000
"""Passages from which FAISS's cells are what a portal would use raw."""
_PAGES_UP_TO = 200_000
_PROBES = (1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096)
_QUESTIONS_FOR_RECALL = 200


def raw_acts(
    view: Any, encoded: np.ndarray, stored: np.ndarray, asked: Sequence[str], *, recall: float
) -> dict[str, Act]:
    """Return name → one search of a raw library.

    Args:
        view: Whose words are searched.
        encoded: Vectors of the questions, shape (questions, dimensions).
        stored: Vectors of the passages, shape (passages, dimensions).
        asked: The questions.
        recall: What the portal's dense side reaches, for a fair number of cells.
    """
    acts: dict[str, Act] = {
        "raw_dense": scan(encoded, stored),
        "raw_lexical": words(view, asked),
        "raw_numpy": lambda number: np.argpartition(-(stored @ encoded[number]), 10)[:10],
    }
    if len(stored) <= _PAGES_UP_TO:
        acts["raw_wagtail"] = pages(asked)
    if len(stored) >= CELLS_FROM:
        acts["raw_ivf"] = cells(encoded, stored, recall=recall)
    return acts


def scan(encoded: np.ndarray, stored: np.ndarray) -> Act:
    """Return FAISS's scan of codes of one byte."""
    import faiss

    index = faiss.IndexScalarQuantizer(
        stored.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(stored[:: max(1, len(stored) // 50_000)])
    index.add(stored)
    return lambda number: index.search(encoded[number][None], 10)


def cells(encoded: np.ndarray, stored: np.ndarray, *, recall: float) -> Act:
    """Return a search of FAISS's cells, codes of one byte, with the fewest probes for a recall."""
    import faiss

    count = round(4 * len(stored) ** 0.5)
    index = faiss.index_factory(stored.shape[1], f"IVF{count},SQ8", faiss.METRIC_INNER_PRODUCT)
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index.cp.niter = 8
    index.cp.max_points_per_centroid = 40
    index.train(stored[:: max(1, len(stored) // (count * 40))])
    index.add(stored)
    faiss.omp_set_num_threads(1)
    sample = encoded[encoded.any(axis=1)][:_QUESTIONS_FOR_RECALL]
    exact = nearest(sample, stored)
    for probes in (*(few for few in _PROBES if few < count), count):
        index.nprobe = probes
        _, near = index.search(sample, 10)
        if recall_of(sample, stored, near, exact) >= recall:
            break
    return lambda number: index.search(encoded[number][None], 10)


def nearest(queries: np.ndarray, stored: np.ndarray) -> np.ndarray:
    """Return the places of the ten nearest of each query, exactly; −1 where there are fewer."""
    import faiss

    _, near = faiss.knn(queries, stored, 10, metric=faiss.METRIC_INNER_PRODUCT)
    return np.asarray(near)


def recall_of(
    queries: np.ndarray, stored: np.ndarray, found: Sequence[Any], exact: np.ndarray
) -> float:
    """Return the share of the ten nearest that were found; one as near as the tenth is as good."""
    hits = wanted = 0
    for query, mine, theirs in zip(queries, found, exact, strict=True):
        best = stored[theirs[theirs >= 0]] @ query
        places = np.unique([place for place in mine if place >= 0]).astype(np.int64)
        hits += min(len(best), int((stored[places] @ query >= best.min(initial=1) - 1e-5).sum()))
        wanted += len(best)
    return hits / max(wanted, 1)


def words(view: Any, asked: Sequence[str]) -> Act:
    """Return tantivy's ten best passages for the words of a question, over the same index."""
    from tantivy import Occur, Query

    from embeddings.language import folded_words

    segment = view.lexical.segments[0]
    queries = [
        Query.boolean_query(
            [(Occur.Should, Query.term_query(segment.schema, "words", word)) for word in one]
        )
        for one in map(folded_words, asked)
    ]
    return lambda number: segment.searcher.search(queries[number], 10)


def pages(asked: Sequence[str]) -> Act:
    """Return the search of pages that Wagtail's own backend makes."""
    from wagtail.models import Page
    from wagtail.search.backends import get_search_backend

    from embeddings.language import folded_words

    backend = get_search_backend()
    plain = [" ".join(folded_words(text)) for text in asked]  # signs are syntax to some backends
    return lambda number: list(backend.search(plain[number], Page.objects.live())[:10])

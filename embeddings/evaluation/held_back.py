"""The rows that are for measuring only, with their passages, encoded once.

Source: the rows of the retrieval files that no training sees (`embeddings.training.data`).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.base import Encoder, Vectors
from embeddings.evaluation.progress import Progress, encoded, silent
from embeddings.training.data import RetrievalRow, held_back_retrieval, source_files

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """The held-back rows and distinct passages, encoded once."""

    rows: Sequence[RetrievalRow]
    answer: Positions
    """Row → position of its passage."""
    answers: Sequence[Sequence[int]]
    """Row → positions of every passage that some row gives for the same question: its own and, for
    example, those in other languages."""
    languages: Sequence[str]
    """Passage → its language."""
    query_vectors: Vectors
    passage_vectors: Vectors


def read_held_back(
    encoder: Encoder, data_dir: Path, *, languages: Collection[str], progress: Progress = silent
) -> HeldBack:
    """Return the held-back rows of every file in `data_dir/retrieval`, encoded.

    Raises:
        OSError: There is no retrieval file.
        ValueError: None of them holds a row in the wanted languages.
    """
    wanted = set(languages)
    rows = [
        row
        for path in source_files(data_dir, "retrieval")
        for row in held_back_retrieval(path)
        if {row.query_language, row.passage_language} <= wanted
    ]
    if not rows:
        raise ValueError(f"no held-back row of the wanted languages in {data_dir / 'retrieval'}")
    language_of = {row.passage: row.passage_language for row in rows}
    texts = list(language_of)
    position = {text: index for index, text in enumerate(texts)}
    known: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        known[row.query].add(position[row.passage])
    queries = [row.query for row in rows]
    return HeldBack(
        rows=rows,
        answer=np.array([position[row.passage] for row in rows]),
        answers=[sorted(known[row.query]) for row in rows],
        languages=list(language_of.values()),
        query_vectors=encoded(encoder.encode_queries, queries, name="Questions", progress=progress),
        passage_vectors=encoded(encoder.encode_passages, texts, name="Passages", progress=progress),
    )

"""Translation matching: how often the nearest sentence is the translation.

Tatoeba sets (LASER) pair each language with English. NTREX-128 has the same thousand sentences in
every language, so it also answers whether a pool of mixed languages is searched fairly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.base import Encoder, Vectors
from embeddings.training.data import read_rows

_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class TatoebaScore:
    """Share of sentences whose nearest neighbour is their translation."""

    to_english: float
    from_english: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NtrexScore:
    """Shares for questions of one language over the NTREX sentences."""

    to_english: float | None
    to_vietnamese: float | None
    mixed_top1: float
    """The nearest sentence among all other languages together is a translation."""
    mixed_recall: float
    """Share of the n translations that are among the nearest n sentences of all languages."""


def tatoeba_scores(
    encoder: Encoder, directory: Path, *, languages: Sequence[str]
) -> dict[str, TatoebaScore]:
    """Return language → score for the languages that have a file `<language>.tsv`."""
    scores = {}
    for language in languages:
        path = directory / f"{language}.tsv"
        if not path.exists():
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        foreign, english = zip(*(line.split("\t")[:2] for line in lines if line), strict=True)
        left, right = encoder.encode_queries(foreign), encoder.encode_passages(english)
        scores[language] = TatoebaScore(
            to_english=matched_share(left, right), from_english=matched_share(right, left)
        )
    return scores


def ntrex_scores(
    encoder: Encoder, path: Path, *, languages: Sequence[str]
) -> dict[str, NtrexScore]:
    """Return language → score over the rows that hold every wanted language."""
    rows = list(read_rows(path))
    wanted = [code for code in languages if any(code in row for row in rows)]
    rows = [row for row in rows if all(row.get(code) for code in wanted)]
    vectors = {code: encoder.encode_passages([row[code] for row in rows]) for code in wanted}
    scores = {}
    for code in wanted:
        top1, recall = _mixed(code, vectors)
        scores[code] = NtrexScore(
            to_english=_to(code, "en", vectors),
            to_vietnamese=_to(code, "vi", vectors),
            mixed_top1=top1,
            mixed_recall=recall,
        )
    return scores


def matched_share(queries: Vectors, candidates: Vectors) -> float:
    """Return the share of rows n of `queries` whose nearest candidate is row n."""
    nearest = np.concatenate(
        [
            (queries[start : start + _BLOCK] @ candidates.T).argmax(axis=1)
            for start in range(0, len(queries), _BLOCK)
        ]
    )
    return float(np.mean(nearest == np.arange(len(queries))))


def _to(code: str, target: str, vectors: Mapping[str, Vectors]) -> float | None:
    """Return the share matched into one language; None for itself or where it is missing."""
    if code == target or target not in vectors:
        return None
    return matched_share(vectors[code], vectors[target])


def _mixed(code: str, vectors: Mapping[str, Vectors]) -> tuple[float, float]:
    """Return top-1 share and recall for one language against all others in one pool."""
    others = [vector for other, vector in vectors.items() if other != code]
    if not others:
        return 0.0, 0.0
    pool = np.concatenate(others)
    count = len(others[0])
    top1: list[NDArray[np.bool_]] = []
    recall: list[NDArray[np.floating]] = []
    for start in range(0, count, _BLOCK):
        scores = vectors[code][start : start + _BLOCK] @ pool.T
        sentence = np.arange(start, start + len(scores))[:, None]
        nearest = np.argpartition(-scores, len(others) - 1, axis=1)[:, : len(others)]
        top1.append(scores.argmax(axis=1) % count == sentence[:, 0])
        recall.append((nearest % count == sentence).mean(axis=1))
    return float(np.concatenate(top1).mean()), float(np.concatenate(recall).mean())

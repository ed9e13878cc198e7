"""Translation matching over one text in all languages, pair by pair and in pools that mix them.

Source: the first thousand sentences of NTREX-128 (https://github.com/MicrosoftTranslator/NTREX, CC BY-SA 4.0;
Federmann, Kocmi and Xin 2022). Its Burmese is Zawgyi-encoded, which no Unicode model reads, so it is
shown but counts in no mean and in no pool.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.base import Encoder, Vectors
from embeddings.evaluation.matching import matched_share, nearest_rows
from embeddings.evaluation.progress import Progress, silent
from embeddings.training.data import read_rows

PIVOTS = ("en", "vi", "th", "ja", "fr")
"""The languages that are matched with every other one, in both directions."""
UNREADABLE = "my"
"""Burmese, whose side of the data is not in Unicode."""

_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedScore:
    """Questions of one language against pools of several languages."""

    random_language: float
    """Share whose nearest is their translation in a pool with each sentence once, in a language
    drawn at random among the others: of a thousand candidates one is right."""
    all_languages: float
    """Share whose nearest is a translation in a pool of all other languages together."""
    all_recall: float
    """Share of the n translations among the nearest n of that pool: low where a model keeps
    languages apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NtrexReport:
    """Shares of sentences whose nearest neighbour is their translation."""

    sentences: int
    to_pivot: dict[str, dict[str, float]]
    """Pivot → language → share of that language's sentences that find the pivot's."""
    from_pivot: dict[str, dict[str, float]]
    """Pivot → language → share of the pivot's sentences that find that language's."""
    mean_to_pivot: dict[str, float]
    mean_from_pivot: dict[str, float]
    """Pivot → mean over the other languages, Burmese left out."""
    mixed: dict[str, MixedScore]
    mean_random_language: float
    """Mean over the languages of `mixed`."""


def ntrex_report(
    encoder: Encoder, path: Path, *, languages: Sequence[str], progress: Progress = silent
) -> NtrexReport:
    """Measure the wanted languages on the rows that hold every one of them.

    Raises:
        OSError: The file is missing.
        ValueError: No row holds them.
    """
    rows = list(read_rows(path))
    wanted = [code for code in languages if any(row.get(code) for row in rows)]
    rows = [row for row in rows if all(row.get(code) for code in wanted)]
    if not rows or len(wanted) < 2:
        raise ValueError(f"{path} has no rows in two of the wanted languages")
    vectors = {
        code: encoder.encode_queries([row[code] for row in rows])
        for code in progress(wanted, "NTREX")
    }
    pivots = [code for code in PIVOTS if code in vectors]
    to_pivot = {pivot: _matched(vectors, pivot, to_pivot=True) for pivot in pivots}
    from_pivot = {pivot: _matched(vectors, pivot, to_pivot=False) for pivot in pivots}
    readable = {code: vectors[code] for code in wanted if code != UNREADABLE}
    mixed = {code: _mixed(code, readable) for code in readable} if len(readable) > 1 else {}
    return NtrexReport(
        sentences=len(rows),
        to_pivot=to_pivot,
        from_pivot=from_pivot,
        mean_to_pivot={pivot: _mean(shares) for pivot, shares in to_pivot.items()},
        mean_from_pivot={pivot: _mean(shares) for pivot, shares in from_pivot.items()},
        mixed=mixed,
        mean_random_language=float(np.mean([score.random_language for score in mixed.values()]))
        if mixed
        else 0.0,
    )


def random_languages(code: str, others: Sequence[str], count: int) -> NDArray[np.intp]:
    """Return, for each sentence, the position in `others` of the language it is shown in.

    The draw depends only on the language of the questions, never on the encoder.
    """
    chooser = np.random.default_rng(zlib.crc32(code.encode()))
    return chooser.integers(len(others), size=count)


def _matched(vectors: Mapping[str, Vectors], pivot: str, *, to_pivot: bool) -> dict[str, float]:
    """Return language → share matched with the pivot."""
    others = {code: side for code, side in vectors.items() if code != pivot}
    if to_pivot:
        return {code: matched_share(side, vectors[pivot]) for code, side in others.items()}
    return {code: matched_share(vectors[pivot], side) for code, side in others.items()}


def _mean(shares: Mapping[str, float]) -> float:
    """Return the mean over the readable languages."""
    readable = [share for code, share in shares.items() if code != UNREADABLE]
    return float(np.mean(readable)) if readable else 0.0


def _mixed(code: str, vectors: Mapping[str, Vectors]) -> MixedScore:
    """Return the scores of one language's questions."""
    others = [other for other in vectors if other != code]
    versions = np.stack([vectors[other] for other in others])
    sentences = np.arange(versions.shape[1])
    drawn = random_languages(code, others, len(sentences))
    top1, recall = _all_languages(vectors[code], versions)
    return MixedScore(
        random_language=float(
            np.mean(nearest_rows(vectors[code], versions[drawn, sentences]) == sentences)
        ),
        all_languages=top1,
        all_recall=recall,
    )


def _all_languages(queries: Vectors, versions: NDArray[np.float32]) -> tuple[float, float]:
    """Return top-1 share and recall against versions of shape (languages, sentences, dimensions)."""
    languages, count, dimensions = versions.shape
    pool = versions.reshape(languages * count, dimensions)
    top1: list[NDArray[np.bool_]] = []
    recall: list[NDArray[np.floating]] = []
    for start in range(0, count, _BLOCK):
        scores = queries[start : start + _BLOCK] @ pool.T
        sentence = np.arange(start, start + len(scores))
        nearest = np.argpartition(-scores, languages - 1, axis=1)[:, :languages]
        top1.append(scores.argmax(axis=1) % count == sentence)
        recall.append((nearest % count == sentence[:, None]).mean(axis=1))
    return float(np.concatenate(top1).mean()), float(np.concatenate(recall).mean())

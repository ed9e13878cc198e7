"""Translation matching: how often the nearest sentence is the translation.

Source: the Tatoeba test sets of LASER (https://github.com/facebookresearch/LASER, CC BY 2.0 FR; Artetxe and
Schwenk 2019), which pair each language with English. The task is symmetric, so both sides are
encoded as questions, as the makers of models with two prompts ask for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings.encoders.base import Encoder, Vectors
from embeddings.evaluation.progress import Progress, silent

# fmt: off
FIFTEEN = ("vi", "th", "ja", "fr", "km", "id", "ms", "tl", "zh", "ko", "pt", "es", "sw", "ar", "am")
# fmt: on
"""The content languages that Tatoeba pairs with English; Lao and Burmese are missing."""

_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class TatoebaScore:
    """Share of sentences whose nearest neighbour is their translation."""

    sentences: int
    to_english: float
    from_english: float


def tatoeba_scores(
    encoder: Encoder,
    directory: Path,
    *,
    languages: Sequence[str],
    progress: Progress = silent,
) -> dict[str, TatoebaScore]:
    """Return language → score for the languages that have a file `<language>.tsv`.

    Raises:
        FileNotFoundError: No language has one.
        ValueError: A line holds no pair (foreign TAB English).
    """
    present = [code for code in languages if (directory / f"{code}.tsv").exists()]
    if not present:
        raise FileNotFoundError(f"no Tatoeba file of a wanted language in {directory}")
    return {
        code: _score(encoder, directory / f"{code}.tsv") for code in progress(present, "Tatoeba")
    }


def mean_of_fifteen(scores: Mapping[str, TatoebaScore]) -> float | None:
    """Return the mean into English over the fifteen; None unless all of them were measured."""
    if not all(code in scores for code in FIFTEEN):
        return None
    return float(np.mean([scores[code].to_english for code in FIFTEEN]))


def matched_share(queries: Vectors, candidates: Vectors) -> float:
    """Return the share of rows n of `queries` whose nearest candidate is row n."""
    return float(np.mean(nearest_rows(queries, candidates) == np.arange(len(queries))))


def nearest_rows(
    queries: Vectors, candidates: Vectors
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the nearest candidate of each query, shape (len(queries),)."""
    return np.concatenate(
        [
            (queries[start : start + _BLOCK] @ candidates.T).argmax(axis=1)
            for start in range(0, len(queries), _BLOCK)
        ]
    )


def _score(encoder: Encoder, path: Path) -> TatoebaScore:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t")[:2] for line in lines if line]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"{path} does not hold one pair of sentences a line")
    foreign = encoder.encode_queries([pair[0] for pair in pairs])
    english = encoder.encode_queries([pair[1] for pair in pairs])
    return TatoebaScore(
        sentences=len(pairs),
        to_english=matched_share(foreign, english),
        from_english=matched_share(english, foreign),
    )

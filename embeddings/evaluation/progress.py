"""Showing how far a measurement has come."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from embeddings.encoders.base import Vectors

Progress = Callable[[Sequence[Any], str], Iterable[Any]]
"""Yields the items of a sequence while it shows how many, under a name, are done."""

_BLOCK = 256


def silent(items: Sequence[Any], name: str) -> Iterable[Any]:
    """Show nothing."""
    return items


def encoded(
    encode: Callable[[Sequence[str]], Vectors],
    texts: Sequence[str],
    *,
    name: str,
    progress: Progress,
) -> Vectors:
    """Return the vectors of texts, shape (len(texts), dimensions), made block by block."""
    blocks = [
        encode(texts[start : start + _BLOCK])
        for start in progress(range(0, len(texts), _BLOCK), name)
    ]
    return np.concatenate(blocks) if blocks else encode([])

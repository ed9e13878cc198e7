"""A deterministic encoder for tests: hand-placed concepts, everything else hashed."""

import hashlib
import re
from collections.abc import Mapping, Sequence

import numpy as np

from embeddings.encoders.base import Encoder, Vectors, unit_rows

_WORD = re.compile(r"\w+")
_CONCEPT_WEIGHT = 1.0
_WORD_WEIGHT = 0.2


class FakeEncoder(Encoder):
    """Places texts by the concepts they name, so a test can say what is near what.

    Args:
        concepts: Concept → words, for example `{"water": ["eau", "nước"]}`. A text containing one
            of the words, in any case, leans to that concept's axis.
        dimensions: Length of the vectors; must leave room for other words beside the concepts.
        score_floor: Passed through to the attribute.

    Raises:
        ValueError: There are not more dimensions than concepts.
    """

    def __init__(
        self,
        *,
        concepts: Mapping[str, Sequence[str]] | None = None,
        dimensions: int = 64,
        score_floor: float | None = None,
    ) -> None:
        self._concepts = [
            [word.casefold() for word in words] for words in (concepts or {}).values()
        ]
        if len(self._concepts) >= dimensions:
            raise ValueError(f"{len(self._concepts)} concepts need more than {dimensions} axes")
        self.dimensions = dimensions
        self.score_floor = score_floor
        self.encoder_id = f"fake-{_hash(repr((self._concepts, dimensions))):08x}"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per question; the same as for a passage."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per passage."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            folded = text.casefold()
            for axis, words in enumerate(self._concepts):
                if any(word in folded for word in words):
                    row[axis] += _CONCEPT_WEIGHT
            for word in _WORD.findall(folded):
                free = self.dimensions - len(self._concepts)
                row[len(self._concepts) + _hash(word) % free] += _WORD_WEIGHT
        return unit_rows(vectors)

    def subwords(self, text: str) -> list[str]:
        """Return one token per word."""
        return [f"{_hash(word):08x}" for word in _WORD.findall(text.casefold())]


def _hash(text: str) -> int:
    """Return a number of 32 bits that is the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:4], "big")

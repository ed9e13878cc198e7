"""What an encoder is: texts in, unit vectors and lexical tokens out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.pieces import PieceTable
from embeddings.records import Tokens, subword_codes

Vectors = NDArray[np.float32]
"""One unit vector a row, shape (n, dimensions); a text without any known token is a zero row."""


class Encoder(ABC):
    """Turns texts of any language into vectors of one space, where near means alike in meaning."""

    encoder_id: str
    """Name and content hash; vectors with different ids must never be compared."""

    dimensions: int
    """Length of every vector."""

    score_floor: float | None = None
    """Cosine below which a passage does not answer a question, measured for this encoder."""

    pieces: PieceTable | None = None
    """What the pieces of the vocabulary mean; None where one means nothing outside its text."""

    @abstractmethod
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions, shape (len(texts), dimensions)."""

    @abstractmethod
    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of passages, shape (len(texts), dimensions)."""

    @abstractmethod
    def subwords(self, text: str) -> list[str]:
        """Return the lexical tokens of a text, in order, for a whitespace-token index.

        A known piece is its id (`"412"`); an unknown character is `"u"` and the character, so that
        two texts share a token only if they share what it stands for.
        """

    def encode_with_subwords(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """Return the vectors of passages and the codes of their lexical tokens.

        Cheaper than one by one.
        """
        return self.encode_passages(texts), [subword_codes(self.subwords(text)) for text in texts]

    def knows(self, text: str) -> bool:
        """Return whether at least one piece of the text is in the vocabulary."""
        return any(token.isdigit() for token in self.subwords(text))

    @classmethod
    def problem(cls, *_: Any, **__: Any) -> str | None:
        """Return in one sentence why an encoder with these options will not load, or None.

        Looks at files only, so that a system check may ask; what only loading shows stays unsaid.
        """
        return None


def well_formed(text: str) -> str:
    """Return the text with lone surrogates, which JSON can carry, replaced by question marks.

    Tokenizers refuse such strings, and no question may end in an error.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def unit_rows(vectors: Vectors) -> Vectors:
    """Return rows scaled to length one; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit

"""How much of a question a passage says in whatever words, of whatever language. Pure: NumPy only.

A token table that was trained on translations is a dictionary too: beside the piece "stars" lie
"estrelas", 星, "étoiles" and "bintang". Each piece of a question looks for the nearest one among the
pieces of a passage, wherever it stands, as in Khattab and Zaharia (2020), "ColBERT: efficient and
effective passage search via contextualized late interaction over BERT", here without context; that
such a lexicon serves retrieval across languages is shown by Litschko et al. (2018), "Unsupervised
cross-lingual information retrieval using monolingual data only". A vector of the whole passage is a
mean in which one word of a hundred is lost; this is not. Measured: decision 0013.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.records import TokenRuns

_WIDTH = 64
"""Numbers of a row that are compared. All 256 choose no better and take four times as long."""
_BLOCK = 10_000
_SHORTEST = np.float32(1e-9)
_NEAR = 0.45
"""Cosine from which two pieces say the same, or nearly."""
_HALF_STRETCH = 20
"""Pieces; what is said within twice as many is said in one place."""
_STRETCH_SHARE = 0.7
"""Share of the best stretch in a text's coverage; the text as a whole, which the longer it is says
the more by chance, has the rest."""


class PieceTable:
    """What the pieces of a vocabulary mean by themselves.

    Args:
        table: One row for each piece, shape (pieces, dimensions).
        factors: What each row is multiplied by in a text's mean, shape (pieces,).
    """

    def __init__(self, table: NDArray[Any], factors: NDArray[np.float32]) -> None:
        self._table = table
        self._factors = factors
        narrow = table[:, :_WIDTH]
        # Each is one thing: taken by single numbers, rows were measured to take half as long again.
        self._rows = narrow.view(f"V{narrow.shape[1] * narrow.itemsize}")[:, 0]
        blocks = range(0, len(narrow), _BLOCK)
        self._lengths = np.concatenate([_lengths(narrow[at : at + _BLOCK]) for at in blocks])

    def coverage(self, texts: TokenRuns, told: Mapping[int, float]) -> NDArray[np.float32]:
        """Return the share of a question that each text says, from 0 to 1.

        A piece of the question counts by what it tells and by the length of its row, which training
        made short for words that say little.

        Args:
            texts: Piece ids of the texts; codes that are no piece say nothing.
            told: Piece id of the question → what it tells.
        """
        asked = np.array([code for code in told if code < len(self._table)], np.int64)
        rows = self._table[asked].astype(np.float32)
        weights = np.array([told[code] for code in asked.tolist()], np.float32)
        weights *= np.linalg.norm(rows, axis=1) * self._factors[asked]
        if not weights.any() or not len(texts.values):
            return np.zeros(len(texts.lengths), np.float32)
        at, nearness = self._met(texts.values, rows)
        text = np.searchsorted(texts.starts, at, side="right") - 1
        # The last half of each text is empty, so that no stretch goes on into the next text.
        halves = texts.lengths // _HALF_STRETCH + 2
        begins = np.cumsum(halves) - halves
        half = begins[text] + (at - texts.starts[text]) // _HALF_STRETCH
        said = np.zeros((halves.sum(), len(asked)), np.float32)
        met = np.flatnonzero(nearness > 0)  # a tenth of the time of `nonzero` on the numbers
        which, of = np.divmod(met, len(asked))
        np.maximum.at(said.ravel(), half[which] * len(asked) + of, nearness.ravel()[met])
        in_text = np.maximum.reduceat(said, begins, axis=0) @ weights
        said[1:] = np.maximum(said[1:], said[:-1])
        in_stretch = np.maximum.reduceat(said @ weights, begins)
        share: NDArray[np.float32] = (
            (1 - _STRETCH_SHARE) * in_text + _STRETCH_SHARE * in_stretch
        ) / weights.sum()
        return share

    def _met(
        self, codes: NDArray[np.uint32], asked: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return where pieces stand that are near to one of those asked, and how near to each."""
        no_piece = len(self._table)
        pieces = codes.clip(max=no_piece)
        held = np.zeros(no_piece + 1, dtype=bool)  # a tenth of the time of `numpy.unique`
        held[pieces] = True
        held[no_piece] = False
        different = np.flatnonzero(held)
        asked = asked[:, :_WIDTH]
        cosines = self._products(asked, different) / self._lengths[different]
        lengths = _lengths(asked)
        near = np.flatnonzero((cosines >= _NEAR * lengths[:, None]).any(axis=0))
        held[different] = False
        held[different[near]] = True
        at = np.flatnonzero(held.take(pieces))  # half the time of an index
        number = np.empty(no_piece + 1, np.int64)
        number[different[near]] = np.arange(len(near))
        nearness = cosines[:, near].T / lengths
        nearness = np.where(nearness >= _NEAR, nearness, np.float32(0))
        return at, nearness[number[pieces[at]]]

    def _products(
        self, asked: NDArray[np.float32], pieces: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the product of each row asked with each piece's.

        Products of whole numbers of one byte are exact in any order of summation, so that no two
        processes disagree about what is near.
        """
        rows = self._rows[pieces].view(self._table.dtype).reshape(len(pieces), -1)
        products: NDArray[np.float32] = asked @ rows.astype(np.float32).T
        return products


def _lengths(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Return the length of each row, nearly 0 for one of zeros."""
    rows = rows.astype(np.float32)
    ones = np.ones(rows.shape[1], np.float32)
    lengths: NDArray[np.float32] = np.sqrt(np.square(rows) @ ones)  # half the time of `einsum`
    return lengths.clip(min=_SHORTEST)

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
        first = np.flatnonzero(np.diff(half, prepend=-1))
        said = np.zeros((halves.sum(), len(asked)), np.float32)
        if len(at):
            said[half[first]] = np.maximum.reduceat(nearness, first, axis=0)
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
        nearness = _cosines(self._table[different, :_WIDTH], asked[:, :_WIDTH])
        nearness[nearness < _NEAR] = 0
        near = nearness.any(axis=1)
        number = np.full(no_piece + 1, -1)
        number[different[near]] = np.arange(np.count_nonzero(near))
        numbers = number[pieces]
        at = np.flatnonzero(numbers >= 0)
        return at, nearness[near][numbers[at]]


def _cosines(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float32]:
    """Return the cosine of each row of one with each of the other, 0 for a row of zeros.

    Products of whole numbers of one byte are exact in any order of summation, so that no two
    processes disagree about what is near.
    """
    one, other = one.astype(np.float32), other.astype(np.float32)
    lengths = [np.sqrt(np.einsum("ij,ij->i", rows, rows)) for rows in (one, other)]
    cosines: NDArray[np.float32] = one @ other.T
    cosines /= np.maximum(np.outer(*lengths), np.float32(1e-9))
    return cosines

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
        no_piece = len(self._table)
        covered = np.zeros((len(texts.lengths), len(told)), np.float32)
        asked = np.fromiter(told, np.int64)
        weights = np.fromiter(told.values(), np.float32)
        is_piece = asked < no_piece
        asked, weights, covered = asked[is_piece], weights[is_piece], covered[:, is_piece]
        rows = self._table[asked].astype(np.float32)
        weights *= np.linalg.norm(rows, axis=1) * self._factors[asked]
        if not weights.any():
            return np.zeros(len(covered), np.float32)
        pieces = texts.values.clip(max=no_piece)
        held = np.zeros(no_piece + 1, dtype=bool)  # a tenth of the time of `numpy.unique`
        held[pieces] = True
        held[no_piece] = False
        different = np.flatnonzero(held)
        nearness = _cosines(self._table[different, :_WIDTH], rows[:, :_WIDTH])
        nearness[nearness < _NEAR] = 0
        near = nearness.any(axis=1)
        number = np.full(no_piece + 1, -1)
        number[different[near]] = np.arange(np.count_nonzero(near))
        at = np.flatnonzero(number[pieces] >= 0)
        text = np.searchsorted(texts.starts, at, side="right") - 1
        first = np.flatnonzero(np.diff(text, prepend=-1))
        if len(at):
            met = nearness[near][number[pieces[at]]]
            covered[text[first]] = np.maximum.reduceat(met, first, axis=0)
        share: NDArray[np.float32] = covered @ weights / weights.sum()
        return share


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

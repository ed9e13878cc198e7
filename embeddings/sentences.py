"""Sentences of passages with their vectors, kept for the passages that searches reach.

A passage says several things and its vector is their mean, so an answer in one sentence of it
ranks too low. The nearest sentence, or the nearest piece of evidence that the passage cites, is
therefore most of a passage's similarity. The nearest sentence is also what the reader is shown.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.base import Encoder
from embeddings.passages import split_into_sentences

SENTENCE_SHARE = 0.85
"""Share of the best sentence in a passage's similarity; the passage as a whole has the rest."""
_KEPT_PASSAGES = 20_000


@dataclass(frozen=True, slots=True)
class PassageTexts:
    """What a passage says, and what the evidence it cites says."""

    text: str
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PassageSentences:
    """A passage cut into sentences.

    `vectors` has shape (len(sentences) + number of notes, dimensions), sentences first.
    """

    sentences: Sequence[str]
    vectors: NDArray[np.float32]

    def best(self, query: NDArray[np.float32]) -> str:
        """Return the sentence nearest to the query."""
        return self.sentences[int(np.argmax(self.vectors[: len(self.sentences)] @ query))]

    def similarity(self, query: NDArray[np.float32]) -> float:
        """Return the cosine of the nearest sentence or note."""
        return float(np.max(self.vectors @ query))


class SentenceCache:
    """Least recently used passages leave first. `load` returns slot → texts of missing slots."""

    def __init__(
        self, encoder: Encoder, load: Callable[[Sequence[int]], Mapping[int, PassageTexts]]
    ) -> None:
        self._encoder = encoder
        self._load = load
        self._kept: OrderedDict[int, PassageSentences] = OrderedDict()

    def of(self, slots: Sequence[int]) -> dict[int, PassageSentences]:
        """Return slot → sentences; a slot whose row is gone meanwhile is left out."""
        missing = [slot for slot in slots if slot not in self._kept]
        if missing:
            self._encode(self._load(missing))
        found = {}
        for slot in slots:
            if slot in self._kept:
                self._kept.move_to_end(slot)
                found[slot] = self._kept[slot]
        while len(self._kept) > _KEPT_PASSAGES:
            self._kept.popitem(last=False)
        return found

    def _encode(self, texts: Mapping[int, PassageTexts]) -> None:
        cut = {slot: split_into_sentences(one.text) or [one.text] for slot, one in texts.items()}
        flat = [text for slot, one in texts.items() for text in (*cut[slot], *one.notes)]
        vectors = self._encoder.encode_passages(flat)
        start = 0
        for slot, one in texts.items():
            end = start + len(cut[slot]) + len(one.notes)
            self._kept[slot] = PassageSentences(cut[slot], vectors[start:end].copy())
            start = end

    def forget(self, slots: Sequence[int]) -> None:
        """Drop passages that left the index."""
        for slot in slots:
            self._kept.pop(slot, None)

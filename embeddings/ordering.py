"""The order of the works found: by score, by the evidence they rest on, and mixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import distinct_pairs
from embeddings.columns import Numbers
from embeddings.records import Records
from embeddings.scoring import Scores
from embeddings.types import PROFILE, Reason
from embeddings.view import IndexView

_FIRST_VOICE = 2
"""1/(rank + this) is what a passage's place is worth when it speaks for what it cites."""
_COMMON_FACTS_TELL_LESS = 0.6
"""Exponent of how many of the works found cite a fact, by which what is told of it is divided."""
_STEEPNESS = 60
"""Places over which the worth of a work's place halves."""
_FEW = 3
"""Works that hold what was typed; if more do, it tells none of them from the others."""
_MIXED = 20
"""Works at the top among which a likeness makes room for others."""
_ALIKE = 0.97
"""Cosine from which two works in one language say the same."""
_ALIKE_COSTS = 0.5
_SAME_COSTS = 0.01
"""What each earlier work of the same language and programme takes from a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPassages:
    """Passages found, best first; `best` are the places of each work's first one, in order."""

    slots: Numbers
    works: NDArray[np.int32]
    scores: NDArray[np.float64]
    similarities: Scores
    reasons: NDArray[np.uint8]
    """Bits in the order of `Reason`."""
    best: Numbers
    records: Records | None = None
    """What was looked at, these passages among them; None where nothing was asked."""

    def reasons_of(self, place: int) -> tuple[Reason, ...]:
        """Return why a passage was found."""
        bits = int(self.reasons[place])
        return tuple(reason for bit, reason in enumerate(Reason) if bits >> bit & 1)

    def holds(self, reason: Reason) -> bool:
        """Return whether any passage was found for a reason."""
        return bool(np.any(self.reasons >> list(Reason).index(reason) & 1))

    def nearest_sentence(self, slot: int, query: NDArray[np.float32] | None) -> int | None:
        """Return which sentence of a passage is nearest to a question, None where none is known."""
        if self.records is None or query is None:
            return None
        return self.records.nearest_sentence(slot, query)

    def of_work(self, place: int) -> Numbers:
        """Return the places of all passages of the same work, best first."""
        places: Numbers = (self.works == self.works[place]).nonzero()[0]
        return places


def in_order(
    view: IndexView,
    slots: Numbers,
    scores: NDArray[np.float64],
    similarities: Scores,
    reasons: NDArray[np.uint8],
    records: Records | None = None,
) -> RankedPassages:
    """Sort; what has the same score is in the same order in every process."""
    keys, positions = view.columns.order_of(slots)
    order = np.lexsort((positions, keys, -np.round(scores, 9)))
    works = view.columns.works_of(slots[order])
    _, first = np.unique(works, return_index=True)
    return RankedPassages(
        slots=slots[order],
        works=works,
        scores=scores[order],
        similarities=similarities[order],
        reasons=reasons[order],
        best=np.sort(first),
        records=records,
    )


def by_evidence(view: IndexView, found: RankedPassages) -> RankedPassages:
    """Return the works that cite in the order of their places and of the evidence they rest on.

    Each work's first passage that cites a fact speaks for it. Pseudo-relevance feedback, as in
    Lavrenko and Croft (2001), "Relevance-based language models", with cited facts in place of
    words: they are the same in every language, and a reader who found a figure wants the other
    works that stand on it. Works that cite nothing keep their places. Measured: decision 0011.
    """
    passages, cited = view.columns.cited_in(found.slots)
    if not len(cited):
        return found
    _, _, first = distinct_pairs(found.works[passages], cited)
    facts, numbers = np.unique(cited[first], return_inverse=True)
    spoken_for = np.bincount(numbers, 1 / (_FIRST_VOICE + passages[first]))
    works, cited = view.columns.cited_beside(found.slots[found.best])
    places = np.unique(works)
    at = np.searchsorted(facts, cited).clip(max=len(facts) - 1)
    known = facts[at] == cited
    cited_by = np.bincount(at[known], minlength=len(facts)).clip(min=1)
    tells = spoken_for / cited_by**_COMMON_FACTS_TELL_LESS
    told = np.where(known, tells[at] / tells.max(), 0.0)
    scores = _worth(places) + np.sqrt(np.bincount(works, told**2))[places]
    best = found.best.copy()
    best[places] = best[places[np.argsort(-np.round(scores, 9), kind="stable")]]
    return replace(found, best=best)


def few_first(found: RankedPassages, holding: Sequence[Numbers]) -> RankedPassages:
    """Return the works with those first that hold what was typed, if they are few.

    Who types a title, or words that one text has, looks for it, however much evidence others share.
    Measured: decision 0016.

    Args:
        found: What is put in order.
        holding: Slots that hold it, in the strictest sense first; the next counts where none does.
    """
    for slots in holding:
        works = np.unique(found.works[np.isin(found.slots, slots)])
        if 0 < len(works) <= _FEW:
            first = np.isin(found.works[found.best], works)
            best = np.concatenate([np.sort(found.best[first]), found.best[~first]])
            return replace(found, best=best)
    return found


def profiles_first(
    view: IndexView, found: RankedPassages, programmes: Sequence[str]
) -> RankedPassages:
    """Return the works with the own pages of some programmes first, otherwise as they are."""
    slots = found.slots[found.best]
    of_them = view.columns.filed_under("programme", programmes, slots)
    profiles = of_them & view.columns.filed_under("kind", [PROFILE], slots)
    return replace(found, best=found.best[np.argsort(~profiles, kind="stable")])


def mixed(view: IndexView, found: RankedPassages) -> RankedPassages:
    """Return the works so that one language, programme or text does not crowd out the others.

    Greedy, as in Carbonell and Goldstein (1998), "The use of MMR, diversity-based reranking".
    """
    top = found.best[:_MIXED]
    if len(top) < 3 or found.records is None:
        return found
    slots = found.slots[top]
    alike = _alike(view.columns.languages_of(slots), found.records.whole(slots)).tolist()
    groups = view.columns.groups_of(slots).tolist()
    scores = _worth(np.arange(len(top))).tolist()  # so few: faster without NumPy
    left = list(range(len(top)))
    order = []
    while left:
        next_one = max(left, key=scores.__getitem__)
        order.append(next_one)
        left.remove(next_one)
        for other in left:
            if groups[other] == groups[next_one]:
                scores[other] *= 1 - _SAME_COSTS
            if alike[next_one][other]:
                scores[other] *= _ALIKE_COSTS
    return replace(found, best=np.concatenate([top[order], found.best[len(top) :]]))


def _worth(places: Numbers) -> NDArray[np.float64]:
    """Return what places are worth, the first nearly 1."""
    worth: NDArray[np.float64] = _STEEPNESS / (_STEEPNESS + 1 + places)
    return worth


def _alike(languages: NDArray[np.int32], vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which pairs say the same in the same language."""
    same: NDArray[np.bool_] = (vectors @ vectors.T >= _ALIKE) & (
        languages[:, None] == languages[None, :]
    )
    np.fill_diagonal(same, val=False)
    return same

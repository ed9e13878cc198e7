"""Whether a passage is an answer of the programme it was found in, or only near to the question."""

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.entities import named_in
from embeddings.types import Entity, Vocabulary
from knowledge.compare.dimensions import nearest_dimensions
from knowledge.models import Dimension, ProgrammePage
from knowledge.rights import Reader
from knowledge.search.entities import known_entities
from knowledge.search.programmes import programme_versions
from knowledge.search.pulse import read_pulse
from knowledge.search.results import ResultCard

_QUESTION_MARKS = ("?", "？", "؟", "፧")
_CLOSING = " \n\"'”’»」』)）"
_NEAREST = 2
"""Among how many of the dimensions nearest to a passage the question's must be. Of the passages
shown for ten questions, 6 of 20 answered before; with 1, 2 and 3 here 4 of 6, 6 of 9, 6 of 10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What a passage must be, to answer one question."""

    dimensions: Sequence[Dimension]
    """What the question is about."""
    names: Vocabulary[Entity]
    """Countries and programmes that the question does not name itself."""

    @classmethod
    def to(cls, text: str, dimensions: Sequence[Dimension], *, reader: Reader) -> "Answering":
        """Return what answers a question; a programme hidden from the reader has no name here."""
        pulse = read_pulse(reader)
        known = known_entities(pulse, programme_versions(pulse))
        asked = named_in(text, known)
        return cls(
            dimensions=dimensions, names=Vocabulary(one for one in known if one not in asked)
        )

    def holds_for(self, card: ResultCard, programme: ProgrammePage) -> bool:
        """Return False for a question, for what is said of another, for what is beside the point.

        Args:
            card: What was found; its sentence that is nearest to the question speaks for it.
            programme: Whose answer it would be.
        """
        told = card.sentence or card.passage
        return not (
            told.rstrip(_CLOSING).endswith(_QUESTION_MARKS)
            or self._is_of_another(told, programme)
            or self._is_beside(card)
        )

    def _is_of_another(self, told: str, programme: ProgrammePage) -> bool:
        """Whether a sentence names others, but neither the programme nor its country.

        A programme of many countries speaks of itself by naming them.
        """
        if programme.country is None:
            return False
        own = {("programme", programme.code), ("country", programme.country.code)}
        named = {(one.facet, one.value) for one in named_in(told, self.names)}
        return bool(named) and not named & own

    def _is_beside(self, card: ResultCard) -> bool:
        if not self.dimensions:
            return False
        nearest = nearest_dimensions(f"{card.heading}: {card.passage}")
        return not set(self.dimensions) & set(nearest[:_NEAREST])

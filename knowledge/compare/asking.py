"""One question asked of each programme apart: its best passage, or an honest nothing.

Apart, so that no language, country or large programme crowds out another.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from knowledge.compare.dimensions import dimension_of
from knowledge.listing import programmes_by_code
from knowledge.models import Dimension, ProgrammeCell, ProgrammePage
from knowledge.rights import Reader
from knowledge.search.results import KnowledgeResults, ResultCard
from knowledge.search.service import search_knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeAnswer:
    """What one programme has to say."""

    programme: ProgrammePage
    cell: ProgrammeCell | None
    """What its profile says of the dimension that the question is about."""
    results: KnowledgeResults
    """The best work, and how many works of this programme answer."""

    @property
    def answers(self) -> bool:
        """Whether it has anything to say."""
        return self.cell is not None or self.card is not None

    @property
    def card(self) -> ResultCard | None:
        """Return the best work, None where nothing answers."""
        return next(iter(self.results.cards), None)


def programmes_for(reader: Reader) -> list[ProgrammePage]:
    """Return the programmes that a reader may open, by name, each in the reader's language."""
    return sorted(programmes_by_code(reader).values(), key=lambda page: page.title.casefold())


def ask_each(
    text: str, programmes: Sequence[ProgrammePage], *, reader: Reader
) -> list[ProgrammeAnswer]:
    """Return what each programme answers, in their order.

    A passage must be good enough by itself: that it is the nearest a programme has is no answer.
    Of a question about one of the dimensions of the comparison the profile tells, whose sentences
    have been written for it.

    Args:
        text: The question, in any language.
        programmes: Whom to ask; those of `programmes_for`.
        reader: Whose rights and language count.
    """
    dimension = dimension_of(text)
    return [
        ProgrammeAnswer(
            programme=programme,
            cell=_cell(programme, dimension),
            results=search_knowledge(
                text,
                reader=reader,
                filters={"programme": [programme.code]},
                limit=1,
                facets=False,
                only_good=True,
            ),
        )
        for programme in programmes
    ]


def _cell(programme: ProgrammePage, dimension: Dimension | None) -> ProgrammeCell | None:
    return next((one for one in programme.cells.all() if one.aspect == dimension), None)


def chosen_of(programmes: Sequence[ProgrammePage], codes: Collection[str]) -> list[ProgrammePage]:
    """Return the programmes with one of the codes; all of them where none has."""
    return [one for one in programmes if one.code in codes] or list(programmes)

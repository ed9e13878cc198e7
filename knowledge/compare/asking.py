"""One question asked of each programme apart: its best passage, or an honest nothing.

Apart, so that no language, country or large programme crowds out another.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from embeddings.language import fold
from embeddings.passages import without_citations
from knowledge.compare.answering import Answering
from knowledge.compare.dimensions import dimensions_of
from knowledge.dates import language_only
from knowledge.listing import best_to_compare, programmes_by_code
from knowledge.models import Dimension, ProgrammeCell, ProgrammePage
from knowledge.rights import Reader, readable_pages
from knowledge.search.results import KnowledgeResults, ResultCard
from knowledge.search.service import search_knowledge

_LOOKED_AT = 3
"""Works of a programme that are looked at for a passage that answers; beside a cell, which answers
already, only the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeAnswer:
    """What one programme has to say."""

    programme: ProgrammePage
    cells: Sequence[ProgrammeCell]
    """What its profile says of the dimensions that the question is about, the nearest first."""
    card: ResultCard | None
    """The best work with a passage that answers; None where nothing does."""
    results: KnowledgeResults
    """How many works of this programme were found, and how the question was read."""

    @property
    def answers(self) -> bool:
        """Whether it has anything to say."""
        return bool(self.cells) or self.card is not None


def programmes_for(reader: Reader) -> list[ProgrammePage]:
    """Return the programmes that a reader may open, by name, each in the reader's language."""
    return sorted(programmes_by_code(reader).values(), key=lambda page: fold(page.title))


def ask_each(
    text: str, programmes: Sequence[ProgrammePage], *, reader: Reader
) -> list[ProgrammeAnswer]:
    """Return what each programme answers, in their order.

    A passage must be good enough by itself: that it is the nearest a programme has is no answer.
    Of a question about dimensions of the comparison the profile tells, whose sentences have been
    written for it.

    Args:
        text: The question, in any language.
        programmes: Whom to ask; those of `programmes_for`.
        reader: Whose rights and language count.
    """
    dimensions = dimensions_of(text)
    answering = Answering.to(text, dimensions, reader=reader)
    cells = _cells(programmes, dimensions, reader)
    answers = []
    for programme in programmes:
        by_dimension = cells.get(programme.translation_key, {})
        results = search_knowledge(
            text,
            reader=reader,
            filters={"programme": [programme.code]},
            limit=1 if by_dimension else _LOOKED_AT,
            facets=False,
            only_good=True,
        )
        told = {
            without_citations(cell.text)
            for versions in by_dimension.values()
            for cell in versions.values()
        }
        fit = (
            card
            for card in results.cards
            if card.passage not in told and answering.holds_for(card, programme)
        )
        answers.append(
            ProgrammeAnswer(
                programme=programme,
                cells=[
                    versions[_best(versions)]
                    for dimension in dimensions
                    if (versions := by_dimension.get(dimension))
                ],
                card=next(fit, None),
                results=results,
            )
        )
    return answers


def _cells(
    programmes: Sequence[ProgrammePage], dimensions: Sequence[Dimension], reader: Reader
) -> dict[uuid.UUID, dict[str, dict[ProgrammePage, ProgrammeCell]]]:
    """Return work → dimension → language version → its cell, of those the reader may open."""
    found: dict[uuid.UUID, dict[str, dict[ProgrammePage, ProgrammeCell]]] = {}
    if not dimensions:
        return found
    works = [programme.translation_key for programme in programmes]
    readable = readable_pages(reader).filter(translation_key__in=works)
    cells = ProgrammeCell.objects.filter(aspect__in=dimensions, page__in=readable.values("pk"))
    for cell in cells.select_related("page__locale").defer("page__body"):
        of_work = found.setdefault(cell.page.translation_key, {})
        of_work.setdefault(cell.aspect, {})[cell.page] = cell
    return found


def _best(versions: Mapping[ProgrammePage, ProgrammeCell]) -> ProgrammePage:
    return best_to_compare(versions, language_only(get_language()))


def chosen_of(programmes: Sequence[ProgrammePage], codes: Collection[str]) -> list[ProgrammePage]:
    """Return the programmes with one of the codes; all of them where none has."""
    return [one for one in programmes if one.code in codes] or list(programmes)

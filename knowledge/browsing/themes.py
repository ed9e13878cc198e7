"""A theme: its works, and what each programme says of it in the comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import get_language

from embeddings.language import fold
from knowledge.browsing.shelves import Shelf, shelves_for
from knowledge.dates import language_only
from knowledge.listing import best_to_compare, programmes_by_code
from knowledge.models import Dimension, Fact, ProgrammeCell, ProgrammePage, Theme
from knowledge.models.evidence import facts_cited
from knowledge.rights import Reader, readable_pages
from knowledge.search.results import FacetValue
from knowledge.search.service import search_knowledge

DIMENSIONS: Mapping[str, tuple[Dimension, ...]] = {
    "grading": (Dimension.GRADING, Dimension.CRITERIA),
    "market-access": (Dimension.MARKET,),
    "finance": (Dimension.FINANCE,),
    "cooperatives": (Dimension.PRODUCERS,),
    "training": (Dimension.TRAINING,),
    "institutions": (Dimension.LEAD, Dimension.SCALE, Dimension.LAW),
}
"""Theme → dimensions of the comparison that belong to it; the other themes have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What one programme says of a theme."""

    programme: ProgrammePage
    """In the language of the cells."""
    cells: Sequence[tuple[str, ProgrammeCell | None]]
    """(name of the dimension, cell or None) of each dimension of the theme."""


@dataclass(frozen=True, kw_only=True)
class ThemeProfile:
    """What a reader may see of a theme."""

    theme: Theme
    dimensions: Sequence[str]
    """The name of each dimension of the theme."""
    sayings: Sequence[Saying]
    silent: Sequence[ProgrammePage]
    """Programmes without a cell for any of the dimensions."""
    shelves: Sequence[Shelf]
    programmes: Sequence[FacetValue]
    countries: Sequence[FacetValue]
    works: int

    @cached_property
    def facts(self) -> list[Fact]:
        """Return the facts that the cells cite, in the order of first mention."""
        return facts_cited([cell.text for one in self.sayings for _, cell in one.cells if cell])


def theme_profile(theme: Theme, reader: Reader) -> ThemeProfile:
    """Return all that a reader may see of a theme."""
    dimensions = DIMENSIONS.get(theme.code, ())
    sayings, silent = _sayings(dimensions, reader) if dimensions else ([], [])
    found = search_knowledge("", reader=reader, filters={"theme": [theme.code]}, limit=0)
    facets = {facet.name: facet.values for facet in found.facets}
    return ThemeProfile(
        theme=theme,
        dimensions=[str(one.label) for one in dimensions],
        sayings=sayings,
        silent=silent,
        shelves=shelves_for(reader, theme=theme.code),
        programmes=facets.get("programme", ()),
        countries=facets.get("country", ()),
        works=found.total,
    )


def _sayings(
    dimensions: Sequence[Dimension], reader: Reader
) -> tuple[list[Saying], list[ProgrammePage]]:
    """Return what programmes say, by name, and which of them say nothing."""
    pages = ProgrammePage.objects.filter(
        pk__in=readable_pages(reader).values("pk"), cells__aspect__in=dimensions
    )
    by_code: dict[str, list[ProgrammePage]] = {}
    for page in pages.distinct().select_related("locale").defer("body"):
        by_code.setdefault(page.code, []).append(page)
    language = language_only(get_language())
    chosen = {code: best_to_compare(found, language) for code, found in by_code.items()}
    cells: dict[tuple[int, str], ProgrammeCell] = {
        (cell.page_id, cell.aspect): cell
        for cell in ProgrammeCell.objects.filter(page__in=chosen.values(), aspect__in=dimensions)
    }
    sayings = [
        Saying(
            programme=page,
            cells=[(str(one.label), cells.get((page.pk, one))) for one in dimensions],
        )
        for page in sorted(chosen.values(), key=lambda one: fold(one.title))
    ]
    everywhere = programmes_by_code(reader)
    silent = [page for code, page in everywhere.items() if code not in chosen]
    return sayings, sorted(silent, key=lambda one: fold(one.title))

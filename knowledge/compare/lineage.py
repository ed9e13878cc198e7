"""Where programmes are, and which learnt from which."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from embeddings.language import fold
from knowledge.listing import programmes_by_code
from knowledge.models import Country, Fact, ProgrammePage, Transfer, TransferText
from knowledge.models.evidence import facts_cited
from knowledge.rights import Reader

MAP_WIDTH, MAP_HEIGHT = 1000, 392
_NORTH = 84
"""Latitude of the upper edge of `world.svg`, which is equirectangular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country with its programmes, where the map shows it."""

    country: Country
    programmes: Sequence[ProgrammePage]
    x: float | None
    """None for a country whose place is not known."""
    y: float | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One programme learnt from another; both may be opened by the reader."""

    transfer: Transfer
    origin: ProgrammePage
    heir: ProgrammePage
    told: TransferText

    @property
    def texts(self) -> tuple[str, str, str]:
        """All that is told of it."""
        return self.told.taken, self.told.changed, self.told.result


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A step on the map."""

    path: str
    is_offer: bool


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """The map and the steps."""

    places: Sequence[Place]
    elsewhere: Sequence[ProgrammePage]
    """Programmes of no single country."""
    steps: Sequence[Step]

    @cached_property
    def facts(self) -> list[Fact]:
        """Return the facts that the steps cite, in the order of first mention."""
        return facts_cited([text for step in self.steps for text in step.texts])

    @property
    def mapped(self) -> list[Place]:
        """Return the places that the map shows."""
        return [place for place in self.places if place.x is not None]

    @property
    def arcs(self) -> list[Arc]:
        """Return the steps between countries as curves, bent towards the north."""
        at = {
            page.code: (place.x, place.y)
            for place in self.places
            if place.x is not None and place.y is not None
            for page in place.programmes
        }
        ends = (
            (at.get(step.origin.code), at.get(step.heir.code), step.transfer.is_offer)
            for step in self.steps
        )
        return [
            _arc(start, end, is_offer=is_offer)
            for start, end, is_offer in ends
            if start is not None and end is not None and start != end
        ]


def _arc(start: tuple[float, float], end: tuple[float, float], *, is_offer: bool) -> Arc:
    bend = 0.18 * abs(end[0] - start[0])
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - bend)
    path = "M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*start, *middle, *end)
    return Arc(path=path, is_offer=is_offer)


def lineage_for(reader: Reader) -> Lineage:
    """Return what a reader may see: steps between programmes that they may open."""
    programmes = programmes_by_code(reader)
    by_country: dict[Country, list[ProgrammePage]] = {}
    elsewhere = []
    for page in sorted(programmes.values(), key=lambda one: fold(one.title)):
        if page.country is None:
            elsewhere.append(page)
        else:
            by_country.setdefault(page.country, []).append(page)
    steps = []
    for transfer in Transfer.objects.prefetch_related("texts"):
        origin, heir = programmes.get(transfer.origin), programmes.get(transfer.heir)
        told = transfer.told
        if origin is not None and heir is not None and told is not None:
            steps.append(Step(transfer=transfer, origin=origin, heir=heir, told=told))
    places = [_place(country, pages) for country, pages in by_country.items()]
    return Lineage(
        places=sorted(places, key=lambda place: fold(place.country.label)),
        elsewhere=elsewhere,
        steps=sorted(steps, key=lambda step: (step.transfer.year or 9999, step.heir.title)),
    )


def _place(country: Country, pages: Sequence[ProgrammePage]) -> Place:
    scale = MAP_WIDTH / 360
    if country.latitude is None or country.longitude is None:
        return Place(country=country, programmes=pages, x=None, y=None)
    return Place(
        country=country,
        programmes=pages,
        x=(country.longitude + 180) * scale,
        y=(_NORTH - country.latitude) * scale,
    )

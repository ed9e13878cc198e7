"""Where programmes are, and which learnt from which."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge.indicators.ledger import programmes_by_code
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
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Step:
    """One programme learnt from another; both may be opened by the reader."""

    transfer: Transfer
    origin: ProgrammePage
    heir: ProgrammePage
    told: TransferText


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
        texts = [
            text
            for step in self.steps
            for text in (step.told.taken, step.told.changed, step.told.result)
        ]
        return facts_cited(texts)

    @property
    def arcs(self) -> list[Arc]:
        """Return the steps between countries as curves, bent towards the north."""
        at = {page.code: place for place in self.places for page in place.programmes}
        return [
            _arc(at[step.origin.code], at[step.heir.code], is_offer=step.transfer.is_offer)
            for step in self.steps
            if step.origin.code in at
            and step.heir.code in at
            and at[step.origin.code] is not at[step.heir.code]
        ]


def _arc(start: Place, end: Place, *, is_offer: bool) -> Arc:
    bend = 0.18 * abs(end.x - start.x)
    middle = ((start.x + end.x) / 2, (start.y + end.y) / 2 - bend)
    points = (start.x, start.y, *middle, end.x, end.y)
    path = "M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*points)
    return Arc(path=path, is_offer=is_offer)


def lineage_for(reader: Reader) -> Lineage:
    """Return what a reader may see: steps between programmes that they may open."""
    programmes = programmes_by_code(reader)
    by_country: dict[int, list[ProgrammePage]] = {}
    elsewhere = []
    for page in sorted(programmes.values(), key=lambda one: one.title.casefold()):
        country = page.country
        if country is None or country.latitude is None or country.longitude is None:
            elsewhere.append(page)
        else:
            by_country.setdefault(country.pk, []).append(page)
    steps = []
    for transfer in Transfer.objects.prefetch_related("texts"):
        origin, heir = programmes.get(transfer.origin), programmes.get(transfer.heir)
        told = transfer.told
        if origin is not None and heir is not None and told is not None:
            steps.append(Step(transfer=transfer, origin=origin, heir=heir, told=told))
    places = [_place(pages) for pages in by_country.values()]
    return Lineage(
        places=sorted(places, key=lambda place: place.country.label.casefold()),
        elsewhere=elsewhere,
        steps=sorted(steps, key=lambda step: (step.transfer.year or 9999, step.heir.title)),
    )


def _place(pages: Sequence[ProgrammePage]) -> Place:
    country = pages[0].country
    if country is None or country.latitude is None or country.longitude is None:
        raise ValueError("a place needs a country on the map")
    scale = MAP_WIDTH / 360
    return Place(
        country=country,
        programmes=pages,
        x=(country.longitude + 180) * scale,
        y=(_NORTH - country.latitude) * scale,
    )

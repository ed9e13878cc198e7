"""A country: its programmes, rules, works and figures, and what it learnt from others."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from embeddings.language import fold
from knowledge.browsing.shelves import Shelf, shelves_for
from knowledge.compare.lineage import Step, lineage_for
from knowledge.compare.policies import Dated, Standing, policies_on
from knowledge.indicators.ledger import Entry, entries
from knowledge.listing import programmes_by_code
from knowledge.models import Country, Fact, ProgrammeCell, ProgrammePage
from knowledge.models.evidence import facts_cited
from knowledge.rights import Reader, readable_pages
from knowledge.search.results import FacetValue
from knowledge.search.service import browse_counts, search_knowledge

_OWN_SECTIONS = frozenset({"programme", "policy"})
"""Kinds that the page does not show as plain lists of works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCounts:
    """One country of the list."""

    code: str
    label: str
    programmes: int
    works: int


@dataclass(frozen=True, kw_only=True)
class CountryProfile:
    """What a reader may see of a country."""

    country: Country
    programmes: Sequence[ProgrammePage]
    partners: Sequence[ProgrammePage]
    """Programmes elsewhere to compare with; empty where this country's have no cells."""
    policies: Sequence[Dated]
    shelves: Sequence[Shelf]
    """The other works, by kind."""
    indicators: Sequence[Entry]
    taken: Sequence[Step]
    """What its programmes took over, also from one another."""
    given: Sequence[Step]
    """What programmes of other countries took over from its own."""
    themes: Sequence[FacetValue]
    works: int

    @property
    def standings(self) -> list[tuple[str, list[Dated]]]:
        """Return (heading, policies) of what is in force today, is not yet, was, or may be."""
        groups = (
            (pgettext("policies", "In force today"), [Standing.IN_FORCE, Standing.AMENDED]),
            (pgettext("policies", "Not in force yet"), [Standing.AHEAD]),
            (_("Replaced or no longer in force"), [Standing.REPLACED, Standing.OVER]),
            (_("First day of force not known"), [Standing.UNDATED]),
        )
        found = [
            (heading, [one for one in self.policies if one.standing in standings])
            for heading, standings in groups
        ]
        return [(heading, policies) for heading, policies in found if policies]

    @cached_property
    def facts(self) -> list[Fact]:
        """Return the facts that the page cites: of what was given only what it was is told."""
        taken = [text for step in self.taken for text in step.texts]
        return facts_cited([*taken, *(step.told.taken for step in self.given)])

    @property
    def is_empty(self) -> bool:
        """Return True where there is nothing for this reader."""
        return not (self.works or self.programmes or self.indicators)


def countries_for(reader: Reader) -> list[CountryCounts]:
    """Return the countries of which a reader may open something, by name."""
    pages = programmes_by_code(reader).values()
    programmes = Counter(page.country.code for page in pages if page.country is not None)
    facet = browse_counts(reader).get("country")
    found = [
        CountryCounts(
            code=one.value, label=one.label, programmes=programmes[one.value], works=one.count
        )
        for one in (facet.values if facet else ())
    ]
    return sorted(found, key=lambda one: fold(one.label))


def country_profile(country: Country, reader: Reader) -> CountryProfile:
    """Return all that a reader may see of a country."""
    everywhere = sorted(programmes_by_code(reader).values(), key=lambda one: fold(one.title))
    own = [page for page in everywhere if page.country_id == country.pk]
    codes = {page.code for page in own}
    steps = [one for one in lineage_for(reader).steps if {one.origin.code, one.heir.code} & codes]
    found = search_knowledge("", reader=reader, filters={"country": [country.code]}, limit=0)
    return CountryProfile(
        country=country,
        programmes=own,
        partners=_partners(everywhere, codes, reader),
        policies=_policies_of(country, reader),
        shelves=[
            shelf
            for shelf in shelves_for(reader, country=country.code)
            if shelf.kind not in _OWN_SECTIONS
        ],
        indicators=[
            one
            for one in entries(reader)
            if one.indicator.country_id == country.pk or one.indicator.programme in codes
        ],
        taken=[one for one in steps if one.heir.code in codes],
        given=[one for one in steps if one.heir.code not in codes],
        themes=[one for facet in found.facets if facet.name == "theme" for one in facet.values],
        works=found.total,
    )


def _partners(
    everywhere: Sequence[ProgrammePage], own: Collection[str], reader: Reader
) -> list[ProgrammePage]:
    """Return the programmes elsewhere that have cells, if some of the country's own have."""
    cells = ProgrammeCell.objects.filter(page__in=readable_pages(reader).values("pk"))
    described = set(cells.values_list("page__code", flat=True))
    if not described & set(own):
        return []
    return [page for page in everywhere if page.code in described and page.code not in own]


def _policies_of(country: Country, reader: Reader) -> list[Dated]:
    """Return the country's policies with what they are today, the newest in force first."""
    chains = policies_on(timezone.localdate(), reader=reader)
    return [one for chain in chains for one in chain.policies if one.page.country_id == country.pk]

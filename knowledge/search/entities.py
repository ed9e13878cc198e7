"""Countries and programmes as the search's entities: what a question can name."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from django.db.models import Count, Max

from embeddings.types import Entity
from knowledge.models import Country, CountryName
from knowledge.search.glossary import without_brackets
from knowledge.search.programmes import ProgrammeVersion

Version = tuple[object, ...]


def known_entities(programmes: Iterable[ProgrammeVersion]) -> tuple[Entity, ...]:
    """Return all countries and the given programmes.

    Args:
        programmes: Those that the reader may open; what comes first for the name of a hidden
            programme would tell which works belong to it.
    """
    return (*_countries(_version()), *_programmes(programmes))


def _version() -> Version:
    """Return what changes when countries do, in whatever process."""
    countries = Country.objects.aggregate(Count("pk"), Max("changed_at"))
    names = CountryName.objects.aggregate(Count("pk"), Max("changed_at"))
    return (*countries.values(), *names.values())


@lru_cache(maxsize=1)
def _countries(version: Version) -> tuple[Entity, ...]:
    return tuple(
        Entity(
            facet="country",
            value=country.code,
            names=tuple(
                dict.fromkeys([country.name, *(local.name for local in country.names.all())])
            ),
            is_place=True,
        )
        for country in Country.objects.prefetch_related("names").order_by("code")
    )


def _programmes(versions: Iterable[ProgrammeVersion]) -> Iterator[Entity]:
    """Yield one entity per programme, with the names that its versions give it."""
    names: dict[str, set[str]] = {}
    for version in versions:
        for name in (version.title, *version.other_names.splitlines()):
            names.setdefault(version.code, set()).update({name.strip(), without_brackets(name)})
    for code in sorted(names):
        yield Entity(facet="programme", value=code, names=tuple(sorted(names[code] - {""})))

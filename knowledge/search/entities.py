"""Countries and programmes as the search's entities: what a question can name."""

from collections.abc import Iterator
from functools import lru_cache

from django.db.models import Count, Max

from embeddings.types import Entity
from knowledge.models import Country, CountryName, ProgrammePage
from knowledge.rights import Reader, readable_pages
from knowledge.search.glossary import without_brackets

Version = tuple[object, ...]


def known_entities(reader: Reader) -> tuple[Entity, ...]:
    """Return all countries, and the programmes that this reader may open.

    What comes first for the name of a hidden programme would tell which works belong to it.
    """
    return (*_countries(_version()), *_programmes(reader))


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
            names=(country.name, *(local.name for local in country.names.all())),
            is_place=True,
        )
        for country in Country.objects.prefetch_related("names").order_by("code")
    )


def _programmes(reader: Reader) -> Iterator[Entity]:
    """Yield one entity per programme, with the names that its readable versions give it."""
    names: dict[str, set[str]] = {}
    pages = ProgrammePage.objects.filter(pk__in=readable_pages(reader).values("pk"))
    for code, title, other_names in pages.values_list("code", "title", "other_names"):
        for name in (title, *other_names.splitlines()):
            names.setdefault(code, set()).update({name.strip(), without_brackets(name)})
    for code in sorted(names):
        yield Entity(facet="programme", value=code, names=tuple(sorted(names[code] - {""})))

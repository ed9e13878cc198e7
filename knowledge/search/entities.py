"""Countries, their provinces and programmes as the search's entities: what a question can name."""

from collections.abc import Iterator
from functools import lru_cache

from embeddings.types import Entity, Vocabulary
from knowledge.models import Country
from knowledge.search.glossary import without_brackets
from knowledge.search.places import known_places
from knowledge.search.programmes import ProgrammeVersion
from knowledge.search.pulse import Pulse, Version


def known_entities(pulse: Pulse, programmes: tuple[ProgrammeVersion, ...]) -> Vocabulary[Entity]:
    """Return all countries and the given programmes.

    Args:
        pulse: Which countries there are.
        programmes: Those that the reader may open; what comes first for the name of a hidden
            programme would tell which works belong to it.
    """
    return _known(pulse.countries, programmes)


def nameable(pulse: Pulse, programmes: tuple[ProgrammeVersion, ...]) -> Vocabulary[Entity]:
    """Return what `known_entities` does, and the places that no work is filed under."""
    return _nameable(pulse.countries, programmes)


@lru_cache(maxsize=16)
def _nameable(version: Version, programmes: tuple[ProgrammeVersion, ...]) -> Vocabulary[Entity]:
    return Vocabulary((*_known(version, programmes), *known_places()))


@lru_cache(maxsize=16)
def _known(version: Version, programmes: tuple[ProgrammeVersion, ...]) -> Vocabulary[Entity]:
    return Vocabulary((*_countries(version), *_programmes(programmes)))


@lru_cache(maxsize=2)
def _countries(version: Version) -> tuple[Entity, ...]:
    return tuple(
        Entity(
            facet="country",
            value=country.code,
            names=tuple(dict.fromkeys(_names(country))),
            is_place=True,
        )
        for country in Country.objects.prefetch_related("names").order_by("code")
    )


def _names(country: Country) -> Iterator[str]:
    yield country.name
    yield from (local.name for local in country.names.all())
    yield from (name.strip() for name in country.other_names.splitlines() if name.strip())


def _programmes(versions: tuple[ProgrammeVersion, ...]) -> tuple[Entity, ...]:
    """Return one entity per programme, with the names that its versions give it."""
    names: dict[str, set[str]] = {}
    for version in versions:
        for name in (version.title, *version.other_names.splitlines()):
            names.setdefault(version.code, set()).update({name.strip(), without_brackets(name)})
    return tuple(
        Entity(facet="programme", value=code, names=tuple(sorted(names[code] - {""})))
        for code in sorted(names)
    )

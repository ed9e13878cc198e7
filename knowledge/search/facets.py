"""Facets with labels in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.dates import language_only
from knowledge.eligibility import kind_labels
from knowledge.models import Country, Theme
from knowledge.search.programmes import Labels
from knowledge.search.pulse import Pulse, Version
from knowledge.search.results import Facet, FacetValue


def facets_from_counts(
    counts: Mapping[str, Mapping[str, int]],
    filters: Mapping[str, Sequence[str]],
    programmes: Labels,
    pulse: Pulse,
) -> list[Facet]:
    """Return the facets in the order of the page; a chosen value stays even when it counts 0.

    A programme whose page the reader may not open is not named, even if works of it are public.
    """
    facets = []
    for name, (title, labels_of) in _FACETS.items():
        chosen = set(filters.get(name, ()))
        counted = counts.get(name, {})
        if name == "programme":
            counted = {code: count for code, count in counted.items() if code in programmes}
        values = set(counted) | chosen
        if not values:
            continue
        labels = programmes if name == "programme" else labels_of(pulse)
        entries = [
            FacetValue(
                value=value,
                label=str(labels.get(value, value)),
                count=counted.get(value, 0),
                selected=value in chosen,
            )
            for value in values
        ]
        if name == "year":
            entries.sort(key=lambda entry: entry.value, reverse=True)
        else:
            entries.sort(key=_most_first)
        facets.append(Facet(name=name, label=title(), values=entries))
    return facets


def _most_first(entry: FacetValue) -> tuple[int, str]:
    return -entry.count, entry.label


def country_labels(pulse: Pulse) -> Labels:
    """Return code → name of all countries in the reader's language."""
    return _named_labels(Country, language_only(get_language()), pulse.countries)


def _theme_labels(pulse: Pulse) -> Labels:
    return _named_labels(Theme, language_only(get_language()), pulse.themes)


@lru_cache(maxsize=64)
def _named_labels(model: type[Country] | type[Theme], language: str, version: Version) -> Labels:
    local = model.objects.filter(names__language=language).values_list("code", "names__name")
    return dict(model.objects.values_list("code", "name")) | dict(local)


_FACETS: dict[str, tuple[Callable[[], str], Callable[[Pulse], Labels]]] = {
    "programme": (lambda: _("Programme"), lambda _: {}),
    "country": (lambda: _("Country"), country_labels),
    "kind": (
        lambda: _("Kind"),
        lambda _: kind_labels(get_language()),
    ),
    "theme": (lambda: _("Theme"), _theme_labels),
    "language": (lambda: _("Language of the text"), lambda _: dict(settings.LANGUAGES)),
    "year": (lambda: _("Year"), lambda _: {}),
}

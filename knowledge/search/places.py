"""Provinces, prefectures and regions by their names in many scripts.

Somebody in Tokyo asks for ニンビン, and the texts say Ninh Bình. `places.tsv` has a line for each
first-level subdivision of some countries: its code of ISO 3166-2, its names in Latin letters, and
those in other languages where they differ. A name that is an everyday word as well stands there
with the word for "province", or not at all. Other places can be added to the glossary.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from embeddings.types import Entity

_FILE = Path(__file__).with_name("places.tsv")


@lru_cache(maxsize=1)
def known_places() -> tuple[Entity, ...]:
    """Return the places; nothing is filed under them."""
    return tuple(
        Entity(facet="", value=place["code"], names=tuple(names_of(place)), is_place=True)
        for place in read_places()
    )


def read_places() -> list[dict[str, str]]:
    """Return the lines of the file, column → cell."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def names_of(place: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of one line, each once, those in Latin letters first."""
    cells = (cell for column, cell in place.items() if column != "code")
    yield from dict.fromkeys(name for cell in cells for name in cell.split("; ") if name)

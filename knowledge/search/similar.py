"""Works near to a page in any language, and works that a text repeats."""

import uuid
from collections.abc import Iterable

from embeddings import service as index
from embeddings.types import SimilarWork
from knowledge.documents import document_from_page, document_key
from knowledge.listing import versions_for_reader
from knowledge.models.base import WorkPage
from knowledge.rights import Reader
from knowledge.search.pulse import read_pulse

_SHOWN = 4


def similar_to(page: WorkPage, reader: Reader, *, limit: int = _SHOWN) -> list[WorkPage]:
    """Return works like a page that the reader may open, the most alike first.

    Each in the reader's interface language where there is such a version.
    """
    found = index.similar_works(
        document_key(page.pk), barred_scopes=read_pulse(reader).barred, limit=limit
    )
    return _in_order(found, reader)


def similar_to_text(page: WorkPage, reader: Reader, *, limit: int = _SHOWN) -> list[WorkPage]:
    """Return works like what a page says, published or not; else as `similar_to`.

    Raises:
        EncoderUnavailable: Meaning cannot be compared.
    """
    found = index.works_like(
        document_from_page(page), barred_scopes=read_pulse(reader).barred, limit=limit
    )
    return _in_order(found, reader)


def _in_order(found: Iterable[SimilarWork], reader: Reader) -> list[WorkPage]:
    places = {uuid.UUID(one.work): place for place, one in enumerate(found)}
    works = versions_for_reader(reader, places.keys())
    return sorted(works, key=lambda work: places[work.translation_key])


def duplicates_of(page: WorkPage, reader: Reader) -> list[WorkPage]:
    """Return the works that a page, published or not, repeats in its own language.

    Raises:
        EncoderUnavailable: Meaning cannot be compared.
    """
    found = index.find_duplicates(document_from_page(page), barred_scopes=read_pulse(reader).barred)
    return versions_for_reader(reader, {uuid.UUID(one.work) for one in found})

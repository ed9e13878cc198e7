"""Writing passages: plan, encode what is new, replace rows, append to the log, in one transaction."""

import logging
from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np
from django.db import transaction

from embeddings.conf import get_encoder
from embeddings.encoders.base import Encoder
from embeddings.fingerprints import content_hash
from embeddings.language import detect_language
from embeddings.models import DocumentChange, IndexState, Passage
from embeddings.passages import PassageText, split_into_passages, without_citations
from embeddings.types import SourceDocument

logger = logging.getLogger(__name__)

_TEXT_FOR_LANGUAGE = 2_000


class SyncOutcome(StrEnum):
    """What a synchronisation did."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


def passage_for_encoding(*, title: str, heading: str, text: str) -> str:
    """Return the text whose vector stands for the passage: its headings give it context."""
    return "\n".join(part for part in (title, heading, text) if part)


def sync_document(key: str, load: Callable[[], SourceDocument | None]) -> SyncOutcome:
    """Make the rows of one document equal to what `load` returns; None removes it.

    `load` is called under the writers' lock, so the last word is always the newest state.
    """
    with transaction.atomic():
        state = _lock()
        document = load()
        if document is None:
            return _remove(state, key)
        return _replace(state, document)


def _lock() -> IndexState:
    IndexState.objects.get_or_create(pk=1)
    return IndexState.objects.select_for_update().get(pk=1)


def _log(state: IndexState, key: str) -> None:
    state.position += 1
    state.save(update_fields=["position"])
    DocumentChange.objects.create(position=state.position, document_key=key)


def _remove(state: IndexState, key: str) -> SyncOutcome:
    removed, _ = Passage.objects.filter(document_key=key).delete()
    if not removed:
        return SyncOutcome.UNCHANGED
    _log(state, key)
    return SyncOutcome.REMOVED


def _replace(state: IndexState, document: SourceDocument) -> SyncOutcome:
    encoder = get_encoder()
    _check_language(document)
    stored = list(Passage.objects.filter(document_key=document.key).order_by("position"))
    wanted = _rows(document, encoder)
    vectors = {
        row.content_hash: bytes(row.vector)
        for row in stored
        if row.encoder_id == encoder.encoder_id
    }
    _fill_vectors(wanted, vectors, encoder)
    if [_state_of(row) for row in stored] == [_state_of(row) for row in wanted]:
        return SyncOutcome.UNCHANGED
    Passage.objects.filter(document_key=document.key).delete()
    Passage.objects.bulk_create(wanted, batch_size=500)
    _log(state, document.key)
    return SyncOutcome.INDEXED


def _check_language(document: SourceDocument) -> None:
    """Log a text that is clearly in another language than it says; what it says is kept."""
    text = "\n".join(section.text for section in document.sections)[:_TEXT_FOR_LANGUAGE]
    found = detect_language(without_citations(text), declared=document.language)
    if found not in {None, document.language}:
        logger.warning("%s says %s but reads as %s.", document.key, document.language, found)


def _rows(document: SourceDocument, encoder: Encoder) -> list[Passage]:
    return [_row(document, passage, encoder) for passage in split_into_passages(document.sections)]


def _row(document: SourceDocument, passage: PassageText, encoder: Encoder) -> Passage:
    notes = {code: document.notes[code] for code in passage.cited if code in document.notes}
    return Passage(
        document_key=document.key,
        work=document.work,
        position=passage.position,
        language=document.language,
        is_original=document.is_original,
        title=document.title,
        heading=passage.heading,
        text=passage.text,
        notes=notes,
        facets={name: sorted(values) for name, values in document.facets.items()},
        dated=document.dated,
        scope=document.scope,
        visible_until=document.visible_until,
        encoder_id=encoder.encoder_id,
        content_hash=content_hash(
            language=document.language,
            heading=passage.heading,
            text=passage.text,
            title=document.title,
            notes=notes,
        ),
    )


def _fill_vectors(rows: Sequence[Passage], known: dict[str, bytes], encoder: Encoder) -> None:
    new = [row for row in rows if row.content_hash not in known]
    if new:
        texts = [
            passage_for_encoding(title=row.title, heading=row.heading, text=row.text) for row in new
        ]
        for row, vector in zip(new, encoder.encode_passages(texts), strict=True):
            known[row.content_hash] = vector.astype("<f2").tobytes()
    for row in rows:
        row.vector = known[row.content_hash]


def _state_of(row: Passage) -> tuple[object, ...]:
    return (
        row.work,
        row.position,
        row.language,
        row.is_original,
        row.content_hash,
        row.facets,
        row.dated,
        row.text,
        row.scope,
        row.visible_until,
        row.encoder_id,
    )


def wanted_state(document: SourceDocument) -> list[tuple[object, ...]]:
    """Return what the rows of a document should be, vectors aside."""
    return [_state_of(row) for row in _rows(document, get_encoder())]


def stored_state(key: str) -> list[tuple[object, ...]]:
    """Return what the rows of a document are, vectors aside."""
    return [_state_of(row) for row in Passage.objects.filter(document_key=key).order_by("position")]


def vectors_of(
    rows: Sequence[Passage], dimensions: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return the rows' vectors, shape (len(rows), dimensions)."""
    joined = b"".join(bytes(row.vector) for row in rows)
    return np.frombuffer(joined, dtype="<f2").astype(np.float32).reshape(len(rows), dimensions)

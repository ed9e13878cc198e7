"""Writing passages: plan, encode what is new, replace rows, append to the log, in one transaction.

A row keeps its vector and its record, so that readers never encode a text.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction

from embeddings import telemetry
from embeddings.conf import get_encoder
from embeddings.encoders.base import Encoder
from embeddings.fingerprints import content_hash
from embeddings.language import detect_language, folded_words
from embeddings.models import DocumentChange, IndexState, Passage
from embeddings.passages import (
    PassageText,
    split_into_passages,
    split_into_sentences,
    without_citations,
)
from embeddings.records import PassageRecord, quantised, word_codes
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
        state = lock_state()
        document = load()
        if document is None:
            return _remove(state, key)
        return _replace(state, document)


def lock_state() -> IndexState:
    """Return the state under the writers' lock, held to the end of the transaction."""
    IndexState.objects.get_or_create(pk=1)
    return IndexState.objects.select_for_update().get(pk=1)


def append_changes(state: IndexState, keys: Iterable[str]) -> None:
    """Append documents to the log. The caller holds the writers' lock."""
    changes = [
        DocumentChange(position=position, document_key=key)
        for position, key in enumerate(keys, state.position + 1)
    ]
    DocumentChange.objects.bulk_create(changes, batch_size=1000)
    state.position += len(changes)
    state.save(update_fields=["position"])


def refile_document(key: str, load: Callable[[], SourceDocument | None]) -> None:
    """Make whom a document is for, and until when, what `load` returns; None removes it.

    That needs no encoder, and must not wait for one.
    """
    with transaction.atomic():
        state = lock_state()
        document = load()
        if document is None:
            _remove(state, key)
            return
        filing = {"scope": document.scope, "visible_until": document.visible_until}
        otherwise = Passage.objects.filter(document_key=key).exclude(**filing)
        if otherwise.update(**filing):
            append_changes(state, [key])


def _remove(state: IndexState, key: str) -> SyncOutcome:
    removed, _ = Passage.objects.filter(document_key=key).delete()
    if not removed:
        return SyncOutcome.UNCHANGED
    append_changes(state, [key])
    return SyncOutcome.REMOVED


def _replace(state: IndexState, document: SourceDocument) -> SyncOutcome:
    encoder = get_encoder(state.encoder)
    stored = list(Passage.objects.filter(document_key=document.key).order_by("position"))
    wanted = rows_of(document)
    known = {
        row.content_hash: row
        for row in stored
        if row.encoder_id == encoder.encoder_id and row.record
    }
    for row in wanted:
        row.encoder_id = encoder.encoder_id
        if (same := known.get(row.content_hash)) is not None:
            row.vector, row.record, row.words = same.vector, same.record, same.words
    encode([row for row in wanted if row.content_hash not in known], encoder)
    if [_state_of(row) for row in stored] == [_state_of(row) for row in wanted]:
        return SyncOutcome.UNCHANGED
    _check_language(document)
    Passage.objects.filter(document_key=document.key).delete()
    Passage.objects.bulk_create(wanted, batch_size=500)
    append_changes(state, [document.key])
    return SyncOutcome.INDEXED


def _check_language(document: SourceDocument) -> None:
    """Log a text that is clearly in another language than it says; what it says is kept."""
    text = "\n".join(section.text for section in document.sections)[:_TEXT_FOR_LANGUAGE]
    found = detect_language(without_citations(text), declared=document.language)
    if found not in {None, document.language}:
        logger.warning("%s says %s but reads as %s.", document.key, document.language, found)


class StoredText(NamedTuple):
    """What a hit shows of a row."""

    heading: str
    text: str
    place: str
    cited: tuple[str, ...] = ()
    """Codes of what the passage cites, in no particular order."""


def texts_of(ids: Sequence[int]) -> dict[int, StoredText]:
    """Return row id → text of those of some rows that are there.

    Django takes longer to write this statement than the database to answer it.
    """
    if not ids:
        return {}
    table = connection.ops.quote_name(Passage._meta.db_table)
    wanted = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, heading, text, place, notes FROM {table} WHERE id IN ({wanted})",  # noqa: S608
            list(ids),
        )
        return {
            pk: StoredText(heading, text, place, tuple(json.loads(notes)))
            for pk, heading, text, place, notes in cursor.fetchall()
        }


def texts_at(places: Sequence[tuple[str, int]]) -> list[StoredText | None]:
    """Return the text of what stands at some (document key, position), None for nothing."""
    rows = Passage.objects.filter(document_key__in={key for key, _ in places})
    texts = {
        (key, position): StoredText(heading, text, place, tuple(notes))
        for key, position, heading, text, place, notes in rows.values_list(
            "document_key", "position", "heading", "text", "place", "notes"
        )
    }
    return [texts.get(place) for place in places]


def rows_of(document: SourceDocument) -> list[Passage]:
    """Return the rows of a document, neither encoded nor saved."""
    return [_row(document, passage) for passage in split_into_passages(document.sections)]


def _row(document: SourceDocument, passage: PassageText) -> Passage:
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
        place=passage.place,
        notes=notes,
        facets={name: sorted(values) for name, values in document.facets.items()},
        dated=document.dated,
        scope=document.scope,
        visible_until=document.visible_until,
        content_hash=content_hash(
            language=document.language,
            heading=passage.heading,
            text=passage.text,
            title=document.title,
            notes=notes,
        ),
    )


def encode(rows: Sequence[Passage], encoder: Encoder) -> None:
    """Give rows the vector, the record and the id of an encoder; nothing is saved."""
    if not rows:
        return
    began = time.perf_counter()
    cut = [split_into_sentences(row.text) or [row.text] for row in rows]
    searched = [[_for_encoding(row), *row.notes.values()] for row in rows]
    whole, subwords = encoder.encode_with_subwords([text for texts in searched for text in texts])
    sentences = encoder.encode_passages([text for texts in cut for text in texts])
    of_searched, of_sentences = _starts(searched), _starts(cut)
    for number, row in enumerate(rows):
        first, end = of_searched[number : number + 2]
        own, notes = whole[first : first + 1], whole[first + 1 : end]
        parts = sentences[slice(*of_sentences[number : number + 2])]
        codes, scales = quantised(np.concatenate([own, parts, notes]))
        row.encoder_id = encoder.encoder_id
        row.vector = own.astype("<f2").tobytes()
        words = folded_words(searched_text(row))
        row.words = " ".join(words)
        row.record = PassageRecord(
            codes=codes,
            scales=scales,
            sentences=len(parts),
            subwords=np.concatenate(subwords[first:end]),
            words=word_codes(words),
            title_words=len(folded_words(row.title)),
        ).pack()
    telemetry.report_encoding(passages=len(rows), seconds=time.perf_counter() - began)


def _starts(parts: Sequence[Sequence[str]]) -> list[int]:
    """Return where each list begins when all are put behind one another, and the end."""
    return [0, *accumulate(len(part) for part in parts)]


def searched_text(row: Passage) -> str:
    """Return all that the lexical side reads of a passage, its title first."""
    return "\n".join([row.title, row.heading, row.text, *row.notes.values()])


def _for_encoding(row: Passage) -> str:
    return passage_for_encoding(title=row.title, heading=row.heading, text=row.text)


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
        row.place,
        row.scope,
        row.visible_until,
        row.encoder_id,
        bool(row.record),
    )


def encoder_in_force() -> Encoder:
    """Return the encoder that rows are written with; raise EncoderUnavailable if it cannot be."""
    state = IndexState.objects.filter(pk=1).first()
    return get_encoder(state.encoder if state else None)


def wanted_state(document: SourceDocument) -> list[tuple[object, ...]]:
    """Return what the rows of a document should be, vectors aside."""
    encoder_id = encoder_in_force().encoder_id
    return [(*_state_of(row)[:-2], encoder_id, True) for row in rows_of(document)]


def stored_state(key: str) -> list[tuple[object, ...]]:
    """Return what the rows of a document are, vectors aside."""
    return [_state_of(row) for row in Passage.objects.filter(document_key=key).order_by("position")]

"""From one encoder to another without an hour of bad answers: build beside, verify, swap, go back.

Encodings of the new encoder are staged in a table of their own, a batch a transaction, so a killed
build goes on where it was; searches meanwhile use the old ones. The swap is one transaction under
the writers' lock; the new generation of the log makes every process build its view anew.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from embeddings.conf import get_encoder
from embeddings.encoders.base import Encoder
from embeddings.errors import EmbeddingsError
from embeddings.models import IndexState, Passage, PassageEncoding
from embeddings.store import encode, lock_state

Spec = Mapping[str, Any]
"""`{"BACKEND": …, "OPTIONS": …}`; empty for the encoder of the setting."""
Progress = Callable[[int], object]

BATCH = 500
_SAMPLE = 20
_SAME = 0.999
"""Cosine from which a text encoded twice has the same vector."""


class SwitchRefused(EmbeddingsError):  # noqa: N818 – named for the fault, as the others
    """The encoder cannot be switched to; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchStatus:
    """How far a switch is."""

    encoder_id: str
    passages: int
    missing: int
    """Passages that have no staged encoding yet."""


def status_of(encoder: Encoder) -> SwitchStatus:
    """Return how much is staged for an encoder."""
    return SwitchStatus(
        encoder_id=encoder.encoder_id,
        passages=Passage.objects.count(),
        missing=_missing(encoder.encoder_id).count(),
    )


def stage(encoder: Encoder, *, batch: int = BATCH, progress: Progress = lambda _: None) -> int:
    """Encode the passages that are not staged yet; return how many those were."""
    staged = 0
    while rows := list(_missing(encoder.encoder_id).order_by("pk")[:batch]):
        encode(rows, encoder)  # on these copies only; the rows stay as they are
        PassageEncoding.objects.bulk_create(
            (_encoding_of(row) for row in rows), ignore_conflicts=True
        )
        staged += len(rows)
        progress(len(rows))
    return staged


def verify(encoder: Encoder) -> None:
    """Check staged encodings; raise SwitchRefused when they are not what the encoder makes."""
    staged = PassageEncoding.objects.filter(encoder_id=encoder.encoder_id).order_by("pk")
    sample = list(staged[:: max(1, staged.count() // _SAMPLE)])
    for one in sample:
        row = Passage.objects.filter(
            document_key=one.document_key, content_hash=one.content_hash
        ).first()
        if row is not None:
            encode([row], encoder)
            _check(one, np.frombuffer(row.vector, "<f2").astype(np.float32))


def _check(staged: PassageEncoding, again: np.ndarray[Any, np.dtype[np.float32]]) -> None:
    first = np.frombuffer(bytes(staged.vector), "<f2").astype(np.float32)
    if len(first) != len(again):
        raise SwitchRefused("The staged vectors have another length; discard them and start over.")
    if not np.isfinite(again).all():
        raise SwitchRefused("The encoder makes vectors with components that are no numbers.")
    length = float(np.linalg.norm(again))
    if length and abs(length - 1) > 1 - _SAME:
        raise SwitchRefused(f"The encoder makes vectors of length {length:.3f} instead of 1.")
    if length and float(first @ again) < _SAME:
        raise SwitchRefused("The encoder makes another vector of the same text each time.")


def switch(spec: Spec, *, batch: int = BATCH, progress: Progress = lambda _: None) -> Encoder:
    """Put an encoder in force; return it.

    Args:
        spec: The encoder.
        batch: Passages encoded at a time.
        progress: Told how many passages were encoded.

    Raises:
        EncoderUnavailable: It cannot be loaded.
        SwitchRefused: It is in force already, or does not encode as it should.
    """
    encoder = get_encoder(spec)
    if encoder.encoder_id == _in_force(current()).encoder_id:
        raise SwitchRefused(f"{encoder.encoder_id} is in force already.")
    stage(encoder, batch=batch, progress=progress)
    verify(encoder)
    with transaction.atomic():
        state = lock_state()
        stage(encoder, batch=batch)  # what was written since, a moment's work
        _keep(_in_force(state).encoder_id)
        _swap(encoder.encoder_id)
        state.previous_encoder, state.encoder = state.encoder, dict(spec)
        state.generation = uuid.uuid4()
        state.save()
    return encoder


def previous() -> Spec:
    """Return what was in force before the last switch; raise SwitchRefused when nothing was."""
    spec: Spec | None = current().previous_encoder
    if spec is None:
        raise SwitchRefused("No encoder was in force before this one.")
    return spec


def discard() -> int:
    """Delete all staged encodings, those to go back to as well; return how many."""
    deleted, _ = PassageEncoding.objects.all().delete()
    return deleted


def current() -> IndexState:
    """Return the state, as it is without a lock."""
    return IndexState.objects.filter(pk=1).first() or IndexState()


def _in_force(state: IndexState) -> Encoder:
    return get_encoder(state.encoder)


def _missing(encoder_id: str) -> QuerySet[Passage]:
    return Passage.objects.filter(~Exists(_staged_of_row(encoder_id)))


def _staged_of_row(encoder_id: str) -> QuerySet[PassageEncoding]:
    return PassageEncoding.objects.filter(
        encoder_id=encoder_id,
        document_key=OuterRef("document_key"),
        content_hash=OuterRef("content_hash"),
    )


def _encoding_of(row: Passage) -> PassageEncoding:
    return PassageEncoding(
        encoder_id=row.encoder_id,
        document_key=row.document_key,
        content_hash=row.content_hash,
        vector=row.vector,
        record=row.record,
    )


def _keep(encoder_id: str) -> None:
    """Stage what the rows have now, to go back to."""
    rows = Passage.objects.filter(encoder_id=encoder_id).order_by("pk")
    last = 0
    while block := list(rows.filter(pk__gt=last)[:BATCH]):
        PassageEncoding.objects.bulk_create(map(_encoding_of, block), ignore_conflicts=True)
        last = block[-1].pk


def _swap(encoder_id: str) -> None:
    """Give every row its staged encoding, which is staged no longer."""
    staged = _staged_of_row(encoder_id)
    Passage.objects.update(
        vector=Subquery(staged.values("vector")[:1]),
        record=Subquery(staged.values("record")[:1]),
        encoder_id=encoder_id,
    )
    PassageEncoding.objects.filter(encoder_id=encoder_id).delete()

"""The truth of the index: passages, and the log of changed documents.

Everything a process holds in memory can be built from these rows. Log positions are handed out
under a row lock held to the end of the transaction, so they commit in order and a reader that
asks for "all after n" never skips a late one (PostgreSQL); SQLite has one writer anyway.
"""

import uuid

from django.db import models


class Passage(models.Model):
    """A stretch of a document with its vector."""

    document_key = models.CharField(max_length=64)
    work = models.CharField(max_length=64, db_index=True)
    position = models.PositiveIntegerField()
    language = models.CharField(max_length=16)
    is_original = models.BooleanField(default=True)
    title = models.TextField()
    heading = models.TextField(blank=True)
    text = models.TextField()
    place = models.CharField(max_length=100, blank=True)
    """Of its section."""
    notes = models.JSONField(default=dict)
    """Cited code → what it says."""
    facets = models.JSONField(default=dict)
    dated = models.CharField(max_length=10, blank=True)
    scope = models.CharField(max_length=255, blank=True)
    visible_until = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=64)
    encoder_id = models.CharField(max_length=100)
    vector = models.BinaryField()
    """Little-endian float16, as many as the encoder has dimensions; unit length."""
    record = models.BinaryField(default=b"")
    """What ranking reads: `embeddings.records.PassageRecord`, packed."""
    words = models.TextField(default="")
    """The folded words of title, heading, text and notes, in order."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document_key", "position"], name="one_passage_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_key}#{self.position}"


class PassageEncoding(models.Model):
    """What a passage is in another encoder's space: built beside, or kept to go back to."""

    encoder_id = models.CharField(max_length=100)
    document_key = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    vector = models.BinaryField()
    record = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["encoder_id", "document_key", "content_hash"],
                name="one_encoding_per_encoder_and_text",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_key} by {self.encoder_id}"


class IndexState(models.Model):
    """One row: the newest log position. Locking it serialises writers of the index."""

    generation = models.UUIDField(default=uuid.uuid4)
    """Another value means another log: a view of the old one is built anew."""
    position = models.PositiveBigIntegerField(default=0)
    log_start = models.PositiveBigIntegerField(default=0)
    """Changes up to here are no longer in the log; a view that is older is built anew."""
    encoder = models.JSONField(default=dict)
    """`{"BACKEND": …, "OPTIONS": …}` of the encoder in force; empty for the one of the setting."""
    previous_encoder = models.JSONField(null=True)
    """What was in force before the last switch, to go back to; null where there was none."""

    def __str__(self) -> str:
        return f"position {self.position}"


class DocumentChange(models.Model):
    """A document was indexed, changed or removed at this position."""

    position = models.PositiveBigIntegerField(primary_key=True)
    document_key = models.CharField(max_length=64)
    stamp = models.UUIDField(default=uuid.uuid4)
    """Tells this change from another one at the same position, in a database that was restored."""

    def __str__(self) -> str:
        return f"{self.position}: {self.document_key}"


class VectorStoreState(models.Model):
    """How far a vector store outside this database (Milvus) has followed the log."""

    name = models.CharField(max_length=200, unique=True)
    """Address and collection."""
    generation = models.UUIDField(null=True)
    position = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"

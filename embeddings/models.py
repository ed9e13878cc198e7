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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document_key", "position"], name="one_passage_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_key}#{self.position}"


class IndexState(models.Model):
    """One row: the newest log position. Locking it serialises writers of the index."""

    generation = models.UUIDField(default=uuid.uuid4)
    """Another value means another log: a view of the old one is built anew."""
    position = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"position {self.position}"


class DocumentChange(models.Model):
    """A document was indexed, changed or removed at this position."""

    position = models.PositiveBigIntegerField(primary_key=True)
    document_key = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.position}: {self.document_key}"

"""Outbox of mails, written in the transaction that causes them, and a sign of life of the worker."""

from typing import ClassVar

from django.db import models


class OutgoingMail(models.Model):
    """One mail to one recipient."""

    key = models.CharField(max_length=200, unique=True)
    """What it is about; the same event asked for twice is one mail."""
    recipient = models.EmailField(max_length=320)
    message = models.BinaryField()
    """RFC 5322, as it will be sent."""
    written_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True)
    """Set, and committed, before it is handed over; a process killed between that and `sent_at`
    leaves a mail in doubt, which is reported and never sent again by itself."""
    sent_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return self.key


class WorkerPulse(models.Model):
    """When a worker last showed that it runs. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.beat_at)

"""Outbox between pages and index: a row here means "this page's passages may be out of date".

It is written in the transaction that changes the page, so a process killed right after the commit
loses nothing: whoever searches next finds the row and catches up.
"""

from django.db import models


class PendingSync(models.Model):
    """A page that changed since its passages were last written."""

    page_id = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"page {self.page_id}"

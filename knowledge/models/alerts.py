"""Alerts: a search that a reader wants to hear of again, and what they have been told."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_token() -> str:
    """Return what stops an alert without signing in: 192 bits."""
    return secrets.token_urlsafe(24)


class SavedSearch(models.Model):
    """A question or filter of one reader."""

    class Cadence(models.TextChoices):
        """How often they want to hear."""

        DAILY = "daily", _("every day")
        WEEKLY = "weekly", _("every week")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches"
    )
    query = models.CharField(_("question"), max_length=300, blank=True)
    filters = models.JSONField(default=dict)
    """Facet → values."""
    language = models.CharField(max_length=16)
    """Of the mails."""
    cadence = models.CharField(
        _("how often"), max_length=10, choices=Cadence, default=Cadence.WEEKLY
    )
    token = models.CharField(max_length=64, default=new_token, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True)
    """When the last digest was put together."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")

    def __str__(self) -> str:
        return self.query or str(self.filters)


class ToldWork(models.Model):
    """A work that a saved search has already reported, or that was there before it."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="told")
    work = models.UUIDField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["search", "work"], name="told_once")
        ]

    def __str__(self) -> str:
        return str(self.work)


class UnansweredQuestion(models.Model):
    """What was asked and not found, by language and month; nobody's name is kept with it."""

    language = models.CharField(max_length=16, blank=True)
    question = models.CharField(max_length=200)
    month = models.DateField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar[list[str]] = ["-month", "-times"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["language", "question", "month"], name="one_row_per_question_and_month"
            )
        ]

    def __str__(self) -> str:
        return self.question

"""The problem board: a question of practice, and works that helped or did not."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.models.vocabulary import Country, Theme
from knowledge.models.workshop import WorkshopPage


class Problem(models.Model):
    """A question that a participant put to everybody."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    question = models.CharField(_("question"), max_length=200)
    situation = models.TextField(
        _("situation"), max_length=2000, blank=True,
        help_text=_("What you do now, what you tried, and where it stops."),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=16)
    """BCP 47, of question and situation."""
    country = models.ForeignKey(
        Country, verbose_name=_("country"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    themes = models.ManyToManyField(Theme, verbose_name=_("themes"), blank=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    is_solved = models.BooleanField(_("solved"), default=False)
    is_hidden = models.BooleanField(_("hidden by an editor"), default=False)
    workshops = models.ManyToManyField(WorkshopPage, related_name="problems", blank=True)
    """Whose agenda it was taken into."""
    tells_author = models.BooleanField(default=True)
    """Whether the author gets a mail when somebody answers."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-pk"]
        verbose_name = _("problem")
        verbose_name_plural = _("problems")

    def __str__(self) -> str:
        return self.question


class Attempt(models.Model):
    """What somebody tried, with the work that tells of it."""

    class Outcome(models.TextChoices):
        """What came of it."""

        WORKED = "worked", _("worked")
        PARTLY = "partly", _("worked in part")
        FAILED = "failed", _("failed")

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="attempts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    work = models.UUIDField(null=True, blank=True)
    """Shared by all language versions of the work."""
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    language = models.CharField(max_length=16)
    written_at = models.DateTimeField(auto_now_add=True)
    is_hidden = models.BooleanField(_("hidden by an editor"), default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["written_at", "pk"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.problem_id}: {self.outcome}"

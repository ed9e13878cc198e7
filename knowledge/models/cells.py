"""Cells of the comparison tables: one aspect of a page in a sentence or two, each figure cited.

Structured, so that pages can be laid side by side; citation marks inside, so that each cell leads
to its evidence like any sentence of a text.
"""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, Panel

from embeddings.passages import cited_codes
from knowledge.models.evidence import check_citations


class Dimension(models.TextChoices):
    """What programmes are compared by."""

    SCALE = "scale", _("Unit and scale")
    START = "start", _("Start")
    LEAD = "lead", _("Lead body and levels")
    LAW = "law", _("Legal basis")
    GRADING = "grading", _("Selection and grading")
    CRITERIA = "criteria", _("Criteria")
    PRODUCERS = "producers", _("Producers")
    FINANCE = "finance", _("Finance")
    MARKET = "market", _("Market support")
    TRAINING = "training", _("Training")
    MONITORING = "monitoring", _("Monitoring")
    RESULTS = "results", _("Reported results")
    CRITICISM = "criticism", _("Criticism")


class GradingAspect(models.TextChoices):
    """What grading systems are compared by."""

    LEVELS = "levels", _("Levels")
    DECIDES = "decides", _("Who decides")
    POINTS = "points", _("Thresholds in points")
    PARTS = "parts", _("Points by part")
    VALIDITY = "validity", _("Validity")
    MEANING = "meaning", _("Meaning of the levels")
    MARK = "mark", _("Mark and its use")
    OPEN = "open", _("Unverified or not found")


class Cell(models.Model):
    """One aspect of one page."""

    aspect: "models.CharField[str, str]"
    text = models.TextField(
        _("text"),
        validators=[MaxLengthValidator(600)],
        help_text=_("One or two sentences; cite a fact right after its figure: [@VN-21]."),
    )

    panels: ClassVar[list[Panel]] = [FieldPanel("aspect"), FieldPanel("text")]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.aspect}: {self.text[:80]}"

    def clean(self) -> None:
        """Refuse a cell without evidence."""
        super().clean()
        require_evidence("text", self.text)


def require_evidence(field: str, text: str) -> None:
    """Raise ValidationError unless the text cites facts that exist.

    A table of claims helps nobody to defend a figure.
    """
    check_citations(field, text)
    if not cited_codes(text):
        raise ValidationError({field: _("Cite at least one fact.")})


class ProgrammeCell(Cell):
    """One dimension of a programme."""

    page = ParentalKey("knowledge.ProgrammePage", on_delete=models.CASCADE, related_name="cells")
    aspect = models.CharField(_("dimension"), max_length=16, choices=Dimension)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "aspect"], name="one_cell_per_dimension")
        ]


class PolicyCell(Cell):
    """One aspect of a grading system that a policy lays down."""

    page = ParentalKey("knowledge.PolicyPage", on_delete=models.CASCADE, related_name="cells")
    aspect = models.CharField(_("aspect"), max_length=16, choices=GradingAspect)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "aspect"], name="one_cell_per_grading_aspect")
        ]

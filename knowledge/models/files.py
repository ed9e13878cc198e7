"""Files that people share, and the text that was read out of them, page by page."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document


class ReadingState(models.TextChoices):
    """How far the text of a file has been read."""

    PENDING = "pending", _("waiting to be read")
    READ = "read", _("text read")
    SCANNED = "scanned", _("pictures of pages, no text in them")
    FAILED = "failed", _("could not be read")


class StoredFile(AbstractDocument):
    """A file as it was handed in. Who may open a page that shows it may fetch it.

    `knowledge.files` reads it and serves it; Wagtail keeps it in collections.
    """

    media_type = models.CharField(_("type"), max_length=100, blank=True, editable=False)
    """By its content, never by its name."""
    reading = models.CharField(
        _("reading"), max_length=10, choices=ReadingState, default=ReadingState.PENDING,
        editable=False, db_index=True,
    )  # fmt: skip
    problem = models.CharField(max_length=40, blank=True, editable=False)
    """Code of what went wrong; `knowledge.files.problems` says it in words."""
    claimed_at = models.DateTimeField(null=True, editable=False)
    """When a process began to read it. One that died is forgotten after a while."""
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    """How often a process began to read it."""

    admin_form_fields = Document.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def clean(self) -> None:
        """Check the ending as Wagtail does, unless the form has refused the file already."""
        if self.file:
            super().clean()

    def part_list(self) -> "models.QuerySet[FilePart]":
        """Return the parts for a table of contents, without their text."""
        parts: models.QuerySet[FilePart] = self.parts.defer("text")
        return parts


class FilePart(models.Model):
    """The text of one page, slide or sheet."""

    class Kind(models.TextChoices):
        """What a file is divided into."""

        PAGE = "page", _("Page")
        SLIDE = "slide", _("Slide")
        SHEET = "sheet", _("Sheet")
        PICTURE = "picture", _("Picture")

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    """From 1, as a reader counts."""
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=255, blank=True)
    """Of a sheet."""
    text = models.TextField(blank=True)
    recognised = models.BooleanField(default=False)
    """Whether the text was recognised in a picture, which makes mistakes."""

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "number"], name="one_part_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"

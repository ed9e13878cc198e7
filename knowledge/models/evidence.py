"""Evidence: facts with a code that texts cite, and the sources they come from."""

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, Panel

from embeddings.passages import cited_codes
from knowledge.dates import show_partial_date, validate_partial_date


class Source(models.Model):
    """Where a fact was read."""

    title = models.CharField(_("title"), max_length=500)
    publisher = models.CharField(_("publisher"), max_length=255, blank=True)
    address = models.URLField(_("web address"), max_length=1000, blank=True)
    document = models.CharField(
        _("document"), max_length=500, blank=True, help_text=_("When there is no web address.")
    )
    dated = models.CharField(
        _("date"),
        max_length=10,
        blank=True,
        validators=[validate_partial_date],
        help_text=_("YYYY, YYYY-MM or YYYY-MM-DD."),
    )
    language = models.CharField(
        _("language"), max_length=16, choices=settings.LANGUAGES, blank=True
    )

    panels: ClassVar[list[Panel]] = [
        FieldPanel("title"),
        FieldPanel("publisher"),
        FieldPanel("address"),
        FieldPanel("document"),
        FieldPanel("dated"),
        FieldPanel("language"),
    ]

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["publisher", "title"]
        constraints = [
            models.UniqueConstraint(fields=["address", "document"], name="one_source_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.publisher}: {self.title}" if self.publisher else self.title

    @property
    def place(self) -> str:
        """Where it can be looked up: an address, a document, or at least its name."""
        return self.address or self.document or str(self)

    @property
    def date_label(self) -> str:
        """The date in the active locale."""
        return show_partial_date(self.dated)


def facts_cited(texts: Iterable[str]) -> list["Fact"]:
    """Return the facts that some texts cite, with their sources, in the order of first mention."""
    codes = cited_codes("\n".join(texts))
    facts = Fact.objects.prefetch_related("sources").in_bulk(codes, field_name="code")
    return [facts[code] for code in codes if code in facts]


class Fact(models.Model):
    """A statement with a code; a text cites it as [@CODE] right after the figure."""

    class Status(models.TextChoices):
        """How well the fact is supported."""

        SOURCED = "sourced", _("sourced")
        WEAK = "weak", _("weak source")
        UNVERIFIED = "unverified", _("unverified")

    code = models.CharField(_("code"), max_length=16, unique=True)
    statement = models.TextField(_("statement"))
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.SOURCED)
    note = models.TextField(_("note on the source"), blank=True)
    sources = models.ManyToManyField(Source, verbose_name=_("sources"), blank=True)
    loaded_as = models.CharField(max_length=64, blank=True, editable=False)
    """Hash of what the starter ledger made of it; differs once an editor was here."""

    panels: ClassVar[list[Panel]] = [
        FieldPanel("code"),
        FieldPanel("statement"),
        FieldPanel("status"),
        FieldPanel("sources"),
        FieldPanel("note"),
    ]

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code}: {self.statement[:80]}"

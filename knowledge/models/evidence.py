"""Evidence: facts with a code that texts cite, and the sources they come from."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel

from embeddings.passages import cited_codes, failed_citations
from knowledge.dates import language_only, show_partial_date, validate_partial_date
from knowledge.models.children import save_with_children

_FILE_NAME = re.compile(r"\.\w{2,5}$")


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
        named = self.publisher and self.publisher != self.title
        return f"{self.publisher}: {self.title}" if named else self.title

    @property
    def place(self) -> str:
        """Where it can be looked up: an address, a document, or at least its name.

        The name of a file says nothing to who has not got it.
        """
        return self.address or self.named_document or str(self)

    @property
    def named_document(self) -> str:
        """The document, unless only a file is named."""
        return "" if _FILE_NAME.search(self.document) else self.document

    @property
    def date_label(self) -> str:
        """The date in the active locale."""
        return show_partial_date(self.dated)


def shown_with_facts(path: str = "") -> "list[str | models.Prefetch[Any]]":
    """Return what a list of facts reads beside them, for `prefetch_related`.

    Args:
        path: Of the relation that leads to the facts, "values__fact__"; empty for facts themselves.
    """
    own = FactTranslation.objects.filter(language=language_only(get_language()))
    return [f"{path}sources", models.Prefetch(f"{path}translations", own)]


def facts_cited(texts: Iterable[str]) -> list["Fact"]:
    """Return the facts that some texts cite, with their sources, in the order of first mention."""
    codes = cited_codes("\n".join(texts))
    facts = Fact.objects.prefetch_related(*shown_with_facts()).in_bulk(codes, field_name="code")
    return [facts[code] for code in codes if code in facts]


def check_citations(field: str, text: str) -> None:
    """Raise ValidationError unless each mark of a text can be read and cites a fact that exists."""
    if failed := failed_citations(text):
        said = _("This cites nothing: %(marks)s. Write [@VN-21], or [@VN-21; @VN-25] for several.")
        raise ValidationError({field: said % {"marks": ", ".join(failed)}})
    codes = cited_codes(text)
    known = set(Fact.objects.filter(code__in=codes).values_list("code", flat=True))
    if unknown := [code for code in codes if code not in known]:
        said = _("No such fact: %(codes)s.")
        raise ValidationError({field: said % {"codes": ", ".join(unknown)}})


class Fact(ClusterableModel):
    """A statement with a code; a text cites it as [@CODE] right after the figure.

    The statement is in English; what is shown is its translation where there is one.
    """

    class Status(models.TextChoices):
        """How well the fact is supported; a remark says what a comparison of sources shows."""

        SOURCED = "sourced", _("sourced")
        WEAK = "weak", _("weak source")
        UNVERIFIED = "unverified", _("unverified")
        REMARK = "remark", _("editors’ remark")

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
        InlinePanel("translations", label=_("translations")),
    ]

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code}: {self.statement[:80]}"

    def clean(self) -> None:
        """Refuse a code that no text could cite."""
        super().clean()
        if cited_codes(f"[@{self.code}]") != [self.code]:
            said = _("Capital letters, a hyphen and a number, such as VN-21.")
            raise ValidationError({"code": said})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the translations, whose languages may have been exchanged."""
        save_with_children(super().save, self.translations, "language", *args, **kwargs)

    @property
    def told(self) -> str:
        """The statement in the reader's interface language, or in English."""
        translation = self._translation()
        return translation.statement if translation else self.statement

    @property
    def told_language(self) -> str:
        """BCP 47 code of `told`."""
        translation = self._translation()
        return translation.language if translation else "en"

    def _translation(self) -> "FactTranslation | None":
        language = language_only(get_language())
        translations: Iterable[FactTranslation] = self.translations.all()
        for one in translations:
            if one.language == language and one.translates == self.statement:
                return one
        return None


class FactTranslation(models.Model):
    """The statement of a fact in one language."""

    fact = ParentalKey(Fact, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(
        _("language"), max_length=16, choices=[one for one in settings.LANGUAGES if one[0] != "en"]
    )
    statement = models.TextField(_("statement"))
    translates = models.TextField(editable=False)
    """The English that it was made from. Once that has changed, the translation may say another
    figure than the fact; it is not shown then."""
    is_from_ledger = models.BooleanField(default=False, editable=False)
    """Brought by the starter collection and untouched since."""

    panels: ClassVar[list[Panel]] = [
        FieldPanel("language"),
        FieldPanel(
            "statement",
            help_text=_(
                "Shown as long as the statement in English is the one that was translated. After a "
                "change there, change it here too."
            ),
        ),
    ]

    class Meta:
        verbose_name = _("translation of a fact")
        verbose_name_plural = _("translations of facts")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["fact", "language"], name="one_translation_per_fact_and_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.fact.code} ({self.language})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a statement that is new or was changed translates the English as it is now."""
        stored = FactTranslation.objects.filter(pk=self.pk).values_list("language", "statement")
        if list(stored) != [(self.language, self.statement)]:
            self.translates, self.is_from_ledger = self.fact.statement, False
        super().save(*args, **kwargs)

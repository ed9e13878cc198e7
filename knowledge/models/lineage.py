"""How the idea travelled: what one programme took over from another, and what it changed."""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel

from knowledge.dates import language_only
from knowledge.models.cells import require_evidence


class LocalText(models.Model):
    """Texts of something in one language."""

    language = models.CharField(_("language"), max_length=16, choices=settings.LANGUAGES)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.language


AnyText = TypeVar("AnyText", bound=LocalText)


def text_for_reader(texts: Iterable[AnyText]) -> AnyText | None:
    """Return the texts in the reader's interface language, else English, else any; None of none."""
    wanted = language_only(get_language())
    order = sorted(texts, key=lambda one: (one.language != wanted, one.language != "en"))
    return next(iter(order), None)


class Transfer(ClusterableModel):
    """One programme learnt from another."""

    origin = models.SlugField(_("from"), max_length=64, help_text=_("Code of the programme."))
    heir = models.SlugField(_("to"), max_length=64, help_text=_("Code of the programme."))
    is_offer = models.BooleanField(
        _("so far an offer"), default=False, help_text=_("Nothing has been taken over yet.")
    )
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    loaded_as = models.CharField(max_length=64, blank=True, editable=False)
    """Hash of what the starter collection made of it; differs once an editor was here."""

    panels: ClassVar[list[Panel]] = [
        FieldPanel("origin"),
        FieldPanel("heir"),
        FieldPanel("year"),
        FieldPanel("is_offer"),
        InlinePanel("texts", label=_("texts"), min_num=1),
    ]

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("lineage")
        ordering = ["year", "origin", "heir"]
        constraints = [models.UniqueConstraint(fields=["origin", "heir"], name="one_transfer")]

    def __str__(self) -> str:
        return f"{self.origin} → {self.heir}"

    def clean(self) -> None:
        """Refuse a programme that learnt from itself."""
        super().clean()
        if self.origin == self.heir:
            raise ValidationError({"heir": _("Name another programme.")})

    @property
    def told(self) -> "TransferText | None":
        """The texts for the reader."""
        return text_for_reader(self.texts.all())


class TransferText(LocalText):
    """What is told of a transfer in one language; citation marks inside."""

    transfer = ParentalKey(Transfer, on_delete=models.CASCADE, related_name="texts")
    taken = models.TextField(_("taken over"), blank=True)
    changed = models.TextField(_("changed"), blank=True)
    result = models.TextField(_("reported result"), blank=True)

    def clean(self) -> None:
        """Refuse texts without evidence."""
        super().clean()
        texts = {name: getattr(self, name) for name in ("taken", "changed", "result")}
        if not any(texts.values()):
            raise ValidationError(_("Say what was taken over or changed."))
        for name, text in texts.items():
            if text:
                require_evidence(name, text)


class AmbiguousName(ClusterableModel):
    """A name that means more than one programme."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    other_spellings = models.TextField(
        _("other spellings"), blank=True, help_text=_("One a line, in any script.")
    )
    programmes = models.TextField(
        _("programmes"), help_text=_("Codes of all programmes it may mean, one a line.")
    )
    loaded_as = models.CharField(max_length=64, blank=True, editable=False)
    """Hash of what the starter collection made of it; differs once an editor was here."""

    panels: ClassVar[list[Panel]] = [
        FieldPanel("name"),
        FieldPanel("other_spellings"),
        FieldPanel("programmes"),
        InlinePanel("texts", label=_("explanations"), min_num=1),
    ]

    class Meta:
        verbose_name = _("ambiguous name")
        verbose_name_plural = _("ambiguous names")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def codes(self) -> list[str]:
        """Codes of all programmes it may mean, each once."""
        return list(dict.fromkeys(code.strip() for code in self.programmes.splitlines()))

    @property
    def told(self) -> "AmbiguousNameText | None":
        """The explanation for the reader."""
        return text_for_reader(self.texts.all())


class AmbiguousNameText(LocalText):
    """What the name may mean, in one language; citation marks inside."""

    name = ParentalKey(AmbiguousName, on_delete=models.CASCADE, related_name="texts")
    explanation = models.TextField(_("explanation"))

    def clean(self) -> None:
        """Refuse an explanation without evidence."""
        super().clean()
        require_evidence("explanation", self.explanation)

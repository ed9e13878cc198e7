"""Controlled vocabulary with a name in each language: countries, themes, glossary terms."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel

from knowledge.dates import language_only


class LocalName(models.Model):
    """A name in one language."""

    language = models.CharField(_("language"), max_length=16, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=255)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class Named(ClusterableModel):
    """Something with a name in several languages; English is the one that is always there."""

    code = models.SlugField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name in English"), max_length=255)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    panels: ClassVar[list[Panel]] = [
        FieldPanel("code"),
        FieldPanel("name"),
        InlinePanel("names", label=_("names in other languages")),
    ]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """Return the name in a language, or in English where there is none."""
        for local in self.names.all():
            if local.language == language and local.name:
                return str(local.name)
        return self.name

    @property
    def label(self) -> str:
        """The name in the reader's interface language."""
        return self.name_in(language_only(get_language()))


class Country(Named):
    """A country by its ISO 3166-1 alpha-2 code, in lower case, and where a map shows it."""

    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    other_names = models.TextField(
        _("other names"),
        blank=True,
        help_text=_(
            "Words by which a question may mean the country, one a line, in any script: short "
            "names, old names, what its people and things are called, such as “Thai”."
        ),
    )

    panels: ClassVar[list[Panel]] = [
        *Named.panels[:2],
        FieldPanel("other_names"),
        FieldPanel("latitude"),
        FieldPanel("longitude"),
        *Named.panels[2:],
    ]

    def clean(self) -> None:
        """Take VN for vn, so that no country is there twice."""
        super().clean()
        self.code = self.code.lower()

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]


class CountryName(LocalName):
    """A country's name in one language."""

    country = ParentalKey(Country, on_delete=models.CASCADE, related_name="names")


class Theme(Named):
    """A subject that works are filed under, for example grading or market access."""

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["name"]


class ThemeName(LocalName):
    """A theme's name in one language."""

    theme = ParentalKey(Theme, on_delete=models.CASCADE, related_name="names")


class GlossaryTerm(Named):
    """One concept of the field, with its official term in each language."""

    class Meta:
        verbose_name = _("glossary term")
        verbose_name_plural = _("glossary terms")
        ordering = ["name"]


class GlossaryName(LocalName):
    """A concept's term in one language."""

    term = ParentalKey(GlossaryTerm, on_delete=models.CASCADE, related_name="names")

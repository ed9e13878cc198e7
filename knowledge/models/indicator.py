"""The ledger of indicators: a definition, and dated values that each rest on a fact."""

import math
from decimal import Decimal
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel
from wagtail.models import Orderable

from knowledge.dates import language_only, show_partial_date, validate_partial_date
from knowledge.models.evidence import Fact
from knowledge.models.vocabulary import Country, LocalName, Named


class Unit(models.TextChoices):
    """What an indicator counts."""

    PRODUCTS = "products", _("products")
    PRODUCERS = "producers", _("producers")
    PEOPLE = "people", _("people")
    FIRMS = "firms", _("firms")
    AREAS = "areas", _("areas")
    PERCENT = "percent", _("%")
    MONEY = "money", _("money")
    VISITORS = "visitors", _("visitors")
    POINTS = "points", _("points")
    GROUPS = "groups", _("groups")
    OUTLETS = "outlets", _("outlets")
    TONNES = "tonnes", _("tonnes")
    HECTARES = "hectares", _("hectares")
    VILLAGES = "villages", _("villages")
    WORKS = "works", _("works")
    EVENTS = "events", _("events")
    COUNTRIES = "countries", _("countries")
    PROVINCES = "provinces", _("provinces")
    DISTRICTS = "districts", _("districts")
    PROJECTS = "projects", _("projects")


_COUNTED = {
    Unit.PRODUCTS: ngettext_lazy("%(number)s product", "%(number)s products", "count"),
    Unit.PRODUCERS: ngettext_lazy("%(number)s producer", "%(number)s producers", "count"),
    Unit.PEOPLE: ngettext_lazy("%(number)s person", "%(number)s people", "count"),
    Unit.FIRMS: ngettext_lazy("%(number)s firm", "%(number)s firms", "count"),
    Unit.AREAS: ngettext_lazy("%(number)s area", "%(number)s areas", "count"),
    Unit.VISITORS: ngettext_lazy("%(number)s visitor", "%(number)s visitors", "count"),
    Unit.POINTS: ngettext_lazy("%(number)s point", "%(number)s points", "count"),
    Unit.GROUPS: ngettext_lazy("%(number)s group", "%(number)s groups", "count"),
    Unit.OUTLETS: ngettext_lazy("%(number)s outlet", "%(number)s outlets", "count"),
    Unit.TONNES: ngettext_lazy("%(number)s tonne", "%(number)s tonnes", "count"),
    Unit.HECTARES: ngettext_lazy("%(number)s hectare", "%(number)s hectares", "count"),
    Unit.VILLAGES: ngettext_lazy("%(number)s village", "%(number)s villages", "count"),
    Unit.WORKS: ngettext_lazy("%(number)s work", "%(number)s works", "count"),
    Unit.EVENTS: ngettext_lazy("%(number)s event", "%(number)s events", "count"),
    Unit.COUNTRIES: ngettext_lazy("%(number)s country", "%(number)s countries", "count"),
    Unit.PROVINCES: ngettext_lazy("%(number)s province", "%(number)s provinces", "count"),
    Unit.DISTRICTS: ngettext_lazy("%(number)s district", "%(number)s districts", "count"),
    Unit.PROJECTS: ngettext_lazy("%(number)s project", "%(number)s projects", "count"),
}
"""How so many of a unit are written: an Arabic noun has six forms, a Swahili one stands first."""


class Indicator(Named):
    """A figure with a definition. What must not be chained is two indicators."""

    class Kind(models.TextChoices):
        """What its values are."""

        COUNT = "count", _("reported")
        TARGET = "target", _("target")
        ESTIMATE = "estimate", _("estimate")

    definition = models.TextField(
        _("definition in English"), help_text=_("What is counted, by whom, and what is not.")
    )
    programme = models.SlugField(
        _("programme"), max_length=64, blank=True, help_text=_("Code of the programme.")
    )
    country = models.ForeignKey(
        Country, verbose_name=_("country"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    unit = models.CharField(pgettext_lazy("indicator", "unit"), max_length=16, choices=Unit)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$")],
        help_text=_("ISO 4217, for money."),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.COUNT)
    conflict_facts = ParentalManyToManyField(
        Fact, verbose_name=_("facts that explain a disagreement"), blank=True, related_name="+"
    )
    loaded_as = models.CharField(max_length=64, blank=True, editable=False)
    """Hash of what the starter collection made of it; differs once an editor was here."""

    panels: ClassVar[list[Panel]] = [
        FieldPanel("code"),
        FieldPanel("name"),
        FieldPanel("definition"),
        FieldPanel("programme"),
        FieldPanel("country"),
        FieldPanel("unit"),
        FieldPanel("currency"),
        FieldPanel("kind"),
        InlinePanel("values", label=_("values")),
        FieldPanel("conflict_facts"),
        InlinePanel("names", label=_("names in other languages")),
    ]

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["programme", "code"]

    @property
    def explanation(self) -> str:
        """The definition in the reader's interface language, or in English."""
        language = language_only(get_language())
        for local in self.names.all():
            if local.language == language and local.definition:
                return str(local.definition)
        return self.definition

    @property
    def explanation_language(self) -> str:
        """BCP 47 code of `explanation`."""
        language = language_only(get_language())
        told = any(one.language == language and one.definition for one in self.names.all())
        return language if told else "en"


class IndicatorName(LocalName):
    """An indicator's name, and its definition, in one language."""

    indicator = ParentalKey(Indicator, on_delete=models.CASCADE, related_name="names")
    definition = models.TextField(_("definition"), blank=True)


class IndicatorValue(Orderable):
    """One figure as one fact states it."""

    class Bound(models.TextChoices):
        """How exact the source is."""

        EXACT = "", _("exactly")
        OVER = "over", _("at least")
        UNDER = "under", _("under")
        ABOUT = "about", _("about")

    indicator = ParentalKey(Indicator, on_delete=models.CASCADE, related_name="values")
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=4)
    upper = models.DecimalField(
        _("up to"), max_digits=24, decimal_places=4, null=True, blank=True,
        help_text=_("The other end of a range."),
    )  # fmt: skip
    bound = models.CharField(
        _("exactness"), max_length=8, choices=Bound, blank=True, default=Bound.EXACT
    )
    as_of = models.CharField(
        _("as of"),
        max_length=10,
        blank=True,
        validators=[validate_partial_date],
        help_text=_("YYYY, YYYY-MM or YYYY-MM-DD."),
    )
    fact = models.ForeignKey(
        Fact, verbose_name=_("fact"), on_delete=models.PROTECT, related_name="+"
    )
    conflict = models.CharField(
        _("disagreement"),
        max_length=8,
        blank=True,
        help_text=_("Values with the same letter contradict one another."),
    )

    panels: ClassVar[list[Panel]] = [
        FieldPanel("value"),
        FieldPanel("upper"),
        FieldPanel("bound"),
        FieldPanel("as_of"),
        FieldPanel("fact"),
        FieldPanel("conflict"),
    ]

    def __str__(self) -> str:
        return f"{self.as_of}: {self.value.normalize():f}"

    def counted(self, number: str) -> str:
        """Return the number, as the reader's language writes it, with what it counts."""
        indicator = self.indicator
        if (pattern := _COUNTED.get(Unit(indicator.unit))) is None:
            return f"{number}\u00a0{indicator.currency or indicator.get_unit_display()}"
        count = math.ceil(self.value if self.upper is None else self.upper)
        return (pattern % {"number": "{}", "count": count}).replace(" ", "\u00a0").format(number)

    @property
    def middle(self) -> Decimal:
        """The value, or the middle of a range: where a chart puts its point."""
        return self.value if self.upper is None else (self.value + self.upper) / 2

    @property
    def date_label(self) -> str:
        """The date in the active locale."""
        return show_partial_date(self.as_of)

"""A policy: a decision, law, plan or set of rules with its chain of amendments."""

import datetime as dt
from enum import StrEnum
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, Panel

from knowledge.models.base import ProgrammeWorkPage
from knowledge.models.children import save_with_children


class ForceStatus(StrEnum):
    """Whether a policy binds on a day, as far as its dates tell."""

    AHEAD = "ahead"
    OPEN = "open"
    OVER = "over"


class PolicyPage(ProgrammeWorkPage):
    """Number, issuer, dates of force, and what it amends or replaces."""

    kind = "policy"
    kind_label = _("Policy")

    number = models.CharField(_("number"), max_length=100, blank=True)
    issuer = models.CharField(_("issuer"), max_length=255, blank=True)
    issued = models.DateField(_("issued on"), null=True, blank=True)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    in_force_until = models.DateField(
        _("in force until"),
        null=True,
        blank=True,
        help_text=_("The first day on which it no longer binds."),
    )
    amends = ParentalManyToManyField(
        "self", verbose_name=_("amends"), blank=True, symmetrical=False, related_name="amended_by"
    )
    replaces = ParentalManyToManyField(
        "self",
        verbose_name=_("replaces"),
        blank=True,
        symmetrical=False,
        related_name="replaced_by",
    )

    content_panels: ClassVar[list[Panel]] = [
        *ProgrammeWorkPage.content_panels[:3],
        MultiFieldPanel(
            [
                FieldPanel("number"),
                FieldPanel("issuer"),
                FieldPanel("issued"),
                FieldPanel("in_force_from"),
                FieldPanel("in_force_until"),
                FieldPanel("amends"),
                FieldPanel("replaces"),
            ],
            heading=_("Policy"),
        ),
        InlinePanel("cells", label=_("grading system")),
        *ProgrammeWorkPage.content_panels[3:],
    ]
    parent_page_types: ClassVar[list[str]] = ["knowledge.PolicyIndexPage"]
    template = "knowledge/policy_page.html"

    class Meta:
        verbose_name = _("policy")

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save with the cells, whose aspects may have been exchanged."""
        return save_with_children(super().save, self.cells, "aspect", *args, **kwargs)

    @property
    def lead_text(self) -> str:
        return " · ".join(part for part in (self.number, self.issuer) if part)

    def force_status(self, day: dt.date) -> ForceStatus:
        """Return what the dates say of that day; no date, no objection."""
        begin = self.in_force_from or self.issued
        if begin is not None and day < begin:
            return ForceStatus.AHEAD
        if self.in_force_until is not None and day >= self.in_force_until:
            return ForceStatus.OVER
        return ForceStatus.OPEN

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the chain of amendments as works that this reader may open."""
        from knowledge.listing import versions_for_reader
        from knowledge.rights import readable_pages

        context = super().get_context(request, *args, **kwargs)
        same_work = PolicyPage.objects.filter(translation_key=self.translation_key)
        others = PolicyPage.objects.exclude(translation_key=self.translation_key)
        readable = readable_pages(request).values("pk")
        stating = same_work.filter(Q(pk=self.pk) | Q(pk__in=readable))
        chain = {
            "amends": others.filter(amended_by__in=stating),
            "replaces": others.filter(replaced_by__in=stating),
            "amended_by": others.filter(amends__in=same_work, pk__in=readable),
            "replaced_by": others.filter(replaces__in=same_work, pk__in=readable),
        }
        context["chain"] = {
            name: versions_for_reader(request, set(pages.values_list("translation_key", flat=True)))
            for name, pages in chain.items()
        }
        today = dt.datetime.now(tz=dt.UTC).date()
        context["force_status"] = self.force_status(today)
        context["superseded_by"] = [
            page
            for page in context["chain"]["replaced_by"]
            if page.force_status(today) is not ForceStatus.AHEAD
        ]
        return context

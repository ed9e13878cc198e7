"""A policy: a decision, law, plan or set of rules with its chain of amendments."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, Panel

from knowledge.dates import show_day
from knowledge.models.base import ProgrammeWorkPage
from knowledge.models.children import save_with_children


class ForceStatus(StrEnum):
    """Whether a policy binds on a day, as far as its dates tell."""

    AHEAD = "ahead"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Force:
    """Whether a policy binds today, as far as its dates and the works that a reader may open tell."""

    status: ForceStatus
    chain: Mapping[str, Sequence["PolicyPage"]]
    """ "amends", "replaces", "amended_by" and "replaced_by" → works."""
    superseded_by: Sequence["PolicyPage"]
    """What replaces it already."""

    @property
    def label(self) -> str:
        """In a word or two."""
        if self.superseded_by:
            return gettext("Replaced")
        if self.status is ForceStatus.OVER:
            return gettext("No longer in force")
        if self.status is ForceStatus.AHEAD:
            return pgettext("a policy", "Not in force yet")
        return (
            gettext("Amended")
            if self.chain["amended_by"]
            else gettext("No later change known to us")
        )

    @property
    def warning(self) -> str:
        """What must be known before the text is relied on; empty where it may bind."""
        if self.superseded_by:
            return gettext("This policy has been replaced.")
        if self.status is ForceStatus.OVER:
            return gettext("This policy is no longer in force.")
        if self.status is ForceStatus.AHEAD:
            return gettext("This policy is not in force yet.")
        return ""


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

    def clean(self) -> None:
        """Refuse an end before the beginning: no day would find the policy in force."""
        super().clean()
        begin = self.in_force_from or self.issued
        if begin and self.in_force_until and self.in_force_until < begin:
            raise ValidationError({"in_force_until": _("The last day is before the first.")})

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

    def force_for(self, reader: Any) -> Force:
        """Return whether it binds today, with the chain of amendments that a reader may open."""
        from knowledge.listing import versions_for_reader
        from knowledge.rights import readable_pages

        same_work = PolicyPage.objects.filter(translation_key=self.translation_key)
        others = PolicyPage.objects.exclude(translation_key=self.translation_key)
        readable = readable_pages(reader).values("pk")
        stating = same_work.filter(Q(pk=self.pk) | Q(pk__in=readable))
        related = {
            "amends": others.filter(amended_by__in=stating),
            "replaces": others.filter(replaced_by__in=stating),
            "amended_by": others.filter(amends__in=same_work, pk__in=readable),
            "replaced_by": others.filter(replaces__in=same_work, pk__in=readable),
        }
        chain: dict[str, list[PolicyPage]] = {
            name: versions_for_reader(reader, set(pages.values_list("translation_key", flat=True)))
            for name, pages in related.items()
        }
        today = timezone.localdate()
        return Force(
            status=self.force_status(today),
            chain=chain,
            superseded_by=[
                page
                for page in chain["replaced_by"]
                if page.force_status(today) is not ForceStatus.AHEAD
            ],
        )

    def notices_for(self, request: HttpRequest) -> list[str]:
        """Return that it binds no longer or not yet, what replaces it, and what it was."""
        from knowledge.citing import address_of

        force = self.force_for(request)
        if not force.warning:
            return []
        newer = "; ".join(
            f"{' · '.join(filter(None, (page.title, page.number)))} ({address_of(page, request)})"
            for page in force.superseded_by
        )
        return [
            f"{force.warning} {gettext('In its place:')} {newer}" if newer else force.warning,
            " · ".join(f"{name}: {told}" for name, told in self._particulars() if told),
        ]

    def _particulars(self) -> list[tuple[str, str]]:
        days = (
            (gettext("Issued on"), self.issued),
            (gettext("In force from"), self.in_force_from),
            (gettext("In force until"), self.in_force_until),
        )
        return [
            (gettext("Number"), self.number),
            (gettext("Issued by"), self.issuer),
            *((name, show_day(day)) for name, day in days if day),
        ]

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add whether it binds and the chain of amendments, as far as this reader may know."""
        force = self.force_for(request)
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"force": force, "chain": force.chain}

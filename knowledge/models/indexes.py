"""Index pages: one per kind, listing each work once, whatever tree its languages stand in."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

_TEMPLATE = "knowledge/index_page.html"
"""Wagtail does not inherit `template`; each type names it."""


class IndexPage(Page):
    """Lists the works of one kind."""

    listed_kind: ClassVar[str]
    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["knowledge.HomePage"]

    class Meta:
        abstract = True

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the works, each in the reader's language where there is one."""
        from knowledge.listing import works_for_reader

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["works"] = works_for_reader(request, kind=self.listed_kind)
        return context


class ProgrammeIndexPage(IndexPage):
    """All programmes."""

    listed_kind = "programme"
    subpage_types: ClassVar[list[str]] = ["knowledge.ProgrammePage"]
    template = _TEMPLATE

    class Meta:
        verbose_name = _("list of programmes")


class PolicyIndexPage(IndexPage):
    """All policies."""

    listed_kind = "policy"
    subpage_types: ClassVar[list[str]] = ["knowledge.PolicyPage"]
    template = _TEMPLATE

    class Meta:
        verbose_name = _("list of policies")


class LessonIndexPage(IndexPage):
    """All lessons learned."""

    listed_kind = "lesson"
    subpage_types: ClassVar[list[str]] = ["knowledge.LessonPage"]
    template = _TEMPLATE

    class Meta:
        verbose_name = _("list of lessons learned")


class CaseStudyIndexPage(IndexPage):
    """All case studies."""

    listed_kind = "case_study"
    subpage_types: ClassVar[list[str]] = ["knowledge.CaseStudyPage"]
    template = _TEMPLATE

    class Meta:
        verbose_name = _("list of case studies")


class MaterialIndexPage(IndexPage):
    """All materials; below it a branch for each country."""

    listed_kind = "material"
    subpage_types: ClassVar[list[str]] = ["knowledge.CountryMaterialsPage"]
    template = _TEMPLATE

    class Meta:
        verbose_name = _("list of materials")


class WorkshopIndexPage(IndexPage):
    """All workshops."""

    listed_kind = "workshop"
    subpage_types: ClassVar[list[str]] = ["knowledge.WorkshopPage"]
    template = _TEMPLATE

    class Meta:
        verbose_name = _("list of workshops")

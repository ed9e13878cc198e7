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
        """Add a page of the works, each in the reader's language where there is one."""
        from knowledge.eligibility import work_types
        from knowledge.listing import newest_first, works_on_page
        from knowledge.rights import readable_pages

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        models = [model for model in work_types() if model.kind == self.listed_kind]
        works = newest_first(readable_pages(request), models)
        return context | works_on_page(works, request.GET.get("page"))


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

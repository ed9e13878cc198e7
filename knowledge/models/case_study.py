"""A case study: what one place, group or event did and what came of it."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from knowledge.models.base import ProgrammeWorkPage


class CaseStudyPage(ProgrammeWorkPage):
    """A case study: what one place, group or event did and what came of it."""

    kind = "case_study"
    kind_label = _("Case study")

    parent_page_types: ClassVar[list[str]] = ["knowledge.CaseStudyIndexPage"]
    template = "knowledge/work_page.html"

    class Meta:
        verbose_name = _("case study")

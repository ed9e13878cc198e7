"""A lesson learned: what worked, what did not, and under which conditions it holds."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from knowledge.models.base import ProgrammeWorkPage


class LessonPage(ProgrammeWorkPage):
    """A lesson learned: what worked, what did not, and under which conditions it holds."""

    kind = "lesson"
    kind_label = _("Lesson learned")

    parent_page_types: ClassVar[list[str]] = ["knowledge.LessonIndexPage"]
    template = "knowledge/work_page.html"

    class Meta:
        verbose_name = _("lesson learned")

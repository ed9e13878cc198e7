"""The home page: one question box, and ways to browse."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, Panel
from wagtail.fields import StreamField
from wagtail.models import Page


class ExampleQuestionBlock(blocks.StructBlock):
    """A question a reader may try."""

    language = blocks.ChoiceBlock(choices=settings.LANGUAGES)
    question = blocks.CharBlock(max_length=200)


class HomePage(Page):
    """The root of one language's tree. What it shows is in the reader's interface language."""

    examples = StreamField(
        [("example", ExampleQuestionBlock())], verbose_name=_("example questions"), blank=True
    )

    content_panels: ClassVar[list[Panel]] = [*Page.content_panels, FieldPanel("examples")]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = [
        "knowledge.ProgrammeIndexPage",
        "knowledge.PolicyIndexPage",
        "knowledge.LessonIndexPage",
        "knowledge.CaseStudyIndexPage",
        "knowledge.MaterialIndexPage",
        "knowledge.WorkshopIndexPage",
    ]
    template = "knowledge/home_page.html"

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what can be browsed, with counts of works this reader may open."""
        from knowledge.search.service import browse_counts

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["browse"] = browse_counts(request)
        return context

"""A programme: OCOP Viet Nam, OTOP Thailand, OVOP Ōita and their sisters."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, Panel

from embeddings.types import NAMES, Section
from knowledge.models.base import ProgrammeWorkPage, WorkPage
from knowledge.models.children import save_with_children


class ProgrammeForm(WagtailAdminPageForm):
    """Refuses the code of another programme, whose works and cells would be mixed with its own.

    A copy has that code until an editor gives it one of its own, so the page cannot refuse it.
    """

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        others = ProgrammePage.objects.exclude(translation_key=self.instance.translation_key)
        if others.filter(code=code).exists():
            raise ValidationError(_("Another programme has this code."))
        return code


class ProgrammePage(WorkPage):
    """A uniform profile, so that programmes can be laid side by side."""

    kind = "programme"
    kind_label = _("Programme")

    code = models.SlugField(
        _("code"), max_length=64, help_text=_("Short name in addresses, the same in all languages.")
    )
    started = models.PositiveSmallIntegerField(_("started in"), null=True, blank=True)
    unit = models.CharField(pgettext_lazy("administrative", "unit"), max_length=100, blank=True)
    lead_body = models.CharField(_("lead body"), max_length=255, blank=True)
    other_names = models.TextField(
        _("other names"),
        blank=True,
        help_text=_("Every name people may type, one a line, in any script."),
    )

    base_form_class = ProgrammeForm
    content_panels: ClassVar[list[Panel]] = [
        *WorkPage.content_panels[:2],
        MultiFieldPanel(
            [
                FieldPanel("code"),
                FieldPanel("started"),
                FieldPanel("unit"),
                FieldPanel("lead_body"),
                FieldPanel("other_names"),
            ],
            heading=_("Programme"),
        ),
        InlinePanel("cells", label=_("comparison")),
        *WorkPage.content_panels[2:],
    ]
    parent_page_types: ClassVar[list[str]] = ["knowledge.ProgrammeIndexPage"]
    template = "knowledge/programme_page.html"

    class Meta:
        verbose_name = _("programme")

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save with the cells, whose aspects may have been exchanged."""
        return save_with_children(super().save, self.cells, "aspect", *args, **kwargs)

    @property
    def programme_page(self) -> WorkPage:
        return self

    @property
    def lead_text(self) -> str:
        return self.lead_body

    def sections(self) -> Iterator[Section]:
        """Yield what every work has, then the names it goes by."""
        yield from super().sections()
        with translation.override(self.language):
            heading = gettext("Also known as")
        if names := " · ".join(self.other_names.splitlines()):
            yield Section(heading=heading, text=names, place=NAMES)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the programme's newest works, each in the reader's language where it is there."""
        from knowledge.eligibility import work_types
        from knowledge.listing import WORKS_ON_A_PAGE, listed_pages, newest_first
        from knowledge.rights import readable_pages

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        models = [model for model in work_types() if issubclass(model, ProgrammeWorkPage)]
        works = newest_first(readable_pages(request), models, programme__code=self.code)
        return context | {"works": listed_pages(works[:WORKS_ON_A_PAGE]), "total": len(works)}

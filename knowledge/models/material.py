"""Materials: what participants and countries hand in, as files with their text."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel
from wagtail.models import Orderable, Page

from embeddings.types import Section
from knowledge.models.base import ProgrammeWorkPage
from knowledge.models.files import FilePart, StoredFile
from knowledge.models.vocabulary import Country

_BETWEEN_NAMES = re.compile("[;؛；]")


class CountryMaterialsPage(Page):
    """The branch of one country in one language; its editors review what is handed in there."""

    country = models.ForeignKey(
        Country, verbose_name=_("country"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", help_text=_("Leave empty for international works."),
    )  # fmt: skip

    content_panels: ClassVar[list[Panel]] = [*Page.content_panels, FieldPanel("country")]
    parent_page_types: ClassVar[list[str]] = ["knowledge.MaterialIndexPage"]
    subpage_types: ClassVar[list[str]] = ["knowledge.MaterialPage"]
    template = "knowledge/index_page.html"

    class Meta:
        verbose_name = _("materials of a country")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add a page of the country's materials, each in the reader's language where it is there."""
        from knowledge.listing import newest_first, works_on_page
        from knowledge.rights import readable_pages

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        works = newest_first(readable_pages(request), [MaterialPage], country=self.country_id)
        return context | works_on_page(works, request.GET.get("page"))


class MaterialPage(ProgrammeWorkPage):
    """Slides, a report, a handout, the text of a rule: files, and what is in them."""

    class Form(models.TextChoices):
        """What sort of material it is."""

        SLIDES = "slides", _("Slides")
        REPORT = "report", _("Report")
        HANDOUT = "handout", _("Handout or training material")
        RULE = "rule", _("Text of a policy or rule")
        LESSON = "lesson", _("Lesson learned")
        CASE = "case", _("Case study")
        OTHER = "other", _("Something else")

    kind = "material"
    kind_label = _("Material")

    summary = models.TextField(
        _("summary"), max_length=400, blank=True,
        help_text=_("What a reader learns here, in two sentences."),
    )  # fmt: skip
    form = models.CharField(_("sort"), max_length=10, choices=Form, default=Form.OTHER)
    credit = models.CharField(
        _("name to be shown"), max_length=200, blank=True,
        help_text=_("Who made it: a person, an office, a cooperative. Shown to every reader."),
    )  # fmt: skip
    consented_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the contributor confirmed that they may share it and that it may be published."""
    changed_at = models.DateTimeField(auto_now=True, editable=False)
    """When the row was written last; an unpublished draft has no other date."""

    content_panels: ClassVar[list[Panel]] = [
        *ProgrammeWorkPage.content_panels[:2],
        FieldPanel("form"),
        FieldPanel("credit"),
        InlinePanel("files", label=_("File")),
        *ProgrammeWorkPage.content_panels[2:],
    ]
    parent_page_types: ClassVar[list[str]] = [
        "knowledge.CountryMaterialsPage",
        "knowledge.WorkshopMaterialsPage",
    ]
    template = "knowledge/material_page.html"

    class Meta:
        verbose_name = _("material")

    @classmethod
    def from_serializable_data(
        cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False
    ) -> "MaterialPage | None":
        """Return the page as a version has it, without files that are gone meanwhile.

        modelcluster raises for a row whose protected other side is gone, so that the version could
        not be opened.
        """
        attached = data.get("files", [])
        there = set(
            StoredFile.objects.filter(pk__in=[one["file"] for one in attached]).values_list(
                "pk", flat=True
            )
        )
        data = data | {"files": [one for one in attached if one["file"] in there]}
        page: MaterialPage | None = super().from_serializable_data(data, check_fks, strict_fks)
        return page

    @property
    def makers(self) -> list[str]:
        return [name.strip() for name in _BETWEEN_NAMES.split(self.credit) if name.strip()]

    @property
    def published_when(self) -> str:
        """The date of the material itself, which was there before the portal had it."""
        return self.dated or super().published_when

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the workshop it was handed in for, where the reader may open that."""
        from knowledge.sharing.drafts import handed_in_for

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | handed_in_for(self, request)

    def sections(self) -> Iterator[Section]:
        """Yield what every work has, then the files' text, each part with its place."""
        yield from super().sections()
        for attached in self.files.select_related("file"):
            for part in attached.file.parts.exclude(text=""):
                yield Section(
                    heading=f"{attached.file.title} › {part.number}",
                    text=part.text,
                    place=place_of(part),
                )


class MaterialFile(Orderable):
    """A file of a material."""

    page = ParentalKey(MaterialPage, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(
        StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="shown_on"
    )

    panels: ClassVar[list[Panel]] = [FieldPanel("file")]

    class Meta(Orderable.Meta):
        verbose_name = _("file of a material")


class ReviewMessage(models.Model):
    """What a contributor answered to a reviewer. The reviewer's own words are in the task."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(_("answer"), max_length=2000)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"{self.page_id}: {self.text[:40]}"


def place_of(part: FilePart) -> str:
    """Return where in a material a passage stands: "file/number"."""
    return f"{part.file_id}/{part.number}"

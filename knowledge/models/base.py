"""What every work has, whatever its kind."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.http import Http404, HttpRequest
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail_localize.fields import BaseTranslatableField

from embeddings.language import unspaced_letters
from embeddings.passages import without_citations
from embeddings.types import Section
from knowledge.blocks import BodyBlock, raw_text, sections_of
from knowledge.dates import show_partial_date, validate_partial_date
from knowledge.desk.similar_panel import SimilarWorksPanel
from knowledge.models.cells import PolicyCell, ProgrammeCell
from knowledge.models.evidence import Fact, check_citations, facts_cited
from knowledge.models.vocabulary import Country, Theme

LICENCES = [
    ("CC0-1.0", "CC0 1.0"),
    ("CC-BY-4.0", "CC BY 4.0"),
    ("CC-BY-SA-4.0", "CC BY-SA 4.0"),
    ("CC-BY-NC-4.0", "CC BY-NC 4.0"),
    ("CC-BY-ND-4.0", "CC BY-ND 4.0"),
    ("CC-BY-NC-ND-4.0", "CC BY-NC-ND 4.0"),
    ("InC-1.0", _("In copyright")),
    ("NoC-NC-1.0", _("No copyright, no commercial use")),
    ("CNE-1.0", _("Copyright not evaluated")),
]
"""Licences by their names in the SPDX licence list; statements of rights by their codes at
rightsstatements.org."""
_RIGHTS_STATEMENTS = {"InC", "NoC-NC", "CNE"}
_WORDS_A_MINUTE = 200
_LETTERS_A_MINUTE = 500
"""Of scripts that write no spaces."""


class CopyWorkForm(CopyForm):
    """Wagtail's form for copying, which lets through what does not fit into the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "slug"):
            longest = Page._meta.get_field(name).max_length
            field = self.fields[f"new_{name}"]
            field.validators.append(MaxLengthValidator(longest))
            field.widget.attrs["maxlength"] = longest


class WorkPage(Page):
    """One language version of a work. Its translations share `translation_key`."""

    kind: ClassVar[str]
    kind_label: ClassVar[Promise]

    summary = models.TextField(
        _("summary"), max_length=400, help_text=_("What a reader learns here, in two sentences.")
    )
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    dated = models.CharField(
        _("date"),
        max_length=10,
        blank=True,
        validators=[validate_partial_date],
        help_text=_("When it happened or was decided: YYYY, YYYY-MM or YYYY-MM-DD."),
    )
    dated_fact = models.ForeignKey(
        Fact,
        verbose_name=_("evidence of the date"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("A fact that the text cites and that says this date."),
    )
    country = models.ForeignKey(
        Country,
        verbose_name=_("country"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Leave empty for international works."),
    )
    themes = ParentalManyToManyField(Theme, verbose_name=_("themes"), blank=True)
    is_original = models.BooleanField(
        _("original language"),
        default=True,
        help_text=_("Whether the work was first written in this language."),
    )
    licence = models.CharField(
        _("licence"),
        max_length=32,
        choices=LICENCES,
        blank=True,
        help_text=_("Under which the text may be used elsewhere."),
    )
    checked_on = models.DateField(
        _("last checked on"),
        null=True,
        blank=True,
        help_text=_("When someone last compared the text with its sources."),
    )
    collection_slug = models.SlugField(max_length=100, blank=True, editable=False, db_index=True)
    """Name of the work in the starter collection; empty for works written here."""

    content_panels: ClassVar[list[Panel]] = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel(
            [
                FieldPanel("dated"),
                FieldPanel("dated_fact"),
                FieldPanel("country"),
                FieldPanel("themes"),
            ],
            heading=_("Profile"),
        ),
        FieldPanel("is_original"),
        FieldPanel("licence"),
        FieldPanel("checked_on"),
        FieldPanel("body"),
        SimilarWorksPanel(heading=_("Similar works"), icon="copy"),
    ]
    subpage_types: ClassVar[list[str]] = []
    exclude_fields_in_copy: ClassVar[list[str]] = ["collection_slug"]
    copy_form_class = CopyWorkForm
    override_translatable_fields: ClassVar[list[BaseTranslatableField]] = [
        BaseTranslatableField("is_original")  # neither translated nor taken over from the source
    ]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save the page; a new version of a work that has an original is a translation."""
        if self._state.adding and self.translation_key is not None:
            siblings = type(self).objects.filter(translation_key=self.translation_key)
            if siblings.filter(is_original=True).exists():
                self.is_original = False
        return super().save(*args, **kwargs)

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        """Answer like a page that does not exist once the work has expired.

        Wagtail goes on showing it until its scheduled job has run.
        """
        expired = self.expire_at is not None and self.expire_at <= timezone.now()
        if expired and not path_components:  # what stands below has a time of its own
            raise Http404
        return super().route(request, path_components)

    def clean(self) -> None:
        """Refuse citations that cannot be read, or of facts that do not exist."""
        super().clean()
        check_citations("body", raw_text(self.body) if self.body else "")

    @property
    def programme_page(self) -> "WorkPage | None":
        """The programme this work belongs to."""
        raise NotImplementedError

    @property
    def all_cells(self) -> list[ProgrammeCell | PolicyCell]:
        """The cells of this page in the order of their table; empty where the kind has none."""
        relation = getattr(self, "cells", None)
        if relation is None:
            return []
        order = [value for value, _ in relation.model._meta.get_field("aspect").flatchoices]
        return sorted(relation.all(), key=lambda cell: order.index(cell.aspect))

    @property
    def lead_text(self) -> str:
        """What a reader may search for that is not in the running text."""
        return ""

    @property
    def minutes(self) -> int:
        """How long reading takes, at least 1."""
        text = without_citations(raw_text(self.body))
        unspaced = unspaced_letters(text)
        words = len(text.split())
        return max(
            1,
            round(
                unspaced / _LETTERS_A_MINUTE
                + (words if unspaced < len(text) / 2 else 0) / _WORDS_A_MINUTE
            ),
        )

    @property
    def licence_address(self) -> str:
        """Where the licence can be read; empty where none is stated."""
        name, _sep, version = self.licence.rpartition("-")
        if name in _RIGHTS_STATEMENTS:
            # With "http": the statement's name, as rightsstatements.org wants it cited.
            return f"http://rightsstatements.org/vocab/{name}/{version}/"
        if self.licence.startswith("CC0"):
            return f"https://creativecommons.org/publicdomain/zero/{version}/"
        kind = name.removeprefix("CC-").lower()
        return f"https://creativecommons.org/licenses/{kind}/{version}/" if self.licence else ""

    @property
    def year(self) -> str:
        """The year of the work, empty when unknown."""
        return self.dated[:4]

    @property
    def date_label(self) -> str:
        """The date in the active locale."""
        return show_partial_date(self.dated)

    def notices_for(self, request: HttpRequest) -> list[str]:  # noqa: ARG002
        """Return what a reader must know before they rely on the text, a line each."""
        return []

    @property
    def makers(self) -> list[str]:
        """Who is cited as the author; empty for texts of the portal."""
        return []

    @property
    def published_when(self) -> str:
        """The date under which the work is cited: of the version that is read."""
        published = self.last_published_at or self.first_published_at
        return published.date().isoformat() if published else ""

    @property
    def language(self) -> str:
        """BCP 47 code of the text."""
        return str(self.locale.language_code)

    @cached_property
    def cited_facts(self) -> list[Fact]:
        """The facts that the text and the cells cite, in the order of first mention."""
        return facts_cited([raw_text(self.body), *(cell.text for cell in self.all_cells)])

    def sections(self) -> Iterator[Section]:
        """Yield all text of the page for the index, the summary first, the cells last.

        A cell is a section of its own under the name of its aspect, so that a question about
        finance meets what the programme says of finance.
        """
        lead = "\n".join(part for part in (self.summary, self.lead_text) if part)
        if lead:
            yield Section(heading="", text=lead)
        yield from sections_of(self.body)
        with translation.override(self.language):
            for cell in self.all_cells:
                yield Section(heading=cell.get_aspect_display(), text=cell.text)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the page and what is under it, all or nothing.

        Wagtail logs the deletion, lowers the parent's count of children and deletes the rows, each
        for itself. A process that dies in between leaves a parent that counts no child and has one:
        nothing can be put under it any more, as the place of a first child is taken.
        """
        deleted: tuple[int, dict[str, int]] = super().delete(*args, **kwargs)
        return deleted

    def language_versions(self) -> list["WorkPage"]:
        """Return all live versions of this work, the original first."""
        versions = self.get_translations(inclusive=True).live().filter(alias_of__isnull=True)
        return sorted(
            versions.select_related("locale"),
            key=lambda page: (not page.is_original, page.language),
        )

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what this reader may open of the work's versions, its programme and works like it."""
        from knowledge.listing import versions_for_reader
        from knowledge.rights import readable_pages
        from knowledge.search.similar import similar_to

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        programme = self.programme_page
        if programme is not None and programme.pk != self.pk:
            context["programme"] = next(
                iter(versions_for_reader(request, {programme.translation_key})), None
            )
        same_work = readable_pages(request).filter(translation_key=self.translation_key)
        readable = set(same_work.values_list("pk", flat=True))
        context["similar"] = similar_to(self, request)
        context["versions"] = [page for page in self.language_versions() if page.pk in readable]
        return context


class ProgrammeWorkPage(WorkPage):
    """A work that belongs to a programme."""

    programme = models.ForeignKey(
        "knowledge.ProgrammePage",
        verbose_name=_("programme"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    content_panels: ClassVar[list[Panel]] = [
        *WorkPage.content_panels[:2],
        FieldPanel("programme"),
        *WorkPage.content_panels[2:],
    ]

    class Meta:
        abstract = True

    @property
    def programme_page(self) -> "WorkPage | None":
        return self.programme

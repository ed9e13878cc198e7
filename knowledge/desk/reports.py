"""The desk's reports, as Wagtail makes reports: filters, pages, CSV and XLSX."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

from knowledge.alerts.unanswered import asked_often
from knowledge.dates import show_month
from knowledge.desk.columns import LanguageColumn, TemplateColumn, VersionColumn
from knowledge.desk.evidence import EvidenceRow, works_without_evidence
from knowledge.desk.filters import (
    BoardFilterSet,
    EvidenceFilterSet,
    QuestionFilterSet,
    WorkFilterSet,
)
from knowledge.desk.languages import MismatchRow, pages_in_other_language
from knowledge.desk.translations import BoardRow, Status, board, languages_in_use
from knowledge.desk.works import Version, page_policy
from knowledge.downloads import safe_cell
from knowledge.models import UnansweredQuestion

DESK_ACTIONS = ["add", "change", "publish"]
"""Whoever may do one of these somewhere in the tree sees the desk."""


def _work_columns(version_of: Callable[[Any], Version]) -> list[Column]:
    return [
        VersionColumn(version_of),
        Column("kind", label=_("Kind"), accessor=lambda row: row.work.kind_label),
        Column("programme", label=_("Programme"), accessor=lambda row: row.work.programme),
    ]


def _work_cells(row: Any, version: Version) -> dict[str, Any]:
    work = row.work
    return {
        "title": version.title,
        "kind": str(work.kind_label),
        "programme": work.programme,
        "country": work.country_label,
    }


def _name_of(language: str) -> str:
    return dict(settings.LANGUAGES).get(language, language)


class DeskReport(ReportView):
    """What all reports of the desk have in common."""

    name: ClassVar[str]
    header_icon = "clipboard-list"
    any_permission_required = DESK_ACTIONS
    introduction: str | Promise = ""
    results_template_name = "knowledge/admin/desk/results.html"

    @property
    def permission_policy(self) -> Any:
        """What decides who may see the report: rights to pages, whatever its rows are."""
        return page_policy()

    def get_index_url(self) -> str:
        """Return where the report is."""
        return str(self.request.path).removesuffix("results/")

    def get_index_results_url(self) -> str:
        """Return where its rows alone are, for the filters."""
        return f"{self.get_index_url()}results/"

    def get_filename(self) -> str:
        """Return the name of an exported file."""
        return f"{self.name}-{timezone.localdate().isoformat()}"

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what stands above the table."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return context | {"introduction": self.introduction}

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Write no cell that a spreadsheet would run; XLSX marks them as text."""
        value = super().preprocess_field_value(field, value, export_format)
        is_text = isinstance(value, str) and export_format == self.FORMAT_CSV
        return safe_cell(value) if is_text else value


class WorksReport(DeskReport):
    """A report whose rows are works: a list, not a queryset."""

    filterset_class = WorkFilterSet

    def load(self) -> list[Any]:
        """Return all that the report could show to this editor."""
        raise NotImplementedError

    @cached_property
    def rows(self) -> list[Any]:
        """Return what `load` returns, asked for once."""
        return self.load()

    def get_filterset_kwargs(self) -> dict[str, Any]:
        """Offer to filter by what there is."""
        kwargs: dict[str, Any] = super().get_filterset_kwargs()
        return kwargs | {"rows": self.rows}

    def get_filtered_queryset(self) -> list[Any]:
        """Return the rows that the filters let through."""
        rows: list[Any] = self.filter_queryset(self.rows)
        return rows


class TranslationsReport(WorksReport):
    """Which work stands how in which language."""

    name = "translation-status"
    page_title = _("Translation status")
    header_icon = "globe"
    introduction = _(
        "A translation is outdated when its original was published after it. Publish it again once "
        "it says the same as its original."
    )
    filterset_class = BoardFilterSet
    results_template_name = "knowledge/admin/desk/translations_results.html"
    export_headings = {
        "title": _("Title"), "kind": _("Kind"), "programme": _("Programme"), "country": _("Country")
    }  # fmt: skip

    def load(self) -> list[BoardRow]:
        """Return the rows."""
        return board(self.request)

    @cached_property
    def languages(self) -> list[str]:
        """Return the languages that have a column."""
        return languages_in_use(self.rows)

    @cached_property
    def columns(self) -> list[Column]:
        """Title, kind, programme, then a column for each language."""
        may_submit = self.request.user.has_perm("wagtail_localize.submit_translation")
        return [
            *_work_columns(lambda row: row.work.shown),
            *(LanguageColumn(language, may_submit=may_submit) for language in self.languages),
        ]

    @property
    def list_export(self) -> Sequence[str]:
        """Columns of an exported file."""
        return [*self.export_headings, *self.languages]

    def to_row_dict(self, item: BoardRow) -> dict[str, Any]:
        """Return a row of an exported file."""
        statuses = {code: str(item.status_in(code).label) for code in self.languages}
        return OrderedDict(**_work_cells(item, item.work.shown), **statuses)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the key to the signs."""
        return super().get_context_data(*args, **kwargs) | {"statuses": list(Status)}


class EvidenceReport(WorksReport):
    """Works that give a reader nothing to rely on."""

    name = "works-without-evidence"
    page_title = _("Works without evidence")
    header_icon = "warning"
    introduction = _("What a text lacks, and in which languages.")
    filterset_class = EvidenceFilterSet
    columns = [
        *_work_columns(lambda row: row.work.shown),
        TemplateColumn("reasons", _("Reasons"), "reasons_cell.html"),
    ]
    export_headings = {
        "title": _("Title"), "kind": _("Kind"), "programme": _("Programme"),
        "country": _("Country"), "reasons": _("Reasons"),
    }  # fmt: skip
    list_export = list(export_headings)

    def load(self) -> list[EvidenceRow]:
        """Return the rows."""
        return works_without_evidence(self.request)

    def to_row_dict(self, item: EvidenceRow) -> dict[str, Any]:
        """Return a row of an exported file."""
        reasons = "; ".join(
            f"{reason.label}: {', '.join(version.language for version in versions)}"
            for reason, versions in item.reasons.items()
        )
        return OrderedDict(**_work_cells(item, item.work.shown), reasons=reasons)


class LanguageReport(WorksReport):
    """Pages in another language than they say."""

    name = "language-mismatch"
    page_title = _("Text in another language")
    header_icon = "help"
    introduction = _("Pages whose text reads as another language than the one they stand under.")
    columns = [
        *_work_columns(lambda row: row.version),
        Column(
            "says", label=_("Stands under"), accessor=lambda row: _name_of(row.version.language)
        ),
        Column("reads_as", label=_("Reads as"), accessor=lambda row: _name_of(row.reads_as)),
    ]
    export_headings = {
        "title": _("Title"), "kind": _("Kind"), "programme": _("Programme"),
        "country": _("Country"), "says": _("Stands under"), "reads_as": _("Reads as"),
    }  # fmt: skip
    list_export = list(export_headings)

    def load(self) -> list[MismatchRow]:
        """Return the rows."""
        return pages_in_other_language(self.request)

    def to_row_dict(self, item: MismatchRow) -> dict[str, Any]:
        """Return a row of an exported file."""
        languages = {"says": item.version.language, "reads_as": item.reads_as}
        return OrderedDict(**_work_cells(item, item.version), **languages)


class QuestionsReport(DeskReport):
    """What was asked often and found nothing."""

    name = "asked-not-found"
    page_title = _("Asked, not found")
    header_icon = "search"
    introduction = _(
        "Questions that found nothing and that were asked often enough to point to nobody. Who "
        "asked is not kept."
    )
    model = UnansweredQuestion
    filterset_class = QuestionFilterSet
    default_ordering = ("-month", "-times", "pk")
    columns = [
        TemplateColumn("question", _("Question"), "question_cell.html"),
        Column("language", label=_("Language"), accessor=lambda row: _name_of(row.language)),
        Column(
            "month",
            label=_("Month"),
            accessor=lambda row: show_month(row.month),
        ),
        Column("times", label=_("Times asked")),
        TemplateColumn("actions", _("What to do"), "question_actions.html"),
    ]
    export_headings = {
        "question": _("Question"), "language": _("Language"), "month": _("Month"),
        "times": _("Times asked"),
    }  # fmt: skip
    list_export = list(export_headings)

    def get_base_queryset(self) -> QuerySet[UnansweredQuestion]:
        """Return what was asked at least as often as an editor may know."""
        return asked_often()


REPORTS: Sequence[type[DeskReport]] = (
    TranslationsReport, EvidenceReport, LanguageReport, QuestionsReport
)  # fmt: skip

"""What the desk's reports are narrowed by. Rows are lists, so filters are plain functions."""

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.models import Page

from embeddings.language import fold
from knowledge.alerts.unanswered import asked_often
from knowledge.dates import show_month
from knowledge.desk.evidence import Reason
from knowledge.desk.works import DeskWork
from knowledge.models import UnansweredQuestion

Choices = list[tuple[str, str | Promise]]


def of_work(attribute: str) -> Callable[[list[Any], str, str], list[Any]]:
    """Return a filter that compares an attribute of a row's work."""

    def filtered(rows: list[Any], name: str, value: str) -> list[Any]:
        return [row for row in rows if getattr(row.work, attribute) == value]

    return filtered


def may_edit(row: Any) -> bool:
    """Return True if somebody may edit a version of a row's work."""
    return any(version.may_edit for version in row.work.versions.values())


def _choice(
    attribute: str, label: str | Promise, everything: str | Promise
) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=label, method=of_work(attribute), choices=[], empty_label=everything
    )


def _only(label: str | Promise, wanted: Callable[[Any], bool]) -> django_filters.ChoiceFilter:
    """Return a filter that is off until somebody says yes."""

    def filtered(rows: list[Any], name: str, value: str) -> list[Any]:
        return [row for row in rows if wanted(row)]

    return django_filters.ChoiceFilter(
        label=label, method=filtered, choices=[("on", _("Yes"))], empty_label=_("No")
    )


class WorkFilterSet(WagtailFilterSet):
    """Kind, programme and country: as many as the rows have."""

    kind = _choice("kind", _("Kind"), pgettext_lazy("kinds", "All"))
    programme = _choice("programme", _("Programme"), pgettext_lazy("programmes", "All"))
    country = _choice("country", _("Country"), pgettext_lazy("countries", "All"))
    mine = _only(_("Only what I may edit"), may_edit)

    class Meta:
        model = Page
        fields: list[str] = []

    def __init__(self, *args: Any, rows: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, queryset=Page.objects.none(), **kwargs)
        self.filters.pop("locale", None)  # Wagtail adds it for pages; a row has several
        works = [row.work for row in rows]
        self._offer("kind", works, "kind_label")
        self._offer("programme", works, "programme")
        self._offer("country", works, "country_label")

    def _offer(self, name: str, works: list[DeskWork], label: str) -> None:
        found = {getattr(work, name): getattr(work, label) for work in works}
        choices = [(code, str(text)) for code, text in found.items() if code]
        self.filters[name].extra["choices"] = sorted(choices, key=lambda one: fold(one[1]))

    def filter_queryset(self, queryset: list[Any]) -> list[Any]:
        """Return the rows that all filters let through."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


class BoardFilterSet(WorkFilterSet):
    """Of the board of translations."""

    behind = _only(_("Only outdated or unfinished translations"), lambda row: row.is_behind)


def _lacks(rows: list[Any], name: str, value: str) -> list[Any]:
    return [row for row in rows if value in row.reasons]


class EvidenceFilterSet(WorkFilterSet):
    """Of the works without evidence."""

    reason = django_filters.ChoiceFilter(
        label=_("Reason"),
        method=_lacks,
        choices=Reason.choices,
        empty_label=pgettext_lazy("reasons", "All"),
    )


def _months() -> Choices:
    months = asked_often().values_list("month", flat=True).order_by("-month").distinct()
    return [(month.isoformat(), show_month(month)) for month in months]


def _languages() -> Choices:
    names = dict(settings.LANGUAGES)
    codes = asked_often().values_list("language", flat=True).order_by("language").distinct()
    return [(code, names.get(code, code)) for code in codes if code]


class QuestionFilterSet(WagtailFilterSet):
    """Of the questions that found nothing."""

    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=_languages, empty_label=pgettext_lazy("languages", "All")
    )
    month = django_filters.ChoiceFilter(
        label=_("Month"), choices=_months, empty_label=pgettext_lazy("months", "All")
    )

    class Meta:
        model = UnansweredQuestion
        fields: list[str] = []

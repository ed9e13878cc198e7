"""Pages that put programmes side by side. Whole without JavaScript; an address says everything."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from embeddings.passages import without_citations
from knowledge.citing import address_of
from knowledge.compare.asking import ProgrammeAnswer, ask_each, chosen_of, programmes_for
from knowledge.compare.dimensions import HINTS
from knowledge.compare.lineage import MAP_HEIGHT, MAP_WIDTH, lineage_for
from knowledge.compare.policies import policies_on
from knowledge.compare.tables import (
    MOST_COLUMNS,
    Table,
    comparable_programmes,
    grading_policies,
    grading_table,
    programme_table,
)
from knowledge.downloads import csv_response
from knowledge.models.evidence import facts_cited
from knowledge.search.forms import SearchForm, filters_from


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Ask one question of every programme, or of those that are chosen."""
    form = SearchForm(request.GET)
    programmes = programmes_for(request)
    codes = filters_from(request.GET).get("programme", [])
    chosen = chosen_of(programmes, codes)
    answers: list[ProgrammeAnswer] | None = None
    if form.is_valid() and (text := " ".join(form.cleaned_data["q"].split())):
        answers = ask_each(text, chosen, reader=request)
        if request.GET.get("format") == "csv":
            return _answers_as_csv(request, answers)
    context = {
        "form": form,
        "programmes": programmes,
        "chosen": [one.code for one in chosen] if codes else [],
        "answers": answers,
        "answered": sum(answer.answers for answer in answers or ()),
        "facts": facts_cited(cell.text for answer in answers or () for cell in answer.cells),
    }
    return render(request, "knowledge/compare/ask.html", context)


def _answers_as_csv(request: HttpRequest, answers: Iterable[ProgrammeAnswer]) -> HttpResponse:
    head = [
        _("Programme"),
        _("Code"),
        _("Work"),
        _("Address"),
        _("Language"),
        _("Date"),
        _("Section"),
        _("Sentence"),
        _("Passage"),
    ]
    return csv_response("programmes.csv", head, _rows(request, answers))


def _rows(request: HttpRequest, answers: Iterable[ProgrammeAnswer]) -> Iterator[Sequence[str]]:
    for answer in answers:
        named = (answer.programme.title, answer.programme.code)
        for cell in answer.cells:
            said, profile = without_citations(cell.text), cell.page
            yield (
                *named,
                profile.title,
                f"{address_of(profile, request)}#cells",
                profile.language,
                profile.date_label,
                str(cell.get_aspect_display()),
                said,
                said,
            )
        if not answer.answers:
            yield (*named, _("Nothing found here yet"))
        elif (card := answer.card) is not None:
            yield (
                *named,
                card.title,
                request.build_absolute_uri(card.url),
                card.language,
                card.date_label,
                card.heading,
                card.sentence,
                card.passage,
            )


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Lay chosen programmes side by side, each cell with its evidence."""
    programmes = comparable_programmes(request)
    asked = request.GET.getlist("programme")
    table = programme_table(programmes, asked, request.GET.getlist("dimension"))
    if request.GET.get("format") == "csv":
        return _table_as_csv("comparison.csv", table)
    context = {
        "table": table,
        "programmes": programmes,
        "dimensions": [(one.value, one.label, hint) for one, hint in HINTS.items()],
        "shown": [aspect for aspect, _label in table.aspects],
        "most": MOST_COLUMNS,
        "too_many": len({*asked} & {page.code for page in programmes}) > MOST_COLUMNS,
    }
    return render(request, "knowledge/compare/programmes.html", context)


@require_safe
def grading(request: HttpRequest) -> HttpResponse:
    """Lay grading systems side by side: levels, who decides, points, validity."""
    policies = grading_policies(request)
    table = grading_table(policies, request.GET.getlist("policy"))
    if request.GET.get("format") == "csv":
        return _table_as_csv("grading.csv", table)
    context = {"table": table, "policies": policies, "chosen": request.GET.getlist("policy")}
    return render(request, "knowledge/compare/grading.html", context)


def _table_as_csv(name: str, table: Table) -> HttpResponse:
    head = [_("Page"), _("Aspect"), _("Text"), _("Facts"), _("Status"), _("Sources")]
    return csv_response(name, head, table.records())


@require_safe
def policies_in_force(request: HttpRequest) -> HttpResponse:
    """Say of each policy what it was on a day: in force, amended, replaced, ahead."""
    today = timezone.localdate()
    asked, day, fault = request.GET.get("on", "").strip(), today, ""
    if asked:
        try:
            day = dt.datetime.strptime(asked, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
        except ValueError:
            fault = _("That is no date. Write it as YYYY-MM-DD.")
    everything = policies_on(day, reader=request)
    programmes = [one.programme for one in everything if one.programme is not None]
    chosen = request.GET.get("programme", "")
    if chosen not in {one.code for one in programmes}:
        chosen = ""
    context = {
        "day": day,
        "asked": asked if fault else day.isoformat(),
        "fault": fault,
        "chains": [
            one
            for one in everything
            if not chosen or (one.programme is not None and one.programme.code == chosen)
        ],
        "programmes": programmes,
        "chosen": chosen,
    }
    return render(request, "knowledge/compare/policies.html", context)


@require_safe
def lineage(request: HttpRequest) -> HttpResponse:
    """Show where programmes are, and which learnt from which."""
    context = {
        "lineage": lineage_for(request),
        "map_width": MAP_WIDTH,
        "map_height": MAP_HEIGHT,
    }
    return render(request, "knowledge/compare/lineage.html", context)

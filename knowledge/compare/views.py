"""Pages that put programmes side by side. Whole without JavaScript; an address says everything."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from embeddings.passages import cited_codes, without_citations
from knowledge.citing import address_of, whole_address
from knowledge.compare.asking import ProgrammeAnswer, ask_each, chosen_of, programmes_for
from knowledge.compare.dimensions import HINTS
from knowledge.compare.lineage import MAP_HEIGHT, MAP_WIDTH, lineage_for
from knowledge.compare.policies import policies_on
from knowledge.compare.tables import (
    MOST_COLUMNS,
    Table,
    comparable_programmes,
    evidence_of,
    grading_policies,
    grading_table,
    head,
    head_of_evidence,
    programme_table,
)
from knowledge.downloads import csv_response, refusal, told_plainly
from knowledge.models import Dimension, Fact, PolicyPage
from knowledge.models.evidence import facts_cited
from knowledge.search.forms import SearchForm, filters_from


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Ask one question of every programme, or of those that are chosen."""
    form = SearchForm(request.GET)
    programmes = programmes_for(request)
    codes = filters_from(request.GET).get("programme", [])
    chosen = chosen_of(programmes, codes)
    if request.GET.get("format"):
        refused = refusal(request, ["csv"], programme={one.code for one in programmes})
        if refused is not None:
            return refused
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


def _answers_as_csv(request: HttpRequest, answers: Sequence[ProgrammeAnswer]) -> HttpResponse:
    names = [
        _("Programme"),
        _("Code"),
        _("Work"),
        _("Web address"),
        _("Language"),
        _("Date"),
        _("Section"),
        _("Sentence"),
        _("Passage"),
        _("Answer found"),
        *head_of_evidence(),
    ]
    return csv_response("programmes.csv", names, _rows(request, answers))


def _rows(request: HttpRequest, answers: Sequence[ProgrammeAnswer]) -> Iterator[Sequence[str]]:
    facts = _facts_of(answers)
    for answer in answers:
        named = (answer.programme.title, answer.programme.code)
        for cell in answer.cells:
            said, profile = without_citations(cell.text), cell.page
            cited = [facts[code] for code in cited_codes(cell.text) if code in facts]
            yield (
                *named,
                profile.title,
                f"{address_of(profile, request)}#cells",
                profile.language,
                profile.dated,
                str(cell.get_aspect_display()),
                said,
                said,
                _("Yes"),
                *evidence_of(cited),
            )
        if not answer.answers:
            yield (*named, *[""] * 7, _("Nothing found here yet"), *evidence_of(()))
        elif (card := answer.card) is not None:
            yield (
                *named,
                card.title,
                whole_address(card.url, request),
                card.language,
                card.dated,
                card.heading,
                card.sentence,
                card.passage,
                _("Yes"),
                *evidence_of([facts[code] for code in card.cited if code in facts]),
            )


def _facts_of(answers: Iterable[ProgrammeAnswer]) -> dict[str, Fact]:
    """Return code → fact of all that the answers cite."""
    codes = {code for answer in answers for cell in answer.cells for code in cited_codes(cell.text)}
    codes.update(code for answer in answers if answer.card for code in answer.card.cited)
    facts: dict[str, Fact] = Fact.objects.prefetch_related("sources").in_bulk(
        codes, field_name="code"
    )
    return facts


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Lay chosen programmes side by side, each cell with its evidence."""
    programmes = comparable_programmes(request)
    asked = request.GET.getlist("programme")
    table = programme_table(programmes, asked, request.GET.getlist("dimension"))
    known = {page.code for page in programmes}
    too_many = len({*asked} & known) > MOST_COLUMNS
    if request.GET.get("format"):
        refused = refusal(request, ["csv"], programme=known, dimension=Dimension.values)
        if refused is None and too_many:
            refused = told_plainly(_("A table has at most %(n)s programmes.") % {"n": MOST_COLUMNS})
        return refused or csv_response("comparison.csv", head(), table.records(request))
    context = {
        "table": table,
        "programmes": programmes,
        "dimensions": [(one.value, one.label, hint) for one, hint in HINTS.items()],
        "shown": [aspect for aspect, _label in table.aspects],
        "most": MOST_COLUMNS,
        "too_many": too_many,
    }
    return render(request, "knowledge/compare/programmes.html", context)


@require_safe
def grading(request: HttpRequest) -> HttpResponse:
    """Lay grading systems side by side: levels, who decides, points, validity."""
    policies = grading_policies(request)
    table = grading_table(policies, request.GET.getlist("policy"))
    if request.GET.get("format"):
        refused = refusal(request, ["csv"], policy={page.slug for page in policies})
        return refused or _grading_as_csv(request, table)
    context = {"table": table, "policies": policies, "chosen": request.GET.getlist("policy")}
    return render(request, "knowledge/compare/grading.html", context)


def _grading_as_csv(request: HttpRequest, table: Table) -> HttpResponse:
    """Return the table with whether each policy binds today: a replaced one grades nobody."""
    forces = {page: page.force_for(request) for page in table.pages if isinstance(page, PolicyPage)}
    told = {
        page: [force.label, " | ".join(newer.title for newer in force.superseded_by)]
        for page, force in forces.items()
    }
    names = [*head(), pgettext("a policy", "In force today"), _("Replaced by")]
    return csv_response("grading.csv", names, table.records(request, told))


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

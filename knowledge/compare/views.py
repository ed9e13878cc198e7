"""Pages that put programmes side by side. Whole without JavaScript; an address says everything."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge.compare.asking import ProgrammeAnswer, ask_each, chosen_of, programmes_for
from knowledge.search.forms import SearchForm, filters_from

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


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
            return _table(request, answers)
    context = {
        "form": form,
        "programmes": programmes,
        "chosen": [one.code for one in chosen] if codes else [],
        "answers": answers,
        "answered": sum(answer.card is not None for answer in answers or ()),
    }
    return render(request, "knowledge/compare/ask.html", context)


def _table(request: HttpRequest, answers: Iterable[ProgrammeAnswer]) -> HttpResponse:
    """Return the answers as CSV; with a byte order mark, by which spreadsheets know UTF-8."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="programmes.csv"'
    writer = csv.writer(response)
    writer.writerow(
        [
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
    )
    for row in _rows(request, answers):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA_BEGINS) else cell for cell in row])
    return response


def _rows(request: HttpRequest, answers: Iterable[ProgrammeAnswer]) -> Iterator[Sequence[str]]:
    for answer in answers:
        named = (answer.programme.title, answer.programme.code)
        if (card := answer.card) is None:
            yield (*named, _("Nothing found here yet"))
        else:
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

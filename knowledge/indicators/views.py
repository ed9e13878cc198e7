"""Pages of the ledger, whole without JavaScript, and the same as CSV and JSON."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from knowledge.downloads import csv_response, refusal
from knowledge.indicators.chart import chart_of
from knowledge.indicators.ledger import Entry, as_json, entries, head, records
from knowledge.listing import programmes_by_code
from knowledge.models import Fact

_DRAWN = (Fact.Status.SOURCED, Fact.Status.WEAK)
"""Whose values a chart shows: a picture has no room for what a remark or a doubt says."""


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """List the indicators with their newest values, of all programmes or of one."""
    everything = entries(request)
    programme = request.GET.get("programme", "")
    shown = [one for one in everything if not programme or one.indicator.programme == programme]
    if (answer := _download(request, shown, "indicators")) is not None:
        return answer
    programmes = {
        one.programme.pk: one.programme for one in everything if one.programme is not None
    }
    context = {"entries": shown, "programmes": list(programmes.values()), "chosen": programme}
    return render(request, "knowledge/indicators/list.html", context)


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """Show one indicator: definition, course, every value with its source."""
    found = entries(request, code=code)
    if not found:
        raise Http404
    if (answer := _download(request, found, code)) is not None:
        return answer
    entry = found[0]
    drawn = [value for value in entry.values if value.fact.status in _DRAWN]
    series = [(value.as_of, float(value.middle), bool(value.conflict)) for value in drawn]
    context = {"entry": entry, "chart": chart_of(series), "undrawn": len(entry.values) - len(drawn)}
    return render(request, "knowledge/indicators/detail.html", context)


def _download(request: HttpRequest, shown: list[Entry], name: str) -> HttpResponse | None:
    wanted = request.GET.get("format")
    if not wanted:
        return None
    refused = refusal(request, ["csv", "json"], programme=programmes_by_code(request))
    if refused is not None:
        return refused
    if wanted == "csv":
        return csv_response(f"{name}.csv", head(), records(shown))
    response = JsonResponse(
        as_json(shown), safe=False, json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response

"""The search page. Whole without JavaScript; htmx asks for the results part alone."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from knowledge.alerts.feeds import feed_query, query_of
from knowledge.alerts.unanswered import note_unanswered
from knowledge.compare.dimensions import dimensions_of
from knowledge.models import SavedSearch
from knowledge.naming import ambiguity_of
from knowledge.search.forms import SearchForm, filters_from
from knowledge.search.service import Filters, search_knowledge
from knowledge.turns import in_turn

PAGE_SIZE = 10


@require_safe
@in_turn
def search(request: HttpRequest) -> HttpResponse:
    """Answer a question, or list the works that pass the filters."""
    form = SearchForm(request.GET)
    filters = filters_from(request.GET)
    context: dict[str, Any] = {"form": form, "filters": filters, "results": None}
    if form.is_valid():
        number = form.cleaned_data["page"]
        results = search_knowledge(
            form.cleaned_data["q"],
            reader=request,
            filters=filters,
            limit=PAGE_SIZE,
            offset=(number - 1) * PAGE_SIZE,
        )
        pages = Paginator(range(results.total), PAGE_SIZE)
        context |= {"results": results, "page_obj": pages.get_page(number)}
        context |= _following(request, results.query, filters)
        if not filters:
            note_unanswered(request, results)
        if number == 1 and not filters.get("programme"):
            context["ambiguity"] = ambiguity_of(
                form.cleaned_data["q"], request, named=results.named
            )
        if results.query and not results.total:
            context["dimensions"] = [one.label for one in dimensions_of(results.query)]
    part = request.headers.get("HX-Request") == "true"
    template = "knowledge/search/results_part.html" if part else "knowledge/search/search.html"
    response = render(request, template, context)
    response.headers["Vary"] = "HX-Request, " + response.headers.get("Vary", "")
    return response


def _following(request: HttpRequest, text: str, filters: Filters) -> dict[str, Any]:
    """Return what the page offers to somebody who wants to hear of new works."""
    back = f"{reverse('search')}?{query_of(text, filters)}"
    language = str(getattr(request, "reader_language", settings.LANGUAGE_CODE))
    return {
        "feed_query": feed_query(text, filters, language),
        "cadences": SavedSearch.Cadence,
        "sign_in": f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}",
    }

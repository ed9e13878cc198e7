"""The search page. Whole without JavaScript; htmx asks for the results part alone."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from knowledge.naming import ambiguity_of
from knowledge.search.forms import SearchForm, filters_from
from knowledge.search.service import search_knowledge

PAGE_SIZE = 10


@require_safe
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
        if number == 1 and not filters.get("programme"):
            context["ambiguity"] = ambiguity_of(form.cleaned_data["q"], request)
    part = request.headers.get("HX-Request") == "true"
    template = "knowledge/search/results_part.html" if part else "knowledge/search/search.html"
    response = render(request, template, context)
    response.headers["Vary"] = "HX-Request, " + response.headers.get("Vary", "")
    return response

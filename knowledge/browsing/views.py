"""Pages of countries and themes, whole without JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from knowledge.browsing.places import countries_for, country_profile
from knowledge.browsing.themes import theme_profile
from knowledge.models import Country, Theme
from knowledge.search.service import browse_counts


@require_safe
def countries(request: HttpRequest) -> HttpResponse:
    """List the countries with how much there is of each."""
    context = {"countries": countries_for(request)}
    return render(request, "knowledge/browsing/countries.html", context)


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    """Show a country: programmes, policies, works, indicators, lineage."""
    found = get_object_or_404(Country.objects.prefetch_related("names"), code=code.lower())
    context = {"profile": country_profile(found, request)}
    return render(request, "knowledge/browsing/country.html", context)


@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    """List the themes with how many works there are of each."""
    facet = browse_counts(request).get("theme")
    context = {"themes": facet.values if facet else ()}
    return render(request, "knowledge/browsing/themes.html", context)


@require_safe
def theme(request: HttpRequest, code: str) -> HttpResponse:
    """Show a theme: what programmes say of it, works by kind, programmes and countries."""
    found = get_object_or_404(Theme.objects.prefetch_related("names"), code=code.lower())
    context = {"profile": theme_profile(found, request)}
    return render(request, "knowledge/browsing/theme.html", context)

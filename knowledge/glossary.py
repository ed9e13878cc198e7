"""The glossary as pages: one concept, its term in each language, works that speak of it."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from embeddings.language import fold
from knowledge.dates import language_only
from knowledge.models import GlossaryTerm
from knowledge.search.service import search_knowledge

_WORKS = 6


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """List the terms in the reader's language, those that contain some letters where asked."""
    wanted = " ".join(request.GET.get("q", "").split())[:100]
    terms = list(GlossaryTerm.objects.prefetch_related("names"))
    shown = [term for term in terms if not wanted or _contains(term, wanted)]
    language = language_only(get_language())
    context = {
        "terms": sorted(shown, key=lambda term: fold(term.name_in(language))),
        "wanted": wanted,
    }
    return render(request, "knowledge/glossary/list.html", context)


@require_safe
def term(request: HttpRequest, code: str) -> HttpResponse:
    """Show one concept in every language that has a term for it, and works that speak of it."""
    found = get_object_or_404(GlossaryTerm.objects.prefetch_related("names"), code=code)
    results = search_knowledge(found.label, reader=request, limit=_WORKS, facets=False)
    context = {"term": found, "names": _names(found), "results": results}
    return render(request, "knowledge/glossary/term.html", context)


def _names(found: GlossaryTerm) -> Sequence[tuple[str, str]]:
    """Return (language, term) in the order of the portal's languages, English first."""
    names = {"en": found.name} | {one.language: one.name for one in found.names.all()}
    return [(code, names[code]) for code, _own in settings.LANGUAGES if names.get(code)]


def _contains(found: GlossaryTerm, wanted: str) -> bool:
    return any(fold(wanted) in fold(name) for _language, name in _names(found))

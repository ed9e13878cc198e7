"""The brief's page and what it can be taken along as. Works with plain forms."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.briefs.basket import LONGEST_NOTE, LONGEST_TITLE, Basket, basket_of, keep
from knowledge.briefs.document import BriefDocument, document_of, languages_of, stands_in
from knowledge.export import without_controls
from knowledge.rights import readable_pages

FORMS = {
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "knowledge.briefs.docx.docx_of",
    ),
    "pdf": ("application/pdf", "knowledge.briefs.pdf.pdf_of"),
}
"""File ending → content type, and what makes it: imported when it is wanted, for its size."""


@require_safe
def brief(request: HttpRequest) -> HttpResponse:
    """Show what was gathered, to be ordered, commented on and taken along."""
    basket = basket_of(request)
    context: dict[str, Any] = {
        "basket": basket,
        "document": document_of(basket, request),
        "languages": languages_of(basket, request),
        "longest_title": LONGEST_TITLE,
        "longest_note": LONGEST_NOTE,
    }
    return render(request, "knowledge/briefs/brief.html", context)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Gather a work, or a passage that really stands in it, and go back to where one was."""
    number = request.POST.get("page", "")
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    page = get_object_or_404(readable_pages(request), pk=int(number)).specific
    passage = " ".join(request.POST.get("passage", "").split())
    passage = passage if passage and stands_in(page, passage) else ""
    basket = basket_of(request)
    if basket.add(page.pk, passage):
        keep(request, basket)
    if basket.has(page.pk, passage):
        messages.success(request, _("It is in your brief."))
    else:
        messages.error(request, _("Your brief is full. Remove something first."))
    return HttpResponseRedirect(_back(request, page.pk))


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Keep the title and all comments, then move, remove or take along: nothing typed is lost."""
    basket = basket_of(request)
    _keep_written(request, basket)
    action, _sep, key = request.POST.get("action", "").partition(" ")
    if action == "up":
        basket.move(basket.place_of(key), -1)
    elif action == "down":
        basket.move(basket.place_of(key), 1)
    elif action == "remove":
        basket.remove(basket.place_of(key))
    keep(request, basket)
    if action in FORMS:
        asked = {name: request.POST.get(name, "") for name in ("first", "second", "whole")}
        return HttpResponseRedirect(f"{reverse('brief_take', args=[action])}?{urlencode(asked)}")
    return HttpResponseRedirect(reverse("brief_empty" if action == "empty" else "brief"))


@require_http_methods(["GET", "HEAD", "POST"])
def empty(request: HttpRequest) -> HttpResponse:
    """Ask whether all should go, and let it go."""
    if request.method != "POST":
        return render(request, "knowledge/briefs/empty.html")
    keep(request, Basket())
    return HttpResponseRedirect(reverse("brief"))


def _keep_written(request: HttpRequest, basket: Basket) -> None:
    if "title" in request.POST:
        basket.title = " ".join(_written(request, "title").split())[:LONGEST_TITLE]
    for item in basket.items:
        if (name := f"note-{item.key}") in request.POST:
            item.note = _written(request, name).strip()[:LONGEST_NOTE]


@require_safe
def take(request: HttpRequest, form: str) -> HttpResponse:
    """Return the brief as a file, in up to two languages."""
    if form not in FORMS:
        raise Http404
    content_type, made_by = FORMS[form]
    document = _wanted(request)
    if not document.entries:
        return HttpResponseRedirect(reverse("brief"))
    made = import_string(made_by)(document, day=timezone.localdate())
    response = HttpResponse(made, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="brief.{form}"'
    return response


def _wanted(request: HttpRequest) -> BriefDocument:
    basket = basket_of(request)
    known = languages_of(basket, request)
    asked = dict.fromkeys([request.GET.get("first", ""), request.GET.get("second", "")])
    return document_of(
        basket,
        request,
        languages=[one for one in asked if one in known],
        whole=request.GET.get("whole") == "1",
    )


def _written(request: HttpRequest, name: str) -> str:
    """Return what was typed without characters that no document may hold (XML 1.0, 2.2)."""
    return without_controls(request.POST.get(name, ""))


def _back(request: HttpRequest, gathered: int) -> str:
    """Return the hit or the foot of the work where the button was."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if not (safe and target.startswith("/")):
        return reverse("brief")
    return f"{target.partition('#')[0]}#work-{gathered}"

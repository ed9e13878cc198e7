"""Joining with a code, and leaving. Works with plain forms."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.models import Participation, WorkshopPage
from knowledge.workshops.codes import TooManyWrongCodesError, shown_code, workshop_by_code
from knowledge.workshops.context import days_of
from knowledge.workshops.finding import version_for_reader, workshop_or_404
from knowledge.workshops.forms import CodeForm
from knowledge.workshops.participation import Person, join, leave

_TEMPLATE = "knowledge/workshops/join.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_code(request: HttpRequest) -> HttpResponse:
    """Ask for a code, and lead on when it is one."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _asked(request, form, status=400 if form.is_bound else 200)
    workshop, refusal = _found(form.cleaned_data["code"], request)
    if workshop is None:
        return _refused(request, refusal, form)
    return HttpResponseRedirect(reverse("join_with_code", args=[shown_code(workshop.join_code)]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_with_code(request: HttpRequest, code: str) -> HttpResponse:
    """Show which workshop a code belongs to; let a signed-in reader join it."""
    workshop, refusal = _found(code, request)
    if workshop is None:
        return _refused(request, refusal, CodeForm({"code": code}))
    user: Person = request.user
    if request.method != "POST":
        return render(request, _TEMPLATE, _context(workshop, request))
    if not user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    join(user, workshop, is_listed=request.POST.get("is_listed") == "on")
    messages.success(request, _("You take part in this workshop now."))
    return HttpResponseRedirect(version_for_reader(workshop, request).get_url(request) or "/")


@require_POST
def leave_workshop(request: HttpRequest, page_id: int) -> HttpResponse:
    """End the reader's own participation."""
    workshop = workshop_or_404(request, page_id)
    if request.user.is_authenticated:
        leave(request.user, workshop)
        messages.success(request, _("You no longer take part in this workshop."))
    return HttpResponseRedirect(workshop.get_url(request) or "/")


def _context(workshop: WorkshopPage, request: HttpRequest) -> dict[str, Any]:
    mine = Participation.objects.filter(workshop=workshop, user=request.user.pk).first()
    return {
        "workshop": version_for_reader(workshop, request),
        "days_label": days_of(workshop),
        "code": shown_code(workshop.join_code),
        "participation": mine,
    }


def _found(code: str, request: HttpRequest) -> tuple[WorkshopPage | None, str]:
    """Return the workshop of a code, or why there is none."""
    try:
        workshop = workshop_by_code(code, request)
    except TooManyWrongCodesError:
        return None, "rest"
    return workshop, "" if workshop else "unknown"


def _refused(request: HttpRequest, refusal: str, form: CodeForm) -> HttpResponse:
    words = {
        "rest": _("Those were too many wrong codes. Try again in a quarter of an hour."),
        "unknown": _("No workshop has this code. Check it with the organisers."),
    }
    form.errors.pop("code", None)  # too long for the field: no workshop has it either
    form.add_error("code", words[refusal])
    return _asked(request, form, refusal, status=429 if refusal == "rest" else 404)


def _asked(request: HttpRequest, form: CodeForm, refusal: str = "", *, status: int) -> HttpResponse:
    if form.errors:
        form.fields["code"].widget.attrs["autofocus"] = True
    return render(request, _TEMPLATE, {"form": form, "refusal": refusal}, status=status)

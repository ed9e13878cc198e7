"""What organisers do: the code, the people, the materials, the follow-up. Plain forms."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from knowledge.downloads import csv_response
from knowledge.models import Participation, WorkshopPage
from knowledge.people import name_of
from knowledge.workshops import follow_ups
from knowledge.workshops.codes import shown_code
from knowledge.workshops.context import days_of
from knowledge.workshops.finding import organised_or_404
from knowledge.workshops.forms import ActionForm
from knowledge.workshops.materials import are_open, close, open_to_all
from knowledge.workshops.participation import renew_code
from knowledge.workshops.qr import qr_of


@never_cache
@login_required
@require_safe
def organise(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show an organiser all there is to do."""
    return _page(request, organised_or_404(request, page_id), ActionForm())


@never_cache
@login_required
@require_safe
def poster(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show code, address and picture on a page to be printed or projected."""
    workshop = organised_or_404(request, page_id)
    return render(request, "knowledge/workshops/poster.html", _invitation(request, workshop))


@never_cache
@login_required
@require_safe
def participants_csv(request: HttpRequest, page_id: int) -> HttpResponse:
    """Return the participants as a table, with the names of those who chose to be listed."""
    workshop = organised_or_404(request, page_id)
    rows = (
        (
            name_of(row.user) if row.is_listed else _("name not shown"),
            row.joined_at.date().isoformat(),
        )
        for row in _people(workshop)
    )
    return csv_response(f"participants-{workshop.pk}.csv", [_("Name"), _("Joined on")], rows)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change(request: HttpRequest, page_id: int) -> HttpResponse:
    """Do what an organiser asked for, and show the page again."""
    workshop = organised_or_404(request, page_id)
    if request.method != "POST":  # another language was chosen, or the address was opened again
        return HttpResponseRedirect(reverse("organise_workshop", args=[workshop.pk]))
    action = request.POST.get("action", "")
    if action == "add":
        return _add_action(request, workshop)
    done = _CHANGES.get(action, _nothing)(request, workshop)
    if done:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("organise_workshop", args=[workshop.pk]))


def _page(
    request: HttpRequest, workshop: WorkshopPage, form: ActionForm, *, status: int = 200
) -> HttpResponse:
    context = _invitation(request, workshop) | {
        "people": [(row, name_of(row.user) if row.is_listed else "") for row in _people(workshop)],
        "materials_are_open": are_open(workshop),
        "actions": follow_ups.actions_of(workshop, workshop),
        "form": form,
    }
    return render(request, "knowledge/workshops/organise.html", context, status=status)


def _invitation(request: HttpRequest, workshop: WorkshopPage) -> dict[str, Any]:
    code = shown_code(workshop.join_code)
    address = request.build_absolute_uri(reverse("join_with_code", args=[code]))
    return {
        "workshop": workshop,
        "days_label": days_of(workshop),
        "code": code,
        "short_address": request.build_absolute_uri(reverse("join")),
        "address": address,
        "qr": qr_of(address, title=_("QR code that leads to joining")),
    }


def _people(workshop: WorkshopPage) -> list[Participation]:
    rows = Participation.objects.filter(workshop=workshop).select_related("user")
    return list(rows.order_by("joined_at", "pk"))


def _add_action(request: HttpRequest, workshop: WorkshopPage) -> HttpResponse:
    form = ActionForm(request.POST)
    if not form.is_valid():
        return _page(request, workshop, form, status=400)
    if not follow_ups.add(workshop, request.user, **form.cleaned_data):
        form.add_error(None, _("There are too many actions. Remove one first."))
        return _page(request, workshop, form, status=400)
    messages.success(request, _("The action has been added."))
    return HttpResponseRedirect(reverse("organise_workshop", args=[workshop.pk]))


def _open(request: HttpRequest, workshop: WorkshopPage) -> str:
    open_to_all(workshop, request.user)
    return _("The materials are open to everybody.")


def _close(request: HttpRequest, workshop: WorkshopPage) -> str:
    close(workshop, request.user)
    return _("Only participants can read the materials.")


def _renew(request: HttpRequest, workshop: WorkshopPage) -> str:
    renew_code(workshop)
    return _("There is a new code. The old one opens nothing any more.")


def _remove_person(request: HttpRequest, workshop: WorkshopPage) -> str:
    for row in Participation.objects.filter(workshop=workshop, pk=_number(request)):
        row.delete()
        return _("The person no longer takes part.")
    return ""


def _mark(*, done: bool) -> Callable[[HttpRequest, WorkshopPage], str]:
    def mark(request: HttpRequest, workshop: WorkshopPage) -> str:
        found = follow_ups.mark(workshop, _number(request), done=done, user=request.user)
        return _("The follow-up has been changed.") if found else ""

    return mark


def _remove_action(request: HttpRequest, workshop: WorkshopPage) -> str:
    found = follow_ups.remove(workshop, _number(request), request.user)
    return _("The follow-up has been changed.") if found else ""


def _nothing(request: HttpRequest, workshop: WorkshopPage) -> str:
    return ""


_CHANGES: dict[str, Callable[[HttpRequest, WorkshopPage], str]] = {
    "open": _open,
    "close": _close,
    "renew": _renew,
    "remove": _remove_person,
    "done": _mark(done=True),
    "undone": _mark(done=False),
    "drop": _remove_action,
}


def _number(request: HttpRequest) -> int:
    """Return the row that is meant; 0, which no row has, for what is no number."""
    given = request.POST.get("number", "")
    return int(given) if given.isdecimal() and len(given) < 18 else 0

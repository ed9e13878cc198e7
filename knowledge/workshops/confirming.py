"""Where an organiser confirms the account of somebody who stands before her. A plain form."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from knowledge.sharing.access import person
from knowledge.workshops.finding import organised_or_404
from knowledge.workshops.forms import NewcomerForm
from knowledge.workshops.newcomers import confirm


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_account(request: HttpRequest, page_id: int) -> HttpResponse:
    """Ask for the address of a newcomer; confirm the account."""
    workshop = organised_or_404(request, page_id)
    form = NewcomerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if confirm(workshop, form.cleaned_data["address"], organiser=person(request)):
            messages.success(request, _("The account is confirmed. Its owner can sign in now."))
            return HttpResponseRedirect(reverse("organise_workshop", args=[workshop.pk]))
        form.add_error(
            "address",
            _(
                "Nobody with this address waits here. Let the person open the code's address,"
                " make an account there or sign in, and try again."
            ),
        )
    context = {"workshop": workshop, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "knowledge/workshops/confirm_account.html", context, status=status)

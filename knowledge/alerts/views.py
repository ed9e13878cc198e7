"""Saving a search, the list of one's own, and stopping one without signing in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from embeddings.errors import EncoderUnavailable
from knowledge.alerts.feeds import feed_query, query_of
from knowledge.alerts.saved import MOST_SAVED, labels_of, save_search
from knowledge.models import SavedSearch
from knowledge.search.forms import SearchForm, filters_from

_LONGEST_QUERY = 300


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save the search that the form names, for the reader to be told of new works."""
    form = SearchForm(request.POST)
    text = " ".join(form.cleaned_data["q"].split()) if form.is_valid() else ""
    filters = filters_from(request.POST)
    if not request.user.is_authenticated:
        return redirect_to_login(f"{reverse('search')}?{query_of(text, filters)}")
    if not form.is_valid() or len(text) > _LONGEST_QUERY:
        return _listed(
            request, _("This question cannot be saved: ask in at most 300 characters."), status=400
        )
    try:
        saved = save_search(
            request.user, request, text=text, filters=filters, cadence=_cadence(request),
            language=_language(request),
        )  # fmt: skip
    except EncoderUnavailable:
        return _listed(
            request, _("Search by meaning is not available right now: try again later."), status=503
        )
    if saved is None:
        words = _(
            "You have %(most)d saved searches, as many as one may have: stop one of them first."
        )
        return _listed(request, words % {"most": MOST_SAVED}, status=409)
    return HttpResponseRedirect(f"{reverse('alerts')}?saved={saved.pk}")


@login_required
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """List the reader's saved searches."""
    return _listed(request)


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how often a search is told of, or stop it."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("alerts"))  # only there is the form
    saved = get_object_or_404(SavedSearch, pk=pk, user_id=request.user.pk)
    if request.POST.get("action") == "stop":
        saved.delete()
    else:
        saved.cadence, saved.language = _cadence(request), _language(request)
        saved.save(update_fields=["cadence", "language"])
    return HttpResponseRedirect(reverse("alerts"))


@csrf_exempt  # a mail program has no cookie (RFC 8058); the token says who it is
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop a saved search's mails, and stop them by POST."""
    saved = SavedSearch.objects.filter(token=token).first()
    stopped = request.method == "POST"
    if stopped and saved is not None:
        saved.delete()
    context = {"saved": saved, "stopped": stopped}
    status = 404 if saved is None and not stopped else 200
    return render(request, "knowledge/alerts/stop.html", context, status=status)


def _listed(request: HttpRequest, fault: str = "", *, status: int = 200) -> HttpResponse:
    language = _language(request)
    mine = SavedSearch.objects.filter(user_id=request.user.pk) if request.user.pk else ()
    searches = [
        {
            "saved": saved,
            "labels": labels_of(saved, request),
            "search": query_of(saved.query, saved.filters),
            "feed": feed_query(saved.query, saved.filters, language),
        }
        for saved in mine
    ]
    context: dict[str, Any] = {
        "searches": searches,
        "cadences": SavedSearch.Cadence,
        "fault": fault,
        "just_saved": request.GET.get("saved", ""),
    }
    return render(request, "knowledge/alerts/list.html", context, status=status)


def _cadence(request: HttpRequest) -> str:
    given = request.POST.get("cadence", "")
    return given if given in SavedSearch.Cadence.values else SavedSearch.Cadence.WEEKLY.value


def _language(request: HttpRequest) -> str:
    return str(getattr(request, "reader_language", settings.LANGUAGE_CODE))

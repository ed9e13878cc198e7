"""Small views that are no page: home at the bare address, language choice, health."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from wagtail.views import serve

from embeddings import service as index
from embeddings.errors import EmbeddingsError


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page in the reader's language, without a detour through its own address."""
    response: HttpResponse = serve(request, "")
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the reader's interface language and go back to where they were."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(target if safe and target.startswith("/") else "/")
    if language in settings.KNOWLEDGE["INTERFACE_LANGUAGES"]:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
        )
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in the reader's language that a form was too old or came from elsewhere."""
    return render(request, "403.html", status=403)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and index answer, 503 with the fault when not.

    No counts: they would tell anyone of works that only some may know of.
    """
    try:
        connection.ensure_connection()
        report = index.compare_rows_with_view()
    except (DatabaseError, EmbeddingsError) as error:
        return JsonResponse({"status": "failing", "fault": type(error).__name__}, status=503)
    if not report.holds_every_row:
        return JsonResponse({"status": "failing", "fault": "IncompleteIndex"}, status=503)
    return JsonResponse({"status": "ok"})

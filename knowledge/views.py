"""Small views that are no page: home at the bare address, language choice, health."""

import json
import tempfile
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from wagtail.views import serve

from embeddings import service as index
from embeddings.errors import EmbeddingsError
from knowledge.citing import Reference, bibtex, csl_json, reference_to, ris
from knowledge.export import markdown_of
from knowledge.people import keep_language
from knowledge.reader_language import INTERFACE_PARAMETER
from knowledge.rights import readable_pages
from knowledge.unsent import to_send_again

_TRIED_BYTES = 64 * 1024
"""Written to see whether the disk takes anything: more than what fits into an entry of a directory."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page in the reader's language, without a detour through its own address."""
    response: HttpResponse = serve(request, "")
    return response


@require_safe
def cite(request: HttpRequest, page_id: int, form: str) -> HttpResponse:
    """Return a reference to a page that the reader may open, for a reference manager."""
    page = get_object_or_404(readable_pages(request), pk=page_id)
    content_type, written = CITATION_FORMS.get(form, ("", None))
    if written is None:
        raise Http404
    response = HttpResponse(written(reference_to(page, request)), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{page.slug}.{form}"'
    return response


CITATION_FORMS: dict[str, tuple[str, Callable[[Reference], str]]] = {
    "bib": ("application/x-bibtex; charset=utf-8", bibtex),
    "ris": ("application/x-research-info-systems; charset=utf-8", ris),
    "json": (
        "application/vnd.citationstyles.csl+json",
        lambda reference: json.dumps(csl_json(reference), ensure_ascii=False, indent=2),
    ),
}
"""File ending → content type, and who writes it."""


@require_safe
def markdown(request: HttpRequest, page_id: int) -> HttpResponse:
    """Return a work as Markdown, each fact a footnote with its sources."""
    page = get_object_or_404(readable_pages(request), pk=page_id).specific
    response = HttpResponse(markdown_of(page, request), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{page.slug}.md"'
    response["Content-Language"] = page.language
    return response


@require_safe
def parallel(request: HttpRequest, page_id: int, other_id: int) -> HttpResponse:
    """Show two language versions of a work side by side, section by section."""
    page = get_object_or_404(readable_pages(request), pk=page_id).specific
    same_work = readable_pages(request).filter(translation_key=page.translation_key)
    other = get_object_or_404(same_work.exclude(pk=page.pk), pk=other_id).specific
    context = {
        "page": page,
        "other": other,
        "versions": [one.specific for one in same_work.select_related("locale")],
    }
    return render(request, "knowledge/parallel.html", context)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the reader's interface language and go back to where they were."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    back = _in_no_language(target) if safe and target.startswith("/") else "/"
    response = HttpResponseRedirect(back)
    if language in settings.KNOWLEDGE["INTERFACE_LANGUAGES"]:
        remember_language(response, language)
        if request.user.is_authenticated:
            keep_language(request.user, language)
    return response


def _in_no_language(address: str) -> str:
    """Return an address without an interface language, which would win over the choice."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name != INTERFACE_PARAMETER]
    return address if kept == asked else urlunsplit(parts._replace(query=urlencode(kept)))


def remember_language(response: HttpResponse, language: str) -> None:
    """Let the browser remember an interface language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in the reader's language that a form was too old or came from elsewhere."""
    return render(request, "403.html", {"again": to_send_again(request)}, status=403)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and index answer and the disk takes writes, 503 with the fault when not.

    No counts: they would tell anyone of works that only some may know of.
    """
    if fault := _fault_of_disk():
        return JsonResponse(
            {
                "status": "failing",
                "fault": "DirectoryNotWritable",
                "message": f"The portal cannot write into its directory PORTAL_VAR_DIR: {fault}.",
            },
            status=503,
        )
    try:
        connection.ensure_connection()
        report = index.compare_rows_with_view()
    except (DatabaseError, EmbeddingsError) as error:
        return JsonResponse({"status": "failing", "fault": type(error).__name__}, status=503)
    if not report.holds_every_row:
        return JsonResponse({"status": "failing", "fault": "IncompleteIndex"}, status=503)
    return JsonResponse({"status": "ok"})


def _fault_of_disk() -> str:
    """Return why nothing can be written where the portal keeps what it writes; empty if it can."""
    try:
        with tempfile.TemporaryFile(dir=settings.VAR_DIR) as tried:
            tried.write(bytes(_TRIED_BYTES))
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""

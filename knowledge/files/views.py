"""The text of one page, slide or sheet of a file, and its picture."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from wagtail import hooks
from wagtail.models import Page

from knowledge.files.marking import window_around
from knowledge.files.page_pictures import can_be_drawn, page_picture
from knowledge.files.places import label_of
from knowledge.files.rights import page_showing
from knowledge.files.serving import guarded, serve_file
from knowledge.models.files import FilePart, StoredFile

_LONGEST_MARK = 400
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a request may see."""

    page: Page
    stored: StoredFile
    part: FilePart


@require_safe
def document(request: HttpRequest, file_id: int, name: str) -> HttpResponseBase:
    """Send a file from Wagtail's address of it, to whom the hooks let through.

    Wagtail's own view would give it the name under which it lies.
    """
    stored = get_object_or_404(StoredFile, pk=_sane(file_id))
    if stored.filename != name:
        raise Http404
    for hook in hooks.get_hooks("before_serve_document"):
        answer = hook(stored, request)
        if isinstance(answer, HttpResponse):
            return answer
    return serve_file(stored, request)


@require_safe
def file_part(request: HttpRequest, page_id: int, file_id: int, number: int) -> HttpResponse:
    """Show the text of a part, with the ones before and after it, a sentence marked."""
    shown = _shown(request, page_id, file_id, number)
    numbers = list(shown.stored.parts.values_list("number", flat=True))
    at = numbers.index(number)
    window = window_around(shown.part.text, request.GET.get("mark", "")[:_LONGEST_MARK])
    context: dict[str, Any] = {
        "page": shown.page,
        "stored": shown.stored,
        "part": shown.part,
        "label": label_of(shown.part),
        "text": window.as_html(),
        "rows": window.as_rows() if shown.part.kind == FilePart.Kind.SHEET else None,
        "is_cut": window.is_cut,
        "previous": numbers[at - 1] if at > 0 else None,
        "next": numbers[at + 1] if at + 1 < len(numbers) else None,
        "count": numbers[-1],
        "has_picture": can_be_drawn(shown.stored),
    }
    return render(request, "knowledge/files/part.html", context)


@require_safe
def part_picture(request: HttpRequest, page_id: int, file_id: int, number: int) -> HttpResponse:
    """Return a page as a picture, to whoever may read its text."""
    stored = _shown(request, page_id, file_id, number).stored
    tag = f'"{stored.file_hash}-{number}"'
    if tag in request.headers.get("If-None-Match", ""):
        return guarded(HttpResponseNotModified(), tag)
    drawn = page_picture(stored, number) if can_be_drawn(stored) else b""
    if not drawn:
        raise Http404
    return guarded(HttpResponse(drawn, content_type="image/webp"), tag)


def _shown(request: HttpRequest, page_id: int, file_id: int, number: int) -> _Shown:
    """Return what is asked for; raise Http404 alike for what is not there and what is not allowed."""
    stored = get_object_or_404(StoredFile, pk=_sane(file_id))
    page = page_showing(request, _sane(page_id), stored)
    if page is None:
        raise Http404
    return _Shown(page, stored, get_object_or_404(stored.parts, number=_sane(number)))


def _sane(number: int) -> int:
    """Return a number that the database can be asked for."""
    if number > _LARGEST:
        raise Http404
    return number

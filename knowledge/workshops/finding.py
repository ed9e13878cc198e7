"""Which workshop an address means, for this reader."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from knowledge.listing import best_to_compare
from knowledge.models import WorkshopPage
from knowledge.rights import may_open, readable_pages
from knowledge.workshops.participation import is_organiser, original_of


def workshop_or_404(request: HttpRequest, page_id: int) -> WorkshopPage:
    """Return the version with this id; raise Http404 when the reader may not open it."""
    page = get_object_or_404(readable_pages(request), pk=page_id).specific
    if not isinstance(page, WorkshopPage):
        raise Http404
    return page


def version_for_reader(workshop: WorkshopPage, request: HttpRequest) -> WorkshopPage:
    """Return the version in the reader's language, else in English, else the original."""
    readable = readable_pages(request).filter(translation_key=workshop.translation_key)
    versions = WorkshopPage.objects.filter(pk__in=readable.values("pk")).select_related("locale")
    language: str = request.reader_language  # type: ignore[attr-defined]
    version: WorkshopPage = best_to_compare([*versions] or [workshop], language)
    return version


def organised_or_404(request: HttpRequest, page_id: int) -> WorkshopPage:
    """Return the original of a workshop the reader organises and may open; else raise Http404."""
    original = original_of(workshop_or_404(request, page_id))
    if not may_open(request, original.pk) or not is_organiser(request.user, original):
        raise Http404
    return original

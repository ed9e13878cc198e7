"""Workshops for calendars: one event, and all that the reader may open."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge.listing import all_works
from knowledge.models import WorkshopPage
from knowledge.workshops.calendar import calendar_of
from knowledge.workshops.finding import workshop_or_404

_CONTENT_TYPE = "text/calendar; charset=utf-8"


@require_safe
def event(request: HttpRequest, page_id: int) -> HttpResponse:
    """Return one workshop and its sessions."""
    workshop = workshop_or_404(request, page_id)
    return _response([workshop], workshop.title, f"workshop-{page_id}", request)


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Return all workshops that the reader may open, each in the reader's language."""
    return _response(all_works(request, WorkshopPage), _("Workshops"), "workshops", request)


def _response(
    workshops: list[WorkshopPage], name: str, file_name: str, request: HttpRequest
) -> HttpResponse:
    content = calendar_of(workshops, name=name, request=request)
    response = HttpResponse(content, content_type=_CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{file_name}.ics"'
    return response

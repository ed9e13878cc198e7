"""Open problems in the agenda of a workshop."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest

from knowledge.board.reading import Entry, entries_for, with_names
from knowledge.board.rights import Person, visible_problems
from knowledge.listing import versions_for_reader
from knowledge.models import Problem, WorkshopPage
from knowledge.models.base import WorkPage
from knowledge.rights import readable_pages
from knowledge.workshops.participation import shown_original


def organised_by(request: HttpRequest) -> QuerySet[WorkshopPage]:
    """Return the workshops into whose agenda a reader may take problems; all for administrators."""
    user: Person = request.user
    readable: QuerySet[WorkshopPage] = WorkshopPage.objects.filter(
        pk__in=readable_pages(request).values("pk"), is_original=True
    ).order_by("-starts_on", "title")
    if not user.is_authenticated or not user.is_active:
        readable = readable.none()
    elif not user.is_superuser:
        through = WorkshopPage.organisers.through.objects.filter(user_id=user.pk)
        readable = readable.filter(pk__in=through.values("workshoppage_id"))
    return readable


def workshops_of(problem: Problem, request: HttpRequest) -> list[WorkPage]:
    """Return the workshops that took a problem up and that the reader may open."""
    taking = problem.workshops.filter(pk__in=readable_pages(request).values("pk"))
    works = set(taking.values_list("translation_key", flat=True))
    return versions_for_reader(request, works) if works else []


def problems_of(workshop: WorkshopPage, request: HttpRequest) -> Sequence[Entry]:
    """Return the problems in the agenda of a workshop that the reader may see."""
    event = shown_original(workshop, request)
    taken = visible_problems(request.user).filter(workshops=event, is_hidden=False)
    return entries_for(with_names(taken.order_by("is_solved", "asked_at")), request)

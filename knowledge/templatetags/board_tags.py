"""Template tags of the problem board."""

from collections.abc import Sequence
from typing import Any

from django import template

from knowledge.board.agenda import problems_of
from knowledge.board.reading import Entry
from knowledge.models import Problem, WorkshopPage
from knowledge.people import name_of
from knowledge.workshops.participation import original_of

register = template.Library()
register.filter(name_of)


@register.filter
def original_id(workshop: WorkshopPage) -> int:
    """Return the id of the version on which all that belongs to the event hangs."""
    return int(original_of(workshop).pk)


@register.simple_tag(takes_context=True)
def problems_of_workshop(context: dict[str, Any], workshop: WorkshopPage) -> Sequence[Entry]:
    """Return the problems in the agenda of a workshop that the reader may see."""
    return problems_of(workshop, context["request"])


@register.simple_tag(takes_context=True)
def my_problems(context: dict[str, Any]) -> Sequence[Problem]:
    """Return the reader's own problems, the newest first."""
    return list(Problem.objects.filter(author=context["request"].user))

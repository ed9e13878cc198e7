"""Template tags of workshops."""

from typing import Any

from django import template

from knowledge.models import WorkshopPage
from knowledge.workshops.context import days_of
from knowledge.workshops.participation import is_organiser, takes_part

register = template.Library()
register.filter("days_of", days_of)


@register.simple_tag(takes_context=True)
def my_workshops(context: dict[str, Any]) -> list[tuple[WorkshopPage, bool]]:
    """Return the workshops of the reader, and whether they organise them."""
    request = context["request"]
    return [(workshop, is_organiser(request.user, workshop)) for workshop in takes_part(request)]

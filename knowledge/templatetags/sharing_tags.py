"""Template tags of sharing and review."""

from typing import Any

from django import template
from django.contrib.auth.models import AbstractBaseUser

from knowledge.models import MaterialPage
from knowledge.people import name_of
from knowledge.sharing.review import is_editor, queue_of
from knowledge.sharing.stages import Standing, standing_of

register = template.Library()
_LATEST = 5


@register.simple_tag
def person_name(user: AbstractBaseUser | None) -> str:
    """Return the name somebody chose to be shown."""
    return name_of(user)


@register.simple_tag(takes_context=True)
def my_submissions(context: dict[str, Any]) -> list[tuple[MaterialPage, Standing]]:
    """Return the latest submissions of whoever is signed in, with where they stand."""
    user = context["request"].user
    pages = MaterialPage.objects.filter(owner_id=user.pk).select_related("locale").order_by("-pk")
    return [(page, standing_of(page)) for page in pages[:_LATEST]]


@register.simple_tag(takes_context=True)
def waiting_for_me(context: dict[str, Any]) -> int | None:
    """Return how much waits for an editor's review; None for whoever is no editor."""
    user = context["request"].user
    return len(queue_of(user)) if is_editor(user) else None

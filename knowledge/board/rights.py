"""Who may see, answer, mark and hide what stands on the board."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from knowledge.models import Attempt, Country, Problem

Person = Any
"""A user, signed in or not."""
_EDITORS = "Editors: "


def is_editor(user: Person, country: Country | None) -> bool:
    """Return True for administrators and editors of a country.

    Args:
        user: Whose rights count.
        country: None for what belongs to no single country: then every editor may act.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser:
        return True
    groups: QuerySet[Group] = user.groups
    if country is None:
        return groups.filter(name__startswith=_EDITORS).exists()
    return groups.filter(name=f"{_EDITORS}{country.code.upper()}").exists()


def visible_problems(user: Person) -> QuerySet[Problem]:
    """Return the problems somebody may read; hidden ones only to author and editors."""
    problems = Problem.objects.all()
    if not user.is_authenticated:
        return problems.filter(is_hidden=False)
    if user.is_superuser:
        return problems
    codes = _edited_countries(user)
    edited = Q(country__code__in=codes)
    if codes:
        edited |= Q(country=None)
    return problems.filter(Q(is_hidden=False) | Q(author=user) | edited)


def _edited_countries(user: Person) -> list[str]:
    names = user.groups.filter(name__startswith=_EDITORS).values_list("name", flat=True)
    return [name.removeprefix(_EDITORS).lower() for name in names]


def may_mark_solved(user: Person, problem: Problem) -> bool:
    """Return True for the author and editors."""
    return is_author(user, problem) or is_editor(user, problem.country)


def is_author(user: Person, post: Problem | Attempt) -> bool:
    """Return True for who wrote it; nobody wrote what a deleted account left."""
    return bool(user.is_authenticated) and post.author_id == user.pk


def person_of(request: HttpRequest) -> Person:
    """Return who asks."""
    return request.user

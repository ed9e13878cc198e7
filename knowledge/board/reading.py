"""The board as one reader may see it.

An attempt that names a work is for those who may open the work: its comment tells of it, and the
number of attempts would tell that it is there.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language

from knowledge.board.rights import is_author, is_editor
from knowledge.dates import language_only
from knowledge.listing import versions_for_reader
from knowledge.models import Attempt, CountryName, Problem, ThemeName
from knowledge.models.base import WorkPage
from knowledge.rights import Reader, readable_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAttempt:
    """An attempt with the work that it names, in the reader's language."""

    attempt: Attempt
    work: WorkPage | None
    is_own: bool
    lacks_work: bool
    """The reader's own attempt, whose work cannot be opened any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list."""

    problem: Problem
    outcomes: Sequence[tuple[str, int]]
    """(outcome, how many attempts) of the outcomes that there are."""


def with_names(problems: QuerySet[Problem]) -> QuerySet[Problem]:
    """Return problems with what a page shows of country and themes in the reader's language."""
    language = language_only(get_language())
    countries = CountryName.objects.filter(language=language)
    themes = ThemeName.objects.filter(language=language)
    return problems.select_related("country", "author").prefetch_related(
        Prefetch("country__names", queryset=countries),
        "themes",
        Prefetch("themes__names", queryset=themes),
    )


def entries_for(problems: Iterable[Problem], request: HttpRequest) -> list[Entry]:
    """Return the lines of a list, counting only attempts that the reader may see."""
    shown = list(problems)
    attempts = Attempt.objects.filter(problem__in=shown, is_hidden=False)
    readable = readable_works(request, _works_of(attempts))
    counts: dict[int, Counter[str]] = {}
    for attempt in attempts:
        if attempt.work is None or attempt.work in readable:
            counts.setdefault(attempt.problem_id, Counter())[attempt.outcome] += 1
    return [Entry(problem=one, outcomes=outcomes_in_order(counts.get(one.pk, {}))) for one in shown]


def outcomes_in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return (outcome, how many), what worked first."""
    return [(one.value, counts[one]) for one in Attempt.Outcome if counts.get(one)]


def outcomes_of(attempts: Iterable[ShownAttempt]) -> list[tuple[str, int]]:
    """Return (outcome, how many) of what is shown to everybody who may open the works."""
    return outcomes_in_order(
        Counter(
            one.attempt.outcome for one in attempts if not (one.attempt.is_hidden or one.lacks_work)
        )
    )


def attempts_for(problem: Problem, request: HttpRequest) -> list[ShownAttempt]:
    """Return the attempts at a problem that the reader may see, the oldest first.

    Hidden ones are shown to their author and to editors.
    """
    user: Any = request.user
    attempts = list(problem.attempts.select_related("author", "problem__country"))
    if not is_editor(user, problem.country):
        attempts = [one for one in attempts if not one.is_hidden or is_author(user, one)]
    works = {
        page.translation_key: page for page in versions_for_reader(request, _works_of(attempts))
    }
    shown = []
    for attempt in attempts:
        work = works.get(attempt.work) if attempt.work else None
        own, lacks_work = is_author(user, attempt), attempt.work is not None and work is None
        if own or not lacks_work:
            shown.append(
                ShownAttempt(attempt=attempt, work=work, is_own=own, lacks_work=lacks_work)
            )
    return shown


def _works_of(attempts: Iterable[Attempt]) -> set[uuid.UUID]:
    return {one.work for one in attempts if one.work is not None}


def readable_works(reader: Reader, works: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those works of which the reader may open at least one version."""
    if not works:
        return set()
    pages = readable_pages(reader).filter(translation_key__in=works)
    return set(pages.values_list("translation_key", flat=True))

"""Writing to the board: how much a day, and the mail that tells the author of an answer."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy

from knowledge.board.reading import readable_works
from knowledge.board.rights import Person, is_author
from knowledge.mail.outbox import portal_address, queue_template
from knowledge.models import Attempt, Problem
from knowledge.people import language_of, name_of
from knowledge.rights import AnonymousReader

_SALT = "knowledge.board.stop"
_DAY = 24 * 3600
_OUTCOMES = {
    Attempt.Outcome.WORKED: gettext_lazy("It worked"),
    Attempt.Outcome.PARTLY: gettext_lazy("It worked in part"),
    Attempt.Outcome.FAILED: gettext_lazy("It failed"),
}


def may_post(user: Person) -> bool:
    """Return False when somebody has written as much today as one may."""
    most: int = settings.KNOWLEDGE["BOARD_POSTS_A_DAY"]
    return int(cache.get(_key(user), 0)) < most


def _count_post(user: Person) -> None:
    # In the cache: rows could be written and deleted without end, each with its mail.
    cache.set(_key(user), int(cache.get(_key(user), 0)) + 1, _DAY)


def _key(user: Person) -> str:
    return f"board-posts:{user.pk}:{timezone.now().date()}"


def post_problem(form: Any, user: Person) -> Problem:
    """Keep a problem of a valid form."""
    form.instance.author = user
    with transaction.atomic():
        problem: Problem = form.save()
    _count_post(user)
    return problem


def post_attempt(attempt: Attempt) -> None:
    """Keep an attempt and tell the author of the problem, both or neither."""
    with transaction.atomic():
        attempt.save()
        _tell_author(attempt)
    _count_post(attempt.author)


def _tell_author(attempt: Attempt) -> None:
    problem, author = attempt.problem, attempt.problem.author
    if author is None or not author.is_active or not problem.tells_author:
        return
    if is_author(attempt.author, problem) or not _may_open_work(author, attempt):
        return
    stop = portal_address(reverse("board_stop", args=[stop_token(problem)]))
    with translation.override(language_of(author)):
        outcome = str(_OUTCOMES[Attempt.Outcome(attempt.outcome)])
        answered_by = name_of(attempt.author)
        why = gettext("You get this mail because you asked this question on the problem board.")
    context = {
        "attempt": attempt,
        "problem": problem,
        "outcome": outcome,
        "answered_by": answered_by,
        "address": portal_address(reverse("problem", args=[problem.pk])),
        "stop": stop,
        "why": why,
    }
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
    }
    queue_template(
        key=f"board/attempt/{attempt.pk}",
        user=author,
        template="board_answer",
        context=context,
        headers=headers,
    )


def _may_open_work(author: Person, attempt: Attempt) -> bool:
    return attempt.work is None or bool(
        readable_works(AnonymousReader(user=author), {attempt.work})
    )


def stop_token(problem: Problem) -> str:
    """Return what stops the mails about a problem without signing in."""
    return signing.Signer(salt=_SALT).sign(str(problem.pk))


def problem_of_token(token: str) -> Problem | None:
    """Return the problem of a token, None for one that is none or whose problem is gone."""
    try:
        number = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return Problem.objects.filter(pk=int(number)).first()

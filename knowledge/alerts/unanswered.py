"""Questions that found nothing, counted by language and month; never who asked."""

import contextlib
import re
from datetime import date

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from embeddings.language import detect_language
from knowledge.models import UnansweredQuestion
from knowledge.search.results import KnowledgeResults

_LONGEST = 200
_PROGRAMS = re.compile(
    r"bot|crawl|spider|slurp|preview|curl|wget|python|httpx|java/|go-http", re.IGNORECASE
)
_PERSONAL = re.compile(r"@|(?:\d[\s().-]?){8,}")
"""An e-mail address, a telephone number, the number of a document of identity."""


def note_unanswered(request: HttpRequest, results: KnowledgeResults) -> None:
    """Count a question of a person that found nothing; a failure to count is no failure to answer."""
    if not settings.KNOWLEDGE["COUNT_UNANSWERED"] or not _is_wanted(request, results):
        return
    question = results.query.casefold()[:_LONGEST].strip()
    row = {
        "language": detect_language(question) or "",  # as written in capitals or not
        "question": question,
        "month": timezone.localdate().replace(day=1),
    }
    with contextlib.suppress(DatabaseError):
        _count(row)


def _is_wanted(request: HttpRequest, results: KnowledgeResults) -> bool:
    agent = request.headers.get("User-Agent", "")
    return (
        bool(results.query.strip())
        and results.total == 0
        and not results.by_words_only
        and bool(agent)
        and not _PROGRAMS.search(agent)
        and not _PERSONAL.search(results.query)
    )


def _count(row: dict[str, object]) -> None:
    counted = UnansweredQuestion.objects.filter(**row)
    if counted.update(times=F("times") + 1):
        return
    try:
        with transaction.atomic():
            UnansweredQuestion.objects.create(**row)
    except IntegrityError:  # another process has just made it
        counted.update(times=F("times") + 1)


def asked_often() -> QuerySet[UnansweredQuestion]:
    """Return what was asked so often that it tells of nobody: for editors."""
    return UnansweredQuestion.objects.filter(times__gte=_threshold())


def forget_rare() -> int:
    """Delete what was asked too rarely to be shown, once its month is over; return how many."""
    this_month: date = timezone.localdate().replace(day=1)
    rare = UnansweredQuestion.objects.filter(month__lt=this_month, times__lt=_threshold())
    return rare.delete()[0]


def _threshold() -> int:
    return int(settings.KNOWLEDGE["UNANSWERED_SHOWN_FROM"])

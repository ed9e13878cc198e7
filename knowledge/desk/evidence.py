"""Works whose text gives a reader nothing to rely on, and why."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from embeddings.language import plain_digits
from embeddings.passages import cited_codes, without_citations
from knowledge.desk.texts import DeskText, texts_at_desk
from knowledge.desk.works import DeskWork, Version
from knowledge.models import Fact

_FIGURE = re.compile(r"[0-9]{2}|[0-9] ?%|[0-9][.,][0-9]")
"""One digit alone numbers a step or names a grade."""


class Reason(models.TextChoices):
    """What a text lacks."""

    NO_FACT = "no-fact", _("figures, but no fact cited")
    WEAK = "weak", _("cites only weak or unverified facts")
    NO_LICENCE = "no-licence", _("no licence")
    NO_SUMMARY = "no-summary", _("no summary")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """A work, and what its versions lack."""

    work: DeskWork
    reasons: dict[Reason, list[Version]] = field(default_factory=dict)


def works_without_evidence(request: HttpRequest) -> list[EvidenceRow]:
    """Return the works that somebody may edit or open and that lack something, by title."""
    works, texts = texts_at_desk(request)
    statuses = dict(Fact.objects.values_list("code", "status"))
    rows = {key: EvidenceRow(work=work) for key, work in works.items()}
    for text in texts:
        for reason in reasons_of(text, statuses):
            rows[text.key].reasons.setdefault(reason, []).append(text.version)
    return [row for row in rows.values() if row.reasons]


def reasons_of(text: DeskText, statuses: Mapping[str, str]) -> Iterator[Reason]:
    """Yield what a text lacks, given the status of each fact by its code."""
    codes = cited_codes(text.text)
    if not codes and _FIGURE.search(plain_digits(without_citations(text.text))):
        yield Reason.NO_FACT
    if codes and not _any_sourced(codes, statuses):
        yield Reason.WEAK
    if not text.licence:
        yield Reason.NO_LICENCE
    if not text.summary.strip():
        yield Reason.NO_SUMMARY


def _any_sourced(codes: Iterable[str], statuses: Mapping[str, str]) -> bool:
    return any(statuses.get(code) == Fact.Status.SOURCED for code in codes)

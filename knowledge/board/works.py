"""The works that an answer may name: found by a search in the page, or shown on it."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from knowledge.compare.asking import ProgrammeAnswer
from knowledge.models.base import WorkPage
from knowledge.rights import readable_pages
from knowledge.search.results import ResultCard
from knowledge.search.service import search_knowledge

_FOUND = 8
_LONGEST_ID = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkChoice:
    """A work that can be chosen."""

    page: int
    title: str
    language: str
    kind_label: str


def works_to_choose(
    found: Sequence[WorkChoice],
    answers: Sequence[ProgrammeAnswer],
    request: HttpRequest,
    chosen: str = "",
) -> list[WorkChoice]:
    """Return the works to choose from, each once: the one chosen before, found ones, shown ones."""
    choices: dict[int, WorkChoice] = {}
    for choice in (*_chosen(chosen, request), *found, *_shown(answers)):
        choices.setdefault(choice.page, choice)
    return list(choices.values())


def works_found(find: str, request: HttpRequest) -> list[WorkChoice]:
    """Return the best works for a search; none without one."""
    if not find:
        return []
    cards = search_knowledge(find, reader=request, limit=_FOUND, facets=False).cards
    return [_card_choice(card) for card in cards]


def work_of(chosen: str, request: HttpRequest) -> uuid.UUID | None:
    """Return the work of a page that the reader may open, None for anything else."""
    page = _page_of(chosen, request)
    return page.translation_key if page is not None else None


def _page_of(chosen: str, request: HttpRequest) -> WorkPage | None:
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) <= _LONGEST_ID):
        return None
    page = readable_pages(request).filter(pk=int(chosen)).first()
    return page.specific if page is not None else None


def _chosen(chosen: str, request: HttpRequest) -> Iterator[WorkChoice]:
    page = _page_of(chosen, request)
    if page is not None:
        yield _choice(page)


def _shown(answers: Sequence[ProgrammeAnswer]) -> Iterator[WorkChoice]:
    for answer in answers:
        if answer.card is not None:
            yield _card_choice(answer.card)
        elif answer.cells:
            yield _choice(answer.programme)


def _card_choice(card: ResultCard) -> WorkChoice:
    return WorkChoice(
        page=card.page, title=card.title, language=card.language, kind_label=card.kind_label
    )


def _choice(page: WorkPage) -> WorkChoice:
    return WorkChoice(
        page=page.pk, title=page.title, language=page.language, kind_label=str(page.kind_label)
    )

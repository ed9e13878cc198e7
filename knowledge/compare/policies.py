"""Policies by date: what was in force on a day, and the chains of amendments behind it."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from django.utils import timezone

from knowledge.listing import works_for_reader
from knowledge.models import PolicyPage, ProgrammePage
from knowledge.models.policy import ForceStatus
from knowledge.rights import Reader


class Standing(StrEnum):
    """What a policy was on a day, as far as dates and chains tell."""

    IN_FORCE = "in_force"
    AMENDED = "amended"
    REPLACED = "replaced"
    OVER = "over"
    AHEAD = "ahead"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A policy on that day."""

    page: PolicyPage
    begin: dt.date | None
    standing: Standing
    by: Sequence[PolicyPage]
    """What had replaced or amended it by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The policies of one programme, what was in force on the day first, the newest of it first."""

    programme: ProgrammePage | None
    policies: Sequence[Dated]


def begin_of(policy: PolicyPage) -> dt.date | None:
    """Return the first day of force as far as it is known."""
    return policy.in_force_from or policy.issued


def policies_on(day: dt.date, *, reader: Reader, programme: str = "") -> list[Chain]:
    """Return the policies that a reader may open, by programme, with their standing on a day."""
    pages = [
        page
        for page in works_for_reader(reader, kind=PolicyPage.kind)
        if isinstance(page, PolicyPage)
    ]
    programmes = {
        page.code: page
        for page in works_for_reader(reader, kind=ProgrammePage.kind)
        if isinstance(page, ProgrammePage)
    }
    later, amended = _later(pages), _amended(pages)
    chains: dict[str, list[Dated]] = {}
    for page in pages:
        code = page.programme.code if page.programme else ""
        if programme and code != programme:
            continue
        chains.setdefault(code, []).append(_dated(page, day, later, amended.get(page.pk, ())))
    found = [
        Chain(programme=programmes.get(code), policies=sorted(policies, key=_order))
        for code, policies in chains.items()
    ]
    return sorted(
        found,
        key=lambda chain: (
            chain.programme is None,
            -len(chain.policies),
            chain.programme.title.casefold() if chain.programme else "",
        ),
    )


def _later(
    pages: Sequence[PolicyPage],
) -> dict[int, tuple[list[PolicyPage], list[PolicyPage]]]:
    """Return page id → (what replaces it, what amends it), among these pages, by work."""
    later: dict[int, tuple[list[PolicyPage], list[PolicyPage]]] = {
        page.pk: ([], []) for page in pages
    }
    for number, name in enumerate(("replaces", "amends")):
        for newer, older in _linked(name, pages):
            later[older.pk][number].append(newer)
    return later


def _amended(pages: Sequence[PolicyPage]) -> dict[int, list[PolicyPage]]:
    """Return page id → what it amends, among these pages, by work."""
    targets: dict[int, list[PolicyPage]] = {}
    for newer, older in _linked("amends", pages):
        targets.setdefault(newer.pk, []).append(older)
    return targets


def _linked(name: str, pages: Sequence[PolicyPage]) -> Iterator[tuple[PolicyPage, PolicyPage]]:
    """Yield (newer, older) for a relation among these pages; any language version may state it."""
    by_work = {page.translation_key: page for page in pages}
    links = _links(name).values_list(
        "from_policypage__translation_key", "to_policypage__translation_key"
    )
    for newer, older in set(links):
        if newer in by_work and older in by_work:
            yield by_work[newer], by_work[older]


def superseded_works(works: Collection[str]) -> frozenset[str]:
    """Return those of some works (translation keys) that a live policy in force has replaced."""
    today = timezone.localdate()
    links = _links("replaces").filter(
        to_policypage__translation_key__in=works, from_policypage__live=True
    )
    rows = links.values_list(
        "to_policypage__translation_key",
        "from_policypage__in_force_from",
        "from_policypage__issued",
    )
    return frozenset(
        str(work) for work, begin, issued in rows if (first := begin or issued) and first <= today
    )


def _links(relation: str) -> Any:
    """Return the rows of a relation between policies, from the newer one to the older."""
    return PolicyPage._meta.get_field(relation).remote_field.through.objects.all()


def _dated(
    page: PolicyPage,
    day: dt.date,
    later: Mapping[int, tuple[list[PolicyPage], list[PolicyPage]]],
    targets: Sequence[PolicyPage],
) -> Dated:
    replaced, amended = ([one for one in pages if _begun(one, day)] for pages in later[page.pk])
    if not replaced and targets:
        # What only amended a policy ends with it.
        ends = [[one for one in later[target.pk][0] if _begun(one, day)] for target in targets]
        replaced = list(chain.from_iterable(ends)) if all(ends) else []
    status, begin = page.force_status(day), begin_of(page)
    by: Sequence[PolicyPage] = ()
    if status is ForceStatus.AHEAD:
        standing = Standing.AHEAD
    elif replaced:
        standing, by = Standing.REPLACED, replaced
    elif status is ForceStatus.OVER:
        standing = Standing.OVER
    elif begin is None:
        standing = Standing.UNDATED
    elif amended:
        standing, by = Standing.AMENDED, amended
    else:
        standing = Standing.IN_FORCE
    return Dated(page=page, begin=begin, standing=standing, by=by)


def _begun(policy: PolicyPage, day: dt.date) -> bool:
    begin = begin_of(policy)
    return begin is not None and begin <= day


_ORDER = (
    Standing.IN_FORCE,
    Standing.AMENDED,
    Standing.AHEAD,
    Standing.REPLACED,
    Standing.OVER,
    Standing.UNDATED,
)


def _order(one: Dated) -> tuple[int, int, str]:
    in_force = one.standing in {Standing.IN_FORCE, Standing.AMENDED}
    rank = 0 if in_force else _ORDER.index(one.standing)
    return rank, -(one.begin.toordinal() if one.begin else 0), one.page.title

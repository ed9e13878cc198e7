"""Policies by date: what was in force on a day, and the chains of amendments behind it."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db.models import DateField, UUIDField
from django.utils import timezone

from embeddings.language import fold
from knowledge.listing import all_works, programmes_by_code
from knowledge.models import PolicyPage, ProgrammePage
from knowledge.models.policy import ForceStatus
from knowledge.rights import Reader, pages_outside, readable_pages
from knowledge.statements import Statement

_KEY, _DATE = UUIDField(), DateField()
"""Make keys and dates of what a database without types for them has: text."""


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


def policies_on(day: dt.date, *, reader: Reader) -> list[Chain]:
    """Return the policies that a reader may open, by programme, with their standing on a day."""
    pages = all_works(reader, PolicyPage)
    programmes = programmes_by_code(reader)
    relations = _Relations.among(pages, reader)
    chains: dict[str, list[Dated]] = {}
    for page in pages:
        code = page.programme.code if page.programme else ""
        # A programme that is hidden must not even be counted.
        chains.setdefault(code if code in programmes else "", []).append(relations.dated(page, day))
    found = [
        Chain(programme=programmes.get(code), policies=sorted(policies, key=_order))
        for code, policies in chains.items()
    ]
    return sorted(
        found,
        key=lambda chain: (
            chain.programme is None,
            -len(chain.policies),
            fold(chain.programme.title) if chain.programme else "",
        ),
    )


def successors_of(works: Collection[str], barred: frozenset[str]) -> dict[str, set[str]]:
    """Return work → the works that have replaced it by now (translation keys), where some have.

    Args:
        works: What is asked about.
        barred: Scopes that the reader may not enter; of what is there nothing may be inferred.
    """
    today = timezone.localdate()
    replaced = [
        (str(_KEY.to_python(work)), str(_KEY.to_python(newer)), page)
        for work, page, newer, begin, issued in _replacing(len(works)).ask(
            [uuid.UUID(work) for work in works]
        )
        if work != newer and ((first := _DATE.to_python(begin or issued)) is None or first <= today)
    ]
    found: dict[str, set[str]] = {}
    if not replaced:
        return found
    # Asked of these few: SQLite would go through all readable pages for a statement of both.
    pages = {page for *_, page in replaced}
    readable = pages_outside(barred).filter(pk__in=pages)
    open_pages = set(readable.order_by().values_list("pk", flat=True))
    for work, newer, page in replaced:
        if page in open_pages:
            found.setdefault(work, set()).add(newer)
    return found


@lru_cache(maxsize=50)
def _replacing(works: int) -> Statement:
    """Return what asks for the pages that replace so many works."""
    stand_ins = [uuid.UUID(int=number) for number in range(works)]
    rows = (
        _links("replaces")
        .filter(to_policypage__translation_key__in=stand_ins)
        .values_list(
            "to_policypage__translation_key",
            "from_policypage",
            "from_policypage__translation_key",
            "from_policypage__in_force_from",
            "from_policypage__issued",
        )
    )
    return Statement.of(rows, stand_ins)


def _links(relation: str) -> Any:
    """Return the rows of a relation between policies, from the newer one to the older."""
    return PolicyPage._meta.get_field(relation).remote_field.through.objects.all()


@dataclass(frozen=True, slots=True)
class _Relations:
    """What replaces and amends what, by page id, as the reader may know it."""

    replacing: Mapping[int, Sequence[PolicyPage]]
    amending: Mapping[int, Sequence[PolicyPage]]
    amended: Mapping[int, Sequence[PolicyPage]]
    """What a policy amends."""

    @classmethod
    def among(cls, pages: Sequence[PolicyPage], reader: Reader) -> "_Relations":
        """Return the relations among some policies, by work; any readable version may state one."""
        by_work = {page.translation_key: page for page in pages}
        readable = readable_pages(reader).values("pk")

        def linked(name: str) -> list[tuple[PolicyPage, PolicyPage]]:
            links = _links(name).filter(from_policypage__in=readable)
            keys = links.values_list(
                "from_policypage__translation_key", "to_policypage__translation_key"
            )
            return [
                (by_work[newer], by_work[older])
                for newer, older in sorted(set(keys))
                if newer in by_work and older in by_work and newer != older
            ]

        replaces, amends = linked("replaces"), linked("amends")
        return cls(
            _grouped((older, newer) for newer, older in replaces),
            _grouped((older, newer) for newer, older in amends),
            _grouped(amends),
        )

    def dated(self, page: PolicyPage, day: dt.date) -> Dated:
        """Return a policy's standing on a day."""
        status, by = page.force_status(day), self._ended_by(page, day, frozenset())
        amending = [
            one
            for one in self.amending.get(page.pk, ())
            if _begun(one, day) and self._ended_by(one, day, frozenset({page.pk})) is None
        ]
        if status is ForceStatus.AHEAD:
            standing, by = Standing.AHEAD, None
        elif by:
            standing = Standing.REPLACED
        elif by is not None:
            standing = Standing.OVER
        elif begin_of(page) is None:
            standing = Standing.UNDATED
        elif amending:
            standing, by = Standing.AMENDED, amending
        else:
            standing = Standing.IN_FORCE
        return Dated(page=page, begin=begin_of(page), standing=standing, by=by or ())

    def _ended_by(
        self, page: PolicyPage, day: dt.date, seen: frozenset[int]
    ) -> list[PolicyPage] | None:
        """Return what has ended a policy by then, nothing if its time ran out; None if it goes on.

        What only amends other policies ends with the last of them.
        """
        replaced = [one for one in self.replacing.get(page.pk, ()) if _begun(one, day)]
        if replaced:
            return replaced
        if page.force_status(day) is ForceStatus.OVER:
            return []
        targets = [one for one in self.amended.get(page.pk, ()) if one.pk not in seen]
        ends = [self._ended_by(target, day, seen | {page.pk}) for target in targets]
        if not ends or None in ends:
            return None
        found = {one.pk: one for end in ends for one in end or () if one.pk != page.pk}
        return list(found.values())


def _grouped(pairs: Iterable[tuple[PolicyPage, PolicyPage]]) -> dict[int, list[PolicyPage]]:
    groups: dict[int, list[PolicyPage]] = {}
    for key, value in pairs:
        groups.setdefault(key.pk, []).append(value)
    return groups


def _begun(policy: PolicyPage, day: dt.date) -> bool:
    """Return whether a policy binds by then; no date, no objection."""
    begin = begin_of(policy)
    return begin is None or begin <= day


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

"""What the portal keeps of a person: to hand it out, and to forget it.

Every column that leads to an account is declared here by the part that has it, so that nothing is
left out of either; a test fails for one that is not.
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction


class AtEnd(enum.Enum):
    """What becomes of rows when their person's account is deleted."""

    DELETE = "delete"
    DETACH = "detach"
    """They stay, and lead to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Rows that lead to a person."""

    part: str
    """Under which name they stand in the file that is handed out."""
    field: str
    """`app.Model.field`, the column that leads to the account."""
    shows: tuple[str, ...] = ()
    """Columns that are handed out, as for `QuerySet.values`; none where only the link is kept."""
    at_end: AtEnd

    def rows(self, user: AbstractBaseUser) -> models.QuerySet[Any]:
        """Return the rows of a person."""
        model, field = self._column()
        return model._meta.base_manager.filter(**{field: user.pk})

    def forget(self, user: AbstractBaseUser) -> None:
        """Delete the rows of a person, or cut their link."""
        if self.at_end is AtEnd.DELETE:
            self.rows(user).delete()
        else:
            self.rows(user).update(**{self._column()[1]: None})

    def _column(self) -> tuple[type[models.Model], str]:
        label, _dot, field = self.field.rpartition(".")
        return apps.get_model(label), field


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """What no column leads to, or what needs more than deleting rows."""

    part: str
    export: Callable[[Any], Any] | None = None
    """Returns what is handed out, fit for `DjangoJSONEncoder`."""
    forget: Callable[[Any], None] | None = None
    """Runs before the rows of all holdings are forgotten."""


_holdings: dict[str, Holding] = {}
_specials: dict[str, Special] = {}


def hold(*declared: Holding | Special) -> None:
    """Declare what a part of the portal keeps of people; called once, when it is loaded."""
    for one in declared:
        if isinstance(one, Holding):
            _holdings[one.field] = one
        else:
            _specials[one.part] = one


def holdings() -> tuple[Holding, ...]:
    """Return all that was declared."""
    return tuple(_holdings.values())


def exported(user: AbstractBaseUser) -> dict[str, Any]:
    """Return all that is kept of a person, by part."""
    found: dict[str, Any] = {}
    for special in _specials.values():
        if special.export is not None:
            found[special.part] = special.export(user)
    for part, row in _rows(user):
        found.setdefault(part, []).append(row)
    return found


def _rows(user: AbstractBaseUser) -> Iterator[tuple[str, dict[str, Any]]]:
    for holding in _holdings.values():
        if holding.shows:
            for row in holding.rows(user).order_by("pk").values(*holding.shows):
                yield holding.part, row


def forget(user: AbstractBaseUser) -> None:
    """Delete an account and all that is only its person's; what was published stays, without them."""
    with transaction.atomic():
        for special in _specials.values():
            if special.forget is not None:
                special.forget(user)
        for holding in _holdings.values():
            holding.forget(user)
        user.delete()

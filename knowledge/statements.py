"""Statements that Django composes once and that are asked many times, with other values.

Composing what authorises a page of results takes Django longer than the database takes to answer.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Field, QuerySet, UUIDField

Value = uuid.UUID | dt.datetime
_FIELDS: Mapping[type, "Field[Any, Any]"] = {uuid.UUID: UUIDField(), dt.datetime: DateTimeField()}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with places for values."""

    sql: str
    params: tuple[Any, ...]
    places: Mapping[int, int]
    """Place among the parameters → number of the value that belongs there."""

    @classmethod
    def of(cls, rows: QuerySet[Any, Any], stand_ins: Sequence[Value]) -> "Statement":
        """Return what Django asks for some rows, with the stand-ins made places.

        Args:
            rows: Composed with the stand-ins, each of which it asks for and nothing else does.
            stand_ins: Different from one another.

        Raises:
            ValueError: A stand-in is not asked for.
        """
        sql, params = rows.query.sql_with_params()
        numbers = {_stored(value): number for number, value in enumerate(stand_ins)}
        places = {place: numbers[one] for place, one in enumerate(params) if one in numbers}
        if set(places.values()) != set(range(len(stand_ins))):
            raise ValueError("The statement does not ask for every stand-in.")
        return cls(sql, tuple(params), places)

    def ask(self, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Return the rows for some values, one for each stand-in, as the database has them."""
        params = list(self.params)
        for place, number in self.places.items():
            params[place] = _stored(values[number])
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _stored(value: Value) -> Any:
    return _FIELDS[type(value)].get_db_prep_value(value, connection)

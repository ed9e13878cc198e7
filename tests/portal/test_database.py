"""The database is named for people, without what is secret."""

from typing import Any

import pytest
from django.db import connection

from portal.database import database_in_words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"NAME": "/srv/portal.sqlite3", "HOST": ""}, "/srv/portal.sqlite3"),
        ({"NAME": "portal", "HOST": "db.example", "PASSWORD": "secret"}, "portal on db.example"),
    ],
)
def test_kind_and_place_are_said_and_no_password(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], words: str
) -> None:
    for name, value in values.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    assert database_in_words() == f"{connection.display_name} {words}"

"""The database is named for people, without what is secret."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
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


def manage(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings.test", "DATABASE_URL": url},
    )  # fmt: skip


@pytest.mark.parametrize("command", [["mail_status"], ["search", "honey"], ["work", "--once"]])
def test_on_a_database_that_is_not_prepared_a_command_says_what_to_do(
    tmp_path: Path, command: list[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    done = manage(url, *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"SQLite {tmp_path / 'empty.sqlite3'}) says: no such table" in done.stderr
    assert "manage.py prepare" in done.stderr


def test_of_a_database_that_is_not_reached_the_place_is_said_and_no_password() -> None:
    url = "postgres://portal:secret@127.0.0.1:1/portal"
    done = manage(url, "mail_status")
    assert done.returncode == 1
    assert "PostgreSQL portal on 127.0.0.1) says: connection failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" in manage(url, "mail_status", "--traceback").stderr

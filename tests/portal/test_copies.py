"""A backup is whole while the portal is in use, and a restore loses nothing of what it replaces."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from portal.copies import CopyError, check_copy, is_in_use, put_back

ROOT = Path(settings.BASE_DIR)


def manage(var: Path, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PORTAL_VAR_DIR": str(var),
        "DATABASE_URL": url or f"sqlite:///{var / 'portal.sqlite3'}",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def said(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        return [word for (word,) in database.execute("SELECT word FROM said ORDER BY word")]


@pytest.fixture
def var(tmp_path: Path) -> Path:
    directory = tmp_path / "var"
    (directory / "media" / "documents").mkdir(parents=True)
    (directory / "media" / "documents" / "a.pdf").write_bytes(b"first")
    return directory


@pytest.fixture
def used(var: Path) -> Iterator[sqlite3.Connection]:
    """The database of a portal in use: what was said last is in the file beside it."""
    with closing(sqlite3.connect(var / "portal.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY)")
        database.execute("CREATE TABLE said (word TEXT)")
        database.execute("INSERT INTO said VALUES ('first')")
        yield database


def test_a_backup_of_a_portal_in_use_comes_back_whole(
    var: Path, used: sqlite3.Connection, tmp_path: Path
) -> None:
    done = manage(var, "backup", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr
    (backup,) = (tmp_path / "backups").iterdir()
    assert str(backup) in done.stdout
    assert backup.stat().st_mode & 0o077 == 0
    assert said(backup / "portal.sqlite3") == ["first"]

    used.execute("INSERT INTO said VALUES ('second')")
    (var / "media" / "documents" / "a.pdf").write_bytes(b"second")
    (var / "prepared").write_text("stamp")
    refused = manage(var, "restore", str(backup))
    assert refused.returncode == 1
    assert "in use" in refused.stderr
    assert said(var / "portal.sqlite3") == ["first", "second"]

    used.close()
    done = manage(var, "restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert said(var / "portal.sqlite3") == ["first"]
    assert (var / "media" / "documents" / "a.pdf").read_bytes() == b"first"
    assert not (var / "prepared").exists()
    (replaced,) = var.glob("portal-replaced-*.sqlite3")
    assert said(replaced) == ["first", "second"]
    (media,) = var.glob("media-replaced-*")
    assert (media / "documents" / "a.pdf").read_bytes() == b"second"


def test_of_a_file_alone_the_uploads_stay(
    var: Path, used: sqlite3.Connection, tmp_path: Path
) -> None:
    used.execute("VACUUM INTO ?", [str(tmp_path / "copy.sqlite3")])
    used.execute("INSERT INTO said VALUES ('second')")
    used.close()
    put_back(tmp_path / "copy.sqlite3", var / "portal.sqlite3", var / "media")
    assert said(var / "portal.sqlite3") == ["first"]
    assert not list(var.glob("media-*"))


@pytest.mark.parametrize("damaged", [False, True])
def test_the_log_that_a_killed_process_left_is_not_replayed_over_the_copy(
    var: Path, used: sqlite3.Connection, tmp_path: Path, damaged: bool
) -> None:
    used.execute("VACUUM INTO ?", [str(tmp_path / "copy.sqlite3")])
    used.execute("INSERT INTO said VALUES ('second')")
    left = tmp_path / "left" / "portal.sqlite3"
    left.parent.mkdir()
    for ending in ("", "-wal", "-shm"):
        shutil.copyfile(f"{var / 'portal.sqlite3'}{ending}", f"{left}{ending}")
    if damaged:
        left.write_bytes(b"no database" * 1000)
    (replaced,) = put_back(tmp_path / "copy.sqlite3", left, tmp_path / "media")
    assert said(left) == ["first"]
    if not damaged:
        assert said(replaced) == ["first", "second"]


@pytest.mark.parametrize("content", [None, b"", b"no database" * 1000])
def test_what_is_no_database_of_a_portal_is_not_put_back(
    var: Path, used: sqlite3.Connection, tmp_path: Path, content: bytes | None
) -> None:
    used.close()
    copy = tmp_path / "copy.sqlite3"
    if content is not None:
        copy.write_bytes(content)
    with pytest.raises(CopyError):
        put_back(copy, var / "portal.sqlite3", var / "media")
    assert said(var / "portal.sqlite3") == ["first"]


def test_a_damaged_copy_is_noticed(var: Path, used: sqlite3.Connection) -> None:
    for number in range(5000):
        used.execute("INSERT INTO said VALUES (?)", [f"word {number}"])
    used.close()
    file = var / "portal.sqlite3"
    check_copy(file)
    content = bytearray(file.read_bytes())
    content[20_000:30_000] = bytes(10_000)
    file.write_bytes(content)
    with pytest.raises(CopyError, match="damaged"):
        check_copy(file)


def test_a_database_that_nobody_has_open_is_not_in_use(
    var: Path, used: sqlite3.Connection, tmp_path: Path
) -> None:
    assert not is_in_use(tmp_path / "none.sqlite3")
    assert is_in_use(var / "portal.sqlite3")
    used.close()
    assert not is_in_use(var / "portal.sqlite3")


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_for_postgresql_its_own_tool_is_named(var: Path, command: str, tool: str) -> None:
    done = manage(var, command, "somewhere", url="postgres://portal:secret@nowhere/portal")
    assert done.returncode == 1
    assert tool in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr

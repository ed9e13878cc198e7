"""A cache whose disk fails: nothing above it notices, and limits still count."""

import errno
import logging
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from portal.cache import SteadyCache
from portal.settings import base
from tests.knowledge.accounts.conftest import sign_in


def no_space(*_args: Any, **_options: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def steady(tmp_path: Path) -> SteadyCache:
    return SteadyCache(str(tmp_path / "cache"), {})


@pytest.fixture
def nowhere(tmp_path: Path) -> str:
    """A directory that can be neither made nor read, not even by root."""
    (tmp_path / "file").touch()
    return str(tmp_path / "file" / "cache")


def use(cache: SteadyCache) -> list[object]:
    """Do everything once; return what comes of it."""
    cache.clear()
    return [
        cache.get("a", "none"),
        cache.touch("a"),
        cache.delete("a"),
        cache.add("a", 1, 60),
        cache.add("a", 2, 60),
        cache.incr("a"),
        cache.get("a"),
        cache.touch("a", 60),
        cache.has_key("a"),
        cache.get_or_set("b", lambda: 7),
        cache.get_many(["a", "b", "c"]),
        cache.delete("a"),
        cache.has_key("a"),
        cache.set("c", None, 0),
        cache.get("c", "expired"),
    ]


def test_a_cache_without_a_disk_does_all_that_one_with_a_disk_does(
    steady: SteadyCache, nowhere: str
) -> None:
    assert use(SteadyCache(nowhere, {})) == use(steady)


def test_with_a_disk_all_is_on_it_for_the_other_processes(steady: SteadyCache) -> None:
    steady.set("a", 1)
    steady._memory.clear()
    assert steady.get("a") == 1


def test_a_full_disk_keeps_old_values_from_being_read_for_new_ones(
    steady: SteadyCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady.set("a", 1)
    with monkeypatch.context() as full:
        full.setattr(tempfile, "mkstemp", no_space)
        steady.set("a", 2)
        assert steady.get("a") == 2
        assert steady.incr("a") == 3
    steady.set("a", 4)
    steady._memory.clear()
    assert steady.get("a") == 4


@pytest.mark.parametrize("kept", [b"", b"\x80", b"no pickle", 12])
def test_a_file_that_is_there_in_part_is_a_miss(steady: SteadyCache, kept: bytes | int) -> None:
    steady.set("a", "value", 60)
    path = Path(steady._key_to_file("a"))
    path.write_bytes(path.read_bytes()[:kept] if isinstance(kept, int) else kept)
    assert steady.get("a", "none") == "none"
    steady.set("a", "again")
    assert steady.get("a") == "again"


def test_a_fault_is_told_once_a_minute(nowhere: str, caplog: pytest.LogCaptureFixture) -> None:
    failing = SteadyCache(nowhere, {})
    with caplog.at_level(logging.WARNING, "portal.cache"):
        for number in range(5):
            failing.set(f"key-{number}", number)
        assert len(caplog.records) == 1
        assert "Not a directory" in caplog.records[0].getMessage()
        failing._memory.delete("fault-was-said")  # the minute is over
        failing.get("other")
    assert len(caplog.records) == 2


@pytest.mark.django_db
def test_pages_answer_and_limits_hold_without_a_disk(settings: Settings, nowhere: str) -> None:
    backend = base.CACHES["default"]["BACKEND"]
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": nowhere}}
    assert isinstance(cache._connections["default"], SteadyCache)  # type: ignore[attr-defined]
    answers = [sign_in(Client(), password="not-the-password") for _ in range(7)]
    assert {answer.status_code for answer in answers} == {200}
    assert "Too many attempts" not in answers[0].content.decode()
    assert "Too many attempts" in answers[-1].content.decode()

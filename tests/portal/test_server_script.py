"""`script/server` serves and works; both end together, and a worker that died comes back."""

import contextlib
import hashlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from tests import prepared

pytestmark = pytest.mark.long

ROOT = Path(settings.BASE_DIR)
PREPARED = """#!/bin/bash
case "$*" in
  "manage.py prepare") exit 0 ;;
  "manage.py work "*) echo $$ >> "$PORTAL_VAR_DIR/workers" ;;
esac
exec {python} "$@"
"""
"""Instead of Python: the database is prepared already; says which processes are workers."""


def wait_for(ask: Callable[[], bool], *, seconds: float = 90, what: str) -> None:
    until = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    directory: Path
    port: int

    def workers(self) -> list[int]:
        """Return the processes that have been workers, in order."""
        file = self.directory / "workers"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with contextlib.suppress(OSError):
            return opener.open(f"http://127.0.0.1:{self.port}/healthz", timeout=5).status == 200
        return False

    def has_beaten(self) -> bool:
        with contextlib.closing(sqlite3.connect(self.directory / "portal.sqlite3")) as database:
            return bool(
                database.execute("SELECT count(*) FROM knowledge_workerpulse").fetchone()[0]
            )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    binaries = tmp_path / "venv" / "bin"
    binaries.mkdir(parents=True)
    for name, text in {
        "python": PREPARED.format(python=sys.executable),
        "gunicorn": f'#!/bin/bash\nexec {sys.executable} -m gunicorn "$@"\n',
    }.items():
        (binaries / name).write_text(text)
        (binaries / name).chmod(0o755)
    pinned = (ROOT / "pyproject.toml").read_bytes() + (ROOT / "constraints.txt").read_bytes()
    stamp = hashlib.sha256(pinned).hexdigest() + " "
    (tmp_path / "venv" / ".installed-runtime").write_text(f"{stamp}\n")
    environment = os.environ | {
        "PORTAL_VENV": str(tmp_path / "venv"),
        "PORTAL_VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PORTAL_WORKERS": "1",
    }
    prepared.copy(prepared.with_tables(), tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(ROOT / "script" / "server"), f"127.0.0.1:{port}"], cwd=ROOT, env=environment,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    one = Served(process, tmp_path, port)
    try:
        yield one
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_server_and_worker_begin_and_end_together(served: Served) -> None:
    def log() -> str:
        return (served.directory / "log").read_text()

    wait_for(served.answers, what=log())
    wait_for(served.has_beaten, what=log())
    (first,) = served.workers()

    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(served.workers()) > 1, what=log())
    assert served.answers()
    second = served.workers()[-1]
    wait_for(lambda: is_running(second), what=log())

    served.process.send_signal(signal.SIGTERM)
    served.process.wait(timeout=60)
    wait_for(lambda: not is_running(second), what=log())
    assert not served.answers()
    assert "Traceback" not in log()


def test_a_server_that_is_killed_takes_its_worker_along(served: Served) -> None:
    wait_for(served.has_beaten, what=(served.directory / "log").read_text())
    (worker,) = served.workers()
    served.process.kill()
    served.process.wait()
    wait_for(lambda: not is_running(worker), what="the worker goes on alone")
    time.sleep(6)
    assert served.workers() == [worker]  # and no other is begun

"""What is done before the workers are forked, and that their counts come together."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

CONFIGURATION = Path(settings.BASE_DIR) / "portal" / "gunicorn.conf.py"

MASTER = """
import os, runpy, sys
from types import SimpleNamespace
hooks = runpy.run_path(sys.argv[1])
assert hooks["preload_app"] and hooks["wsgi_app"] == "portal.wsgi"
import portal.wsgi
hooks["when_ready"](None)
"""


def run(script: str, directory: Path, **environment: str) -> str:
    """Run a script as the master process: the code is loaded, nothing is forked yet."""
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PORTAL_VAR_DIR": str(directory),
        "PYTHONPATH": str(settings.BASE_DIR),
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-c", MASTER + script, str(CONFIGURATION)],
        env=variables, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_before_the_fork_no_database_is_asked_and_no_thread_begun(tmp_path: Path) -> None:
    script = """
from django.db import connections
from embeddings.conf import get_encoder
from embeddings.view import _view
import threading
print([c.connection for c in connections.all(initialized_only=True) if c.connection is not None])
print(threading.active_count(), _view.cache_info().currsize)
print([name for name in ("torch", "sentence_transformers") if name in sys.modules])
print("knowledge.search.views" in sys.modules)
"""
    assert run(script, tmp_path).split("\n")[:4] == ["[]", "1 0", "[]", "True"]


def test_the_counts_of_all_workers_are_added_up(tmp_path: Path) -> None:
    script = """
from embeddings.telemetry import SearchReport, report_search
from knowledge.metrics import exposition
for number in (1, 2):
    if os.fork() == 0:
        for _ in range(number):
            report_search(SearchReport(
                text="x", language=None, facets=(), total=0, seconds=0.01, position=0,
                by_words_only=False))
        os._exit(0)
    pid, code = os.wait()
    assert code == 0
    hooks["child_exit"](None, SimpleNamespace(pid=pid))
print(exposition().decode())
hooks["on_exit"](None)
"""
    lines = run(script, tmp_path).splitlines()
    assert "portal_searches_total 3.0" in lines
    assert "portal_searches_without_result_total 3.0" in lines
    assert "portal_search_seconds_count 3.0" in lines
    assert list((tmp_path / "metrics").iterdir()) == []  # gone with the server


SEARCHED = """
from embeddings.telemetry import SearchReport, report_search
from knowledge.metrics import count_search, exposition
import errno, shutil
from pathlib import Path
mine = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
asked = SearchReport(text="x", language=None, facets=(), total=0, seconds=0.01, position=0,
                     by_words_only=False)
"""


def test_a_directory_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    script = """
shutil.rmtree(mine.parent)
count_search(asked)
print("portal_searches_total 1.0" in exposition().decode())
shutil.rmtree(mine.parent)
print("portal_index_readable" in exposition().decode(), mine.is_dir())
count_search(asked)
"""
    assert run(SEARCHED + script, tmp_path).split() == ["True", "True", "True"]


def test_counts_are_on_the_disk_before_they_are_counted(tmp_path: Path) -> None:
    """A write into the hole of a mapped file ends the process when the disk is full."""
    script = """
count_search(asked)
print([one.stat().st_blocks * 512 >= one.stat().st_size == 65536 for one in mine.iterdir()])
"""
    assert run(SEARCHED + script, tmp_path) == "[True, True]\n"


def test_figures_are_shown_and_searches_answered_while_the_disk_is_full(tmp_path: Path) -> None:
    script = """
def full(self, data):
    self.touch()
    raise OSError(errno.ENOSPC, "No space left on device")
write_bytes, Path.write_bytes = Path.write_bytes, full
report_search(asked)
print("portal_index_readable" in exposition().decode(), list(mine.iterdir()))
Path.write_bytes = write_bytes
report_search(asked)
print("portal_searches_total 1.0" in exposition().decode())
"""
    assert run(SEARCHED + script, tmp_path).splitlines() == ["True []", "True"]


def test_a_process_that_counts_nothing_leaves_no_file(tmp_path: Path) -> None:
    run("", tmp_path)
    (own,) = (tmp_path / "metrics").iterdir()
    assert list(own.iterdir()) == []


def test_counts_of_a_server_that_was_killed_are_removed_and_those_of_another_kept(
    tmp_path: Path,
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid in (gone.pid, os.getpid()):
        (tmp_path / "metrics" / str(pid)).mkdir(parents=True)
    run("", tmp_path)
    names = {path.name for path in (tmp_path / "metrics").iterdir()}
    assert str(gone.pid) not in names
    assert str(os.getpid()) in names


def test_a_reload_keeps_what_was_counted(tmp_path: Path) -> None:
    script = """
from pathlib import Path
mine = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
(mine / "counter_1.db").touch()
runpy.run_path(sys.argv[1])
print(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]) == mine, [path.name for path in mine.iterdir()])
"""
    assert run(script, tmp_path) == "True ['counter_1.db']\n"


@pytest.mark.parametrize(("given", "expected"), [({}, 2), ({"PORTAL_WORKERS": "5"}, 5)])
def test_the_number_of_workers_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: int
) -> None:
    monkeypatch.delenv("PORTAL_WORKERS", raising=False)
    assert run('print(hooks["workers"])', tmp_path, **given) == f"{expected}\n"


def test_a_number_of_workers_that_is_none_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_WORKERS", "many")
    with pytest.raises(SystemExit, match="PORTAL_WORKERS is 'many'"):
        runpy.run_path(str(CONFIGURATION))

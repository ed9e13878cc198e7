"""Result pages over HTTP under load, while a publisher writes every second: times, errors, staleness.

    python -m benchmarks.load [--passages 100000] [--clients 16] [--seconds 60] [--keep DIR] [--json FILE]

A portal of so many passages (see `benchmarks.portal`; on PostgreSQL with DATABASE_URL) is served as
`script/server` serves it, by two workers. One client alone gives the yardstick; then all of them ask
at once, in several languages, with filters and with misspelt words. Meanwhile an editor's process
publishes, renames or withdraws a page each second, and after each change asks until both workers
have answered: every one of these answers must show the change.

Workers, clients and publisher share the machine.
"""

import argparse
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np

from benchmarks import portal
from benchmarks.corpus import questions
from benchmarks.serving import memory_of

_PAGES = 400
_SECONDS_ALONE = 15
_TRIES_TO_MEET_BOTH = 200
_WORD = "Zqxwv"
"""Begins a word that no text has."""
_ERRORS_TOLD = 10


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, help="directory of the portal, kept and used again")
    parser.add_argument("--json", type=Path, help="file to write")
    asked = parser.parse_args()
    with portal.scratch(asked.keep) as directory:
        portal.fill(asked.passages)
        with serving(directory) as address:
            found = measure(directory, address, clients=asked.clients, seconds=asked.seconds)
    for name, value in found.items():
        print(f"{name:<28} {value}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """Serve the portal in two workers; yield its address."""
    from django.core.management import call_command

    call_command("write_snapshot", verbosity=0, stdout=sys.stderr)
    call_command("collectstatic", interactive=False, verbosity=0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "--config", "portal/gunicorn.conf.py"]
    with (directory / "server.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603
            [*command, "--bind", address],
            cwd=portal.ROOT, env={**os.environ, "PORTAL_WORKERS": "2"}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait_for(server, f"http://{address}")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(server: "subprocess.Popen[bytes]", address: str) -> None:
    for _ in range(300):
        try:
            get(address, "/healthz")
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("The server does not answer; server.log in its directory says why.")


def get(address: str, path: str) -> tuple[str, str]:
    """Return (text, worker) of a page, over a connection of its own.

    Raises:
        OSError: No answer, or one that is an error.
    """
    with urlopen(address + path, timeout=60) as response:  # noqa: S310
        return response.read().decode(), response.headers["X-Worker"]


def measure(directory: Path, address: str, *, clients: int, seconds: int) -> dict[str, Any]:
    """Return name → figure."""
    from django.db import connection

    from embeddings.models import Passage

    passages, paths = Passage.objects.count(), result_pages()
    for path in paths[:20]:
        get(address, path)
    single = ask(address, paths, clients=1, seconds=min(seconds, _SECONDS_ALONE))
    with ProcessPoolExecutor(
        1, get_context("spawn"), initializer=portal.use, initargs=(directory,)
    ) as editor:
        publishing = editor.submit(publish, address, seconds)
        many = ask(address, paths, clients=clients, seconds=seconds)
        seen = publishing.result()
    alone, under_load = single.percentiles("single"), many.percentiles("load")
    errors = [*single.errors, *many.errors, *seen.errors]
    return {
        "database": connection.vendor,
        "passages": passages,
        "clients": clients,
        "seconds": seconds,
        **alone,
        **under_load,
        "ratio_p50": under_load["load_p50_ms"] / alone["single_p50_ms"],
        "ratio_p95_to_single_p50": under_load["load_p95_ms"] / alone["single_p50_ms"],
        "single_pages_per_s": len(single.times) / min(seconds, _SECONDS_ALONE),
        "load_pages_per_s": len(many.times) / seconds,
        "errors": len(errors),
        "first_errors": errors[:_ERRORS_TOLD],
        "changes": seen.changes,
        "changes_visible_at_once": seen.visible,
        "answers_checked": seen.checked,
        "answers_that_missed_a_change": seen.missed,
        "changes_seen_by_one_worker_only": seen.unproven,
        "workers": len(seen.workers),
        "memory_mb": {worker: memory_of(worker) for worker in sorted(seen.workers)},
    }


def result_pages() -> list[str]:
    """Return addresses of result pages: every third narrowed, every fifth with a slip."""
    filters = [portal.TENTH, portal.HUNDREDTH, {"language": ["vi", "th"]}]
    paths = []
    for number, question in enumerate(questions(_PAGES)):
        text = question.text
        if number % 5 == 0:
            text = re.sub(r"(\w{3})(\w)(\w)", r"\1\3\2", text, count=1)
        narrowed = filters[number // 3 % 3] if number % 3 == 0 else {}
        paths.append(f"/search/?{urlencode({'q': text, **narrowed}, doseq=True)}")
    return paths


@dataclass(slots=True)
class Answers:
    """What readers got."""

    times: list[float] = field(default_factory=list)
    """Milliseconds."""
    errors: list[str] = field(default_factory=list)

    def percentiles(self, name: str) -> dict[str, float]:
        """Return p50 and p95 in milliseconds."""
        return {
            f"{name}_p50_ms": statistics.median(self.times),
            f"{name}_p95_ms": float(np.percentile(self.times, 95)),
        }


def ask(address: str, paths: Sequence[str], *, clients: int, seconds: float) -> Answers:
    """Return what so many readers got who asked without a pause for so long."""
    from tqdm import tqdm

    answers, until = Answers(), time.monotonic() + seconds
    with tqdm(desc=f"{clients} clients", unit="page", disable=None) as bar:

        def read(client: int) -> None:
            order = random.Random(client)  # noqa: S311
            while time.monotonic() < until:
                path = order.choice(paths)
                began = time.perf_counter()
                try:
                    get(address, path)
                except (OSError, HTTPException) as error:
                    answers.errors.append(f"{path}: {error}")
                else:
                    answers.times.append((time.perf_counter() - began) * 1000)
                bar.update()

        threads = [threading.Thread(target=read, args=(client,)) for client in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return answers


@dataclass(slots=True)
class Publications:
    """What became of changes."""

    changes: int = 0
    visible: int = 0
    """Changes that every answer showed, of both workers."""
    unproven: int = 0
    """Changes after which only one worker answered."""
    checked: int = 0
    missed: int = 0
    workers: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


def publish(address: str, seconds: float) -> Publications:
    """Publish a page each second; rename every third and withdraw every second one."""
    from knowledge.models import CaseStudyIndexPage, CaseStudyPage

    parent = CaseStudyIndexPage.objects.get(locale__language_code="en")
    seen, until, number = Publications(), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        began, number = time.monotonic(), number + 1
        word = f"{_WORD}{number}x{os.getpid()}"
        page = CaseStudyPage(
            title=f"Work {word}",
            slug=word.lower(),
            summary=f"About {word}.",
            locale=parent.locale,
        )
        parent.refresh_from_db()
        parent.add_child(instance=page)
        page.save_revision().publish()
        _look_for(seen, address, word, is_there=True)
        if number % 3 == 0:
            page.title = page.draft_title = f"Work {word}again"
            page.save_revision().publish()
            _look_for(seen, address, f"{word}again", is_there=True)
        if number % 2 == 0:
            page.unpublish()
            _look_for(seen, address, word, is_there=False)
        time.sleep(max(0.0, 1 - (time.monotonic() - began)))
    for page in CaseStudyPage.objects.filter(slug__startswith=_WORD.lower()):
        page.delete()
    return seen


def _look_for(seen: Publications, address: str, word: str, *, is_there: bool) -> None:
    """Ask until two workers have answered; each answer must show the change."""
    met: set[str] = set()
    missed = 0
    for _ in range(_TRIES_TO_MEET_BOTH):
        try:
            text, worker = get(address, f"/api/search?{urlencode({'q': word})}")
        except (OSError, HTTPException) as error:
            seen.errors.append(f"{word}: {error}")
            continue
        met.add(worker)
        seen.checked += 1
        shown = any(word in one["title"] for one in json.loads(text)["results"])
        missed += shown is not is_there
        if len(met) > 1:
            break
    seen.workers |= met
    seen.changes += 1
    seen.missed += missed
    seen.unproven += len(met) < 2
    seen.visible += not missed and len(met) > 1


if __name__ == "__main__":
    main()

"""`kill -9` of a worker loses no mail and no news, and sends none twice (invariant 3)."""

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Databases, Portal, wait_for

pytestmark = pytest.mark.long

KILLS = 8


@dataclass
class WorkerPortal(Portal):
    """An installation whose mails are handed to `tests.journeys.slow_mail`."""

    carrier_seconds: float = 0.05

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "DJANGO_SETTINGS_MODULE": "tests.journeys.worker_settings",
            "CARRIER_SECONDS": str(self.carrier_seconds),
        }

    def handed_over(self, what: str = "carried") -> list[str]:
        """Return the recipients of the mails that the carrier was given, each time."""
        file = Path(self.directory) / "carried"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line.split("\t")[1] for line in lines if line.startswith(f"{what}\t")]

    @contextlib.contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run `manage.py work` beside what else happens."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "work"], cwd=ROOT, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def portal(small_portal: Portal, databases: Databases) -> Iterator[WorkerPortal]:
    made = databases.create(like=small_portal)
    portal = WorkerPortal(made.directory, made.database_url)
    yield portal
    portal.stop()


def let_it_end() -> None:
    """PostgreSQL may still be ending the dead process's last transaction."""
    time.sleep(0.1)


def test_a_worker_killed_while_it_delivers_sends_nothing_twice_and_loses_nothing(
    portal: WorkerPortal,
) -> None:
    chance = random.Random(7)
    queuer = portal.editor()
    recipients = queuer.do("queue_mails", "m", count=30)
    for _ in range(KILLS):
        worker = portal.editor()
        worker.start("deliver_forever")
        time.sleep(chance.uniform(0.02, 0.35))
        worker.kill()
        worker.close()
    let_it_end()
    states = queuer.do("mail_states")
    begun = Counter(portal.handed_over("begun"))
    assert max(begun.values()) == 1, begun
    portal.manage("work", "--once")
    begun, carried = Counter(portal.handed_over("begun")), Counter(portal.handed_over())
    assert max(begun.values()) == 1, begun  # also those in doubt were not handed over again
    after = queuer.do("mail_states")
    in_doubt = {one for one, state in after.items() if state == "claimed"}
    assert set(after) == set(recipients)
    assert set(after.values()) <= {"sent", "claimed"}
    assert set(carried) | in_doubt == set(recipients)  # nothing is lost without a word
    assert len(in_doubt) <= KILLS
    assert in_doubt == {one for one, state in states.items() if state == "claimed"}
    for one in recipients:
        assert (after[one] == "sent") <= (carried[one] == 1)


def test_killed_between_claim_and_sent_a_mail_is_in_doubt_and_reported(
    portal: WorkerPortal,
) -> None:
    portal.carrier_seconds = 30
    queuer = portal.editor()
    queuer.do("queue_mails", "m", count=1)
    worker = portal.editor()
    worker.start("deliver_forever")
    wait_for(lambda: portal.handed_over("begun"), what="the mail is being handed over")
    worker.kill()
    let_it_end()
    assert queuer.do("mail_states") == {"m0@example.org": "claimed"}
    queuer.do("age_claims", minutes=11)
    portal.manage("work", "--once")
    assert portal.handed_over("begun") == ["m0@example.org"]
    assert "m0@example.org" in portal.manage("mail_status")
    portal.carrier_seconds = 0
    portal.manage("mail_status", "--resend", "m0@example.org")
    portal.manage("work", "--once")
    assert portal.handed_over() == ["m0@example.org"]


def test_a_worker_killed_in_the_middle_of_digests_tells_each_reader_once(
    portal: WorkerPortal,
) -> None:
    chance = random.Random(3)
    author = portal.editor()
    readers = author.do("save_searches", count=25)
    author.do("publish", "New honey", text="## Honey\n\nHoney of the village.")
    for _ in range(KILLS):
        worker = portal.editor()
        worker.start("tell_forever")
        time.sleep(chance.uniform(0.05, 0.4))
        worker.kill()
        worker.close()
        told, mails = author.do("told_and_mails")
        assert told == mails  # never one without the other
    portal.manage("work", "--once")
    assert author.do("told_and_mails") == [len(readers), len(readers)]
    assert sorted(portal.handed_over()) == sorted(readers)


def test_workers_beside_one_another_send_and_tell_once(portal: WorkerPortal) -> None:
    author = portal.editor()
    recipients = author.do("queue_mails", "m", count=25)
    readers = author.do("save_searches", count=15)
    author.do("publish", "New honey", text="Honey.")
    workers = [portal.editor() for _ in range(3)]
    for number, worker in enumerate(workers):
        worker.start("deliver_forever" if number else "tell_forever")
    expected = sorted([*recipients, *readers])
    wait_for(lambda: sorted(portal.handed_over()) == expected, what="all mails went")
    time.sleep(0.5)
    for worker in workers:
        worker.kill()
    assert sorted(portal.handed_over()) == expected


def test_told_to_stop_a_worker_ends_the_mail_it_is_at(portal: WorkerPortal) -> None:
    portal.carrier_seconds = 1
    queuer = portal.editor()
    queuer.do("queue_mails", "m", count=1)
    with portal.worker() as worker:
        wait_for(lambda: portal.handed_over("begun"), what="the worker began")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=15) == 0
    assert portal.handed_over() == ["m0@example.org"]
    assert queuer.do("mail_states") == {"m0@example.org": "sent"}

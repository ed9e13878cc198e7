"""What is done beside the readers: reading files, telling of new works, delivering mail, forgetting.

What is to be done stands in rows, never in a queue: a worker that is killed leaves the row as it
was, or claimed for a while, and the next one finds it. Workers may run beside one another.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connections
from django.utils import timezone
from django.utils.module_loading import import_string

from knowledge.mail.delivery import due_mails, mails_given_up, mails_in_doubt, mails_unsent
from knowledge.models import WorkerPulse

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(minutes=10)
"""From then on nobody believes that a worker runs."""
_BEAT_EVERY = timedelta(minutes=1)
_MOST_ROUNDS = 1000
"""Of one job with `--once`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something a worker does again and again, a little at a time."""

    name: str
    task: str
    """Path of a function without arguments that must be given. It returns how many it has done,
    and does nothing a second time; it stops after a little, so that the worker can stop."""
    every: timedelta
    """How long to wait after there was nothing to do."""

    def run(self) -> int | None:
        """Do some of it; return how much. A fault is logged and None returned: the other jobs go on."""
        try:
            task: Callable[[], int] = import_string(self.task)
            return task()
        except Exception:
            logger.exception("Work failed: %s.", self.name)
            return None


JOBS: Sequence[Job] = (
    Job(name="files read", task="knowledge.files.texts.read_pending", every=timedelta(seconds=5)),
    Job(name="digests", task="knowledge.alerts.digest.tell_due", every=timedelta(minutes=5)),
    Job(name="mails sent", task="knowledge.mail.outbox.deliver", every=timedelta(seconds=5)),
    Job(
        name="stray files moved or removed",
        task="knowledge.files.strays.remove_strays",
        every=timedelta(hours=6),
    ),
    Job(name="things forgotten", task="knowledge.retention.forget_old", every=timedelta(hours=6)),
    Job(
        name="rare questions forgotten",
        task="knowledge.alerts.unanswered.forget_rare",
        every=timedelta(hours=6),
    ),
)


class Worker:
    """Does the jobs in turn until it is told to stop."""

    def __init__(self, jobs: Sequence[Job] = JOBS) -> None:
        self._jobs = jobs
        self._due = dict.fromkeys((job.name for job in jobs), 0.0)
        self._beaten_at = float("-inf")
        self._stops = False
        self.failed: set[str] = set()
        """Names of the jobs that failed at least once."""

    def stop(self, *_signal: object) -> None:
        """Stop after the job that is being done; fit for a signal handler."""
        self._stops = True

    def work_once(self) -> None:
        """Do all there is to do now."""
        for job in self._jobs:
            for _round in range(_MOST_ROUNDS):
                if self._stops or not self._do(job):
                    break

    def work(self, *, pause: float = 0.5, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Work until told to stop, or until `goes_on` says no."""
        while not self._stops and goes_on():
            if not self.work_a_round():
                time.sleep(pause)

    def work_a_round(self) -> int:
        """Do some of each job that is due; return how much was done."""
        done = 0
        for job in self._jobs:
            if self._stops:
                break
            if time.monotonic() >= self._due[job.name]:
                done += self._do(job)
        return done

    def _do(self, job: Job) -> int:
        _close_old_connections()
        self._beat()
        done = job.run()
        if done is None:
            self.failed.add(job.name)
        if done:
            logger.info("%s: %d", job.name, done)
        else:
            self._due[job.name] = time.monotonic() + job.every.total_seconds()
        return done or 0

    def _beat(self) -> None:
        """Show that a worker runs; not more often than anybody looks."""
        if time.monotonic() - self._beaten_at < _BEAT_EVERY.total_seconds():
            return
        try:
            WorkerPulse.objects.update_or_create(pk=1, defaults={"beat_at": timezone.now()})
        except Exception:  # the database may be away for a moment; the jobs will say so too
            logger.exception("The worker could not show that it runs.")
        self._beaten_at = time.monotonic()


def _close_old_connections() -> None:
    """Let connections that broke be opened anew, as a request would; not those of a transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def seconds_since_beat() -> float | None:
    """Return how long ago a worker last showed that it runs; None if none ever did."""
    pulse = WorkerPulse.objects.filter(pk=1).first()
    return (timezone.now() - pulse.beat_at).total_seconds() if pulse is not None else None


def is_working() -> bool:
    """Return True if a worker has shown that it runs in the last minutes."""
    seconds = seconds_since_beat()
    return seconds is not None and seconds < SILENT_AFTER.total_seconds()


def work_waiting() -> dict[str, tuple[str, int]]:
    """Return name → (meaning, how many) of what waits for a worker or for a person."""
    return {
        "mails_due": ("Mails to be handed over now", due_mails().count()),
        "mails_unsent": ("Mails that have not left, for whatever reason", mails_unsent().count()),
        "mails_in_doubt": ("Mails that may have been sent or not", mails_in_doubt().count()),
        "mails_given_up": ("Mails that could not be sent", mails_given_up().count()),
    }

"""The worker: reads files, tells of new works, delivers mail."""

import contextlib
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.work import Worker, seconds_since_beat


class Command(BaseCommand):
    """Work until told to stop (SIGTERM, SIGINT): the job that is being done is ended first."""

    help = "Read files, tell of new works, deliver mail; until stopped, or --once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="do what there is to do and end, for cron"
        )
        parser.add_argument(
            "--beside", type=int, metavar="PID", help="end when that process has ended"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker()
        before = {one: signal.signal(one, worker.stop) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            if options["once"]:
                seconds_since_beat()  # fails where the database does, before each job does so
                worker.work_once()
                if worker.failed:
                    names = ", ".join(sorted(worker.failed))
                    raise CommandError(f"Failed: {names}. The log says why.")
            else:
                beside = options["beside"]
                worker.work(goes_on=lambda: beside is None or _is_running(beside))
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _is_running(pid: int) -> bool:
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True

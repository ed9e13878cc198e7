"""`manage.py index_status [--json]`."""

import dataclasses
import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from embeddings.service import index_status
from embeddings.status import IndexStatus, SnapshotStatus
from knowledge.models import PendingSync


class Command(BaseCommand):
    """Say how the index is: rows, languages, log, the view of a process, the snapshot on disk."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, **options: Any) -> None:
        status, pending = index_status(), PendingSync.objects.count()
        if options["json"]:
            found = {**dataclasses.asdict(status), "pending": pending}
            self.stdout.write(json.dumps(found, cls=DjangoJSONEncoder, indent=2))
            return
        for name, value in table(status, pending):
            self.stdout.write(f"{name:<11} {value}")


def table(status: IndexStatus, pending: int) -> list[tuple[str, str]]:
    """Return what is shown to people, name and value a line."""
    languages = sorted(status.by_language.items(), key=lambda item: (-item[1], item[0]))
    view = status.view
    return [
        ("Passages", f"{status.passages} of {status.documents} documents, {status.works} works"),
        ("Languages", ", ".join(f"{code} {count}" for code, count in languages) or "none"),
        ("Encoder", _encoder(status)),
        ("Log", f"{status.log_start} to {status.position}, generation {status.generation}"),
        ("Pending", f"{pending} marks" if pending else "no page waits to be indexed"),
        (
            "View",
            f"{view.base_passages} passages in the base, {view.tail_passages} since, "
            f"{view.dead_passages} outdated; vectors: {view.dense_kind}",
        ),
        ("Snapshot", _snapshot(status)),
    ]


def _encoder(status: IndexStatus) -> str:
    if not status.encoder_id:
        return "cannot be loaded: search answers by words alone"
    floor = "no floor" if status.score_floor is None else f"floor {status.score_floor}"
    foreign = status.foreign
    waits = f"; {foreign} passages are of another: run rebuild_index" if foreign else ""
    return f"{status.encoder_id}, {floor}{waits}"


def _snapshot(status: IndexStatus) -> str:
    kept = status.snapshot
    if kept is None:
        return "none; a process builds its view from the rows"
    fault = kept.fault or _misfit(status, kept)
    if fault:
        return f"of no use: {fault}. Whoever meets it writes another; readers lose nothing"
    age = datetime.now(UTC) - kept.written_at
    behind = status.position - kept.position
    return (
        f"{kept.passages} passages at {kept.position} ({behind} changes ago), "
        f"{kept.bytes / 1e6:.1f} MB, {age.total_seconds() / 3600:.1f} h old, {kept.path}"
    )


def _misfit(status: IndexStatus, kept: SnapshotStatus) -> str:
    """Return why a snapshot that is whole does not fit the rows; empty when it does."""
    if kept.encoder_id != status.encoder_id:
        return f"it was made with {kept.encoder_id or 'no encoder'}"
    if not status.log_start <= kept.position <= status.position:
        return "the log does not lead from it to the rows"
    return ""

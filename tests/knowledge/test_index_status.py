import io
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from embeddings.models import IndexState, Passage
from embeddings.service import index_status
from embeddings.status import IndexStatus, SnapshotStatus
from knowledge.management.commands.index_status import table
from knowledge.models import PendingSync
from knowledge.sync import drain_pending
from tests.factories import work

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("index_status", *arguments, stdout=output)
    return output.getvalue()


def shown(**changes: Any) -> dict[str, str]:
    return dict(table(replace(index_status(), **changes), 0))


def a_snapshot(status: IndexStatus, **changes: Any) -> SnapshotStatus:
    kept = SnapshotStatus(
        path="here/3-abc",
        position=status.position,
        passages=4,
        encoder_id=status.encoder_id,
        bytes=2_500_000,
        written_at=datetime.now(UTC) - timedelta(hours=2),
        fault=None,
    )
    return replace(kept, **changes)


def three_works() -> None:
    work(title="Honey", text="Honey.")
    work(title="Mật ong", text="Mật ong.", language="vi")
    work(title="Tre", text="Tre.", language="vi")
    drain_pending()


def test_people_read_rows_languages_encoder_and_log() -> None:
    three_works()
    lines = dict(line.split(maxsplit=1) for line in run().splitlines())
    state = IndexState.objects.get()
    assert list(lines) == ["Passages", "Languages", "Encoder", "Log", "Pending", "View", "Snapshot"]
    assert lines["Passages"] == "6 of 3 documents, 3 works"
    assert lines["Languages"] == "vi 4, en 2"
    assert lines["Encoder"] == f"{Passage.objects.first().encoder_id}, floor 0.45"
    assert lines["Log"] == f"0 to {state.position}, generation {state.generation}"
    assert lines["Pending"] == "no page waits to be indexed"
    assert lines["View"].startswith("6 passages in the base, 0 since, 0 outdated; vectors: ")
    assert lines["Snapshot"].startswith("none")


def test_programs_read_every_field_and_the_pending_marks() -> None:
    three_works()
    PendingSync.objects.create(page_id=1)
    told = json.loads(run("--json"))
    assert set(told) == {field.name for field in fields(IndexStatus)} | {"pending"}
    assert told["by_language"] == {"vi": 4, "en": 2}
    assert (told["passages"], told["documents"], told["works"], told["pending"]) == (6, 3, 3, 1)
    assert told["view"]["position"] == told["position"] == 3
    assert told["snapshot"] is None


def test_an_empty_portal_has_a_status_too() -> None:
    assert "0 of 0 documents" in run()
    assert json.loads(run("--json"))["passages"] == 0


def test_marks_that_wait_are_told() -> None:
    PendingSync.objects.bulk_create([PendingSync(page_id=1), PendingSync(page_id=2)])
    assert "Pending     2 marks" in run()


def test_passages_of_another_encoder_are_told_with_what_to_do(settings: Settings) -> None:
    three_works()
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "embeddings.encoders.fake.FakeEncoder"}}
    assert "6 passages are of another: run rebuild_index" in run()


def test_an_encoder_that_cannot_be_loaded_is_told_in_words(settings: Settings) -> None:
    three_works()
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "no.such.Encoder"}}
    assert "cannot be loaded: search answers by words alone" in run()
    assert json.loads(run("--json"))["encoder_id"] == ""


def test_a_kept_snapshot_is_told_with_where_it_stands(settings: Settings, tmp_path: Path) -> None:
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "INDEX_DIR": tmp_path, "SNAPSHOT_FROM": 1}
    three_works()
    told = json.loads(run("--json"))["snapshot"]
    assert (told["position"], told["passages"], told["fault"]) == (3, 6, None)
    assert Path(told["path"]).parent == tmp_path
    assert "6 passages at 3 (0 changes ago)" in run()


def test_a_fault_is_told_by_the_one_who_meets_it(settings: Settings, tmp_path: Path) -> None:
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "INDEX_DIR": tmp_path, "SNAPSHOT_FROM": 1}
    three_works()
    run()
    (tmp_path / (tmp_path / "CURRENT").read_text() / "manifest.json").write_text("{}")
    assert "its manifest is damaged" in run()


def test_age_and_size_of_a_snapshot_are_in_units_for_people() -> None:
    three_works()
    status = index_status()
    line = shown(snapshot=a_snapshot(status, position=1))["Snapshot"]
    assert line == "4 passages at 1 (2 changes ago), 2.5 MB, 2.0 h old, here/3-abc"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fault": "its manifest is damaged"}, "its manifest is damaged"),
        ({"encoder_id": "other-1"}, "it was made with other-1"),
        ({"encoder_id": ""}, "it was made with no encoder"),
        ({"position": 99}, "the log does not lead from it to the rows"),
    ],
)
def test_why_a_snapshot_is_of_no_use_is_told_in_words(changes: dict[str, Any], reason: str) -> None:
    three_works()
    line = shown(snapshot=a_snapshot(index_status(), **changes))["Snapshot"]
    assert line.startswith(f"of no use: {reason}. ")


def test_a_snapshot_from_before_the_log_begins_is_of_no_use() -> None:
    three_works()
    line = shown(log_start=2, snapshot=a_snapshot(index_status(), position=1))["Snapshot"]
    assert "the log does not lead from it" in line

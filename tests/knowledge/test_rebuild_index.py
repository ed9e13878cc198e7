import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from pytest_django import Settings

from embeddings.conf import get_encoder
from embeddings.models import IndexState, Passage
from embeddings.snapshot import read_status
from embeddings.telemetry import passages_encoded
from knowledge import sync
from knowledge.models import PendingSync
from knowledge.models.base import WorkPage
from tests.factories import work

pytestmark = pytest.mark.django_db


def rebuild() -> str:
    output = io.StringIO()
    call_command("rebuild_index", stdout=output, verbosity=0)
    return output.getvalue()


@pytest.fixture
def pages() -> list[WorkPage]:
    """Three published works without any passage yet."""
    made = [work(title=title, text=f"{title}.") for title in ("Honey", "Bamboo", "Water")]
    Passage.objects.all().delete()
    PendingSync.objects.all().delete()
    return made


@pytest.fixture
def encoded() -> Iterator[list[int]]:
    """How many passages got a vector, one number each time."""
    numbers: list[int] = []

    def note(report: Any, **_: Any) -> None:
        numbers.append(report.passages)

    passages_encoded.connect(note)
    yield numbers
    passages_encoded.disconnect(note)


def fail_at(page: WorkPage, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    load = sync.load_document

    def loaded(page_id: int) -> Any:
        if page_id == page.pk:
            raise error
        return load(page_id)

    monkeypatch.setattr(sync, "load_document", loaded)


def test_a_rebuild_that_was_stopped_goes_on_where_it_was(
    pages: list[WorkPage], encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        fail_at(pages[2], KeyboardInterrupt(), patched)
        with pytest.raises(KeyboardInterrupt):
            rebuild()
    done = list(Passage.objects.order_by("pk").values_list("pk", flat=True))
    assert (len(done), sum(encoded)) == (4, 4)
    assert rebuild().startswith("1 pages indexed, 2 unchanged, 0 removed; 6 passages")
    assert sum(encoded) == 6
    assert list(Passage.objects.order_by("pk").values_list("pk", flat=True))[:4] == done


def test_a_page_that_fails_is_named_and_keeps_no_other_from_being_indexed(
    pages: list[WorkPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(pages[0], ValueError("broken"), monkeypatch)
    with pytest.raises(CommandError, match=rf"1 pages .*: {pages[0].pk}\.") as caught:
        rebuild()
    assert caught.value.returncode == 1
    assert set(Passage.objects.values_list("title", flat=True)) == {"Bamboo", "Water"}


def test_a_database_that_fails_stops_the_rebuild_at_once(
    pages: list[WorkPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(pages[0], OperationalError("disk I/O error"), monkeypatch)
    with pytest.raises(OperationalError):
        rebuild()
    assert not Passage.objects.exists()


def test_marks_are_worked_off_and_their_pages_counted(pages: list[WorkPage]) -> None:
    PendingSync.objects.create(page_id=pages[0].pk)
    assert rebuild().startswith("3 pages indexed")
    assert not PendingSync.objects.exists()


@pytest.fixture
def kept_in(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep a snapshot of even the smallest collection; the tests' own priority stays."""
    monkeypatch.setattr(os, "nice", lambda _: 0)
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "INDEX_DIR": tmp_path, "SNAPSHOT_FROM": 5}
    return tmp_path


def test_where_a_snapshot_is_kept_a_rebuild_writes_it(pages: list[WorkPage], kept_in: Path) -> None:
    assert "Snapshot of 6 passages" in rebuild()
    state, encoder_id = IndexState.objects.get(), get_encoder().encoder_id
    kept = read_status(kept_in, generation=state.generation, encoder_id=encoder_id)
    assert kept is not None
    assert (kept.position, kept.fault) == (state.position, None)


def test_a_snapshot_that_is_up_to_date_is_left_alone(pages: list[WorkPage], kept_in: Path) -> None:
    rebuild()
    before = (kept_in / "CURRENT").read_text()
    assert "Snapshot" not in rebuild()
    assert (kept_in / "CURRENT").read_text() == before


def test_a_small_collection_gets_no_snapshot(pages: list[WorkPage], kept_in: Path) -> None:
    pages[0].delete()
    assert "Snapshot" not in rebuild()
    assert list(kept_in.iterdir()) == []

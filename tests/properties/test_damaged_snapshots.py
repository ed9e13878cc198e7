"""A snapshot that is damaged, foreign or gone is noticed, and built again from the rows."""

import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from embeddings.models import DocumentChange, IndexState, Passage
from embeddings.service import compare_rows_with_view
from embeddings.view import forget_view
from knowledge.rights import AnonymousReader
from knowledge.search.service import search_knowledge
from tests.factories import work

pytestmark = pytest.mark.django_db

Settings = Any
OTHER_ENCODER = {"BACKEND": "embeddings.encoders.fake.FakeEncoder", "OPTIONS": {"dimensions": 32}}


@pytest.fixture
def index_dir(settings: Settings, tmp_path: Path) -> Path:
    """Where a portal with a few works has its snapshot, the last change not yet in it."""
    directory = tmp_path / "index"
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "INDEX_DIR": directory, "SNAPSHOT_FROM": 1}
    pages = [
        work(title=f"Honey {number}", text=f"Honey and water {number}.") for number in range(4)
    ]
    answers()
    pages[0].delete()
    pages[1].title = "Renamed"
    pages[1].save_revision().publish()
    return directory


def answers() -> list[object]:
    return [
        search_knowledge(question, reader=AnonymousReader(), limit=50)
        for question in ("honey", "renamed", "")
    ]


def answers_of_a_new_process() -> list[object]:
    forget_view()
    found = answers()
    assert compare_rows_with_view().is_consistent
    return found


def in_force(index_dir: Path) -> Path:
    return index_dir / (index_dir / "CURRENT").read_text().strip()


def files_of(directory: Path) -> list[Path]:
    """Return the files that hold something, those with random names by what they are."""
    files = [path for path in directory.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return sorted((one for one in files if one.stat().st_size), key=lambda one: one.suffix)


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was said about snapshots since the last time."""
    said = [
        record.getMessage()
        for record in caplog.records
        if record.levelname in {"WARNING", "ERROR"} and record.name.startswith("embeddings.")
    ]
    caplog.clear()
    return [line for line in said if "reads as" not in line]


def put(path: Path, content: bytes) -> None:
    """Put a file in another's place: threads of tantivy may still read the old one, mapped."""
    other = path.with_name(path.name + ".other")
    other.write_bytes(content)
    other.replace(path)


def cut_short(path: Path) -> None:
    put(path, path.read_bytes()[:-1])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    put(path, content)


def empty(path: Path) -> None:
    put(path, b"")


def lengthen(path: Path) -> None:
    put(path, path.read_bytes() + b"\0")


@pytest.mark.parametrize(
    "damage", [cut_short, flip_a_bit, empty, lengthen, Path.unlink], ids=lambda one: one.__name__
)
def test_each_damaged_file_is_noticed_and_the_snapshot_made_anew(
    damage: Callable[[Path], None], index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = answers()
    count = len(files_of(in_force(index_dir)))
    assert count > 10
    for number in range(0, count, 1 if damage is flip_a_bit else 4):
        before = in_force(index_dir)
        path = files_of(before)[number]
        damage(path)
        faults(caplog)
        assert answers_of_a_new_process() == expected, path
        assert faults(caplog), path
        assert in_force(index_dir) != before, path
        assert answers_of_a_new_process() == expected
        assert not faults(caplog), path  # the new one is whole


def test_no_bit_of_the_manifest_can_change_unnoticed(
    index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A log position that reads as a later one would hide changes for good."""
    expected = answers()
    length = (in_force(index_dir) / "manifest.json").stat().st_size
    for place in range(0, length, max(1, length // 40)):
        path = in_force(index_dir) / "manifest.json"
        content = bytearray(path.read_bytes())
        content[min(place, len(content) - 1)] ^= 1
        path.write_bytes(content)
        faults(caplog)
        assert answers_of_a_new_process() == expected, content
        assert faults(caplog), content


def test_a_manifest_with_a_later_position_hides_no_change(
    index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = answers()
    path = in_force(index_dir) / "manifest.json"
    manifest = json.loads(path.read_text())
    newest = IndexState.objects.get().position
    assert manifest["position"] < newest
    path.write_text(
        path.read_text().replace(f'"position":{manifest["position"]}', f'"position":{newest}')
    )
    faults(caplog)
    assert answers_of_a_new_process() == expected
    assert faults(caplog)


@pytest.mark.parametrize("content", [b"", b"nothing-here\n", b"..", b"\xff\xfe", b"\0", b"/"])
def test_a_pointer_to_nowhere_is_noticed(
    content: bytes, index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = answers()
    (index_dir / "CURRENT").write_bytes(content)
    faults(caplog)
    assert answers_of_a_new_process() == expected
    assert faults(caplog)
    assert answers_of_a_new_process() == expected
    assert not faults(caplog)


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"format": 1}', "null", "{", '{"format": 1, "files": 3}']
)
def test_a_manifest_that_says_nothing_is_noticed(
    content: str, index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = answers()
    (in_force(index_dir) / "manifest.json").write_text(content)
    faults(caplog)
    assert answers_of_a_new_process() == expected
    assert faults(caplog)


def test_everything_can_be_deleted_at_any_moment(index_dir: Path) -> None:
    expected = answers()
    shutil.rmtree(index_dir)
    assert answers() == expected  # of the process that holds the deleted files open
    work(title="New honey", text="Honey.", slug="new")
    expected = answers()
    assert len(expected[0].cards) == 4
    assert answers_of_a_new_process() == expected
    (index_dir / "CURRENT").unlink()
    assert answers_of_a_new_process() == expected


def test_a_snapshot_of_another_database_is_not_used(
    index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers()
    position = IndexState.objects.get().position
    Passage.objects.filter(title="Honey 2").delete()
    IndexState.objects.all().delete()
    IndexState.objects.create(pk=1, position=position)  # as many changes, other ones
    faults(caplog)
    forget_view()
    found = search_knowledge("honey", reader=AnonymousReader())
    assert {card.title for card in found.cards} == {"Renamed", "Honey 3"}
    assert any("another log" in line for line in faults(caplog))


def test_a_snapshot_of_a_later_state_than_the_database_is_not_used(
    index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A backup was restored: its log ends before the snapshot."""
    answers()
    call_command("write_snapshot")
    Passage.objects.filter(title="Honey 2").delete()
    IndexState.objects.update(position=1)
    faults(caplog)
    forget_view()
    found = search_knowledge("honey", reader=AnonymousReader())
    assert {card.title for card in found.cards} == {"Renamed", "Honey 3"}
    assert faults(caplog)


def test_a_snapshot_of_another_history_than_the_database_is_not_used(
    index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A backup was restored, and as much was changed since as the snapshot already had."""
    answers()
    call_command("write_snapshot")
    last = DocumentChange.objects.latest("position")
    last.stamp = uuid.uuid4()
    last.save()
    Passage.objects.filter(title="Honey 2").delete()
    faults(caplog)
    forget_view()
    found = search_knowledge("honey", reader=AnonymousReader())
    assert {card.title for card in found.cards} == {"Renamed", "Honey 3"}
    assert any("restored" in line for line in faults(caplog))


def test_a_snapshot_of_another_encoder_is_not_used(
    index_dir: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    answers()
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "ENCODER": OTHER_ENCODER}
    faults(caplog)
    by_words = search_knowledge("honey", reader=AnonymousReader())
    assert {card.title for card in by_words.cards} == {"Renamed", "Honey 2", "Honey 3"}
    assert any("it was made with" in line for line in faults(caplog))


def test_what_a_killed_writer_left_is_in_nobodys_way(
    index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = answers()
    half = index_dir / "99-abandoned"
    shutil.copytree(in_force(index_dir), half)
    (half / "manifest.json").unlink()
    (index_dir / "CURRENT.0123456789").write_text("99-abandoned")
    faults(caplog)
    assert answers_of_a_new_process() == expected
    assert not faults(caplog)
    call_command("write_snapshot")
    assert answers_of_a_new_process() == expected

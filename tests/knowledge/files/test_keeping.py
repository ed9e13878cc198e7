"""Files are kept whole, found again by their text, and read again when a reader dies."""

import io
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from knowledge.files import limited, texts
from knowledge.files.keeping import keep_file
from knowledge.files.limited import Interrupted
from knowledge.files.strays import remove_strays
from knowledge.files.texts import read_file, read_pending
from knowledge.models import FilePart, ReadingState, StoredFile
from tests.knowledge.files import documents, hostile
from tests.knowledge.files.conftest import everything_in

pytestmark = pytest.mark.django_db
Kept = Callable[..., StoredFile]


def test_a_file_is_kept_under_a_name_that_tells_nothing(kept: Kept, places: Path) -> None:
    content = hostile.pdf()
    stored = kept(content, "รายงาน น้ำผึ้ง.PDF")
    assert stored.title == "รายงาน น้ำผึ้ง"
    assert stored.media_type == "application/pdf"
    assert stored.reading == ReadingState.PENDING
    assert [path.suffix for path in everything_in(places)] == [".pdf"]
    assert len(stored.filename) == 36
    assert stored.file.read() == content


def test_the_same_file_handed_in_again_is_the_same(kept: Kept, user: User, places: Path) -> None:
    content = hostile.pdf()
    first = kept(content, "a.pdf")
    assert kept(content, "b.pdf") == first
    assert len(everything_in(places)) == 1
    other = User.objects.create_user("other")
    assert kept(content, "a.pdf", user=other) != first


def test_when_the_row_cannot_be_written_no_bytes_stay(
    kept: Kept, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("django.db.models.Model.save_base", fail)
    with pytest.raises(RuntimeError):
        kept(hostile.pdf(), "a.pdf")
    assert everything_in(places.parent) == []


def age(*paths: Path, days: float = 1.1) -> None:
    for path in paths:
        os.utime(path, (time.time() - days * 24 * 3600,) * 2)


def strays(places: Path, count: int) -> list[Path]:
    """Files of some days ago that no row names."""
    paths = [places / "documents" / f"{number}.pdf" for number in range(count)]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    age(*paths, days=3)
    return paths


def test_bytes_that_a_killed_process_left_are_set_aside_and_no_others(
    kept: Kept, places: Path
) -> None:
    stored = kept(hostile.pdf(), "a.pdf")
    old, new = places / "documents" / "old.pdf", places / "documents" / "new.pdf"
    upload = places.parent / "incoming" / "x.upload"
    for path in (old, new, upload):
        path.write_bytes(b"x")
    age(old, upload, Path(stored.file.path))
    assert remove_strays() == 2
    aside = places / "stray" / "old.pdf"
    assert set(everything_in(places.parent)) == {Path(stored.file.path), new, aside}


def test_what_was_set_aside_is_deleted_after_the_days_that_a_setting_says(places: Path) -> None:
    strays(places, 2)
    assert remove_strays() == 2
    assert remove_strays() == 0  # their age counts from then on
    aside = places / "stray" / "1.pdf"
    age(aside, days=31)
    assert remove_strays() == 1
    assert [path.name for path in everything_in(places)] == ["0.pdf"]


def test_with_the_database_they_belong_to_files_come_back(kept: Kept, places: Path) -> None:
    content = hostile.pdf()
    stored = kept(content, "a.pdf")
    path, name = Path(stored.file.path), stored.file.name
    age(path)
    StoredFile.objects.update(file="documents/another.pdf")  # an older database, say
    assert remove_strays() == 1
    assert not path.exists()
    StoredFile.objects.update(file=name)
    assert remove_strays() == 1
    assert path.read_bytes() == content


def test_nothing_is_moved_where_most_files_are_in_no_row(
    kept: Kept, places: Path, caplog: Any
) -> None:
    kept(hostile.pdf(), "a.pdf")
    paths = strays(places, 10)
    assert remove_strays() == 0
    assert all(path.exists() for path in paths)
    assert "10 of 11 files" in caplog.text
    paths[0].unlink()
    assert remove_strays() == 9


def test_deleting_a_file_deletes_its_bytes_and_pictures(
    kept: Kept, places: Path, django_capture_on_commit_callbacks: Any
) -> None:
    from knowledge.files.page_pictures import page_picture

    stored = kept(hostile.pdf(), "a.pdf")
    assert page_picture(stored, 1).startswith(b"RIFF")
    with django_capture_on_commit_callbacks(execute=True):
        stored.delete()
    assert everything_in(places.parent) == []


def test_a_file_is_read_into_its_parts(kept: Kept, tmp_path: Path) -> None:
    stored = kept(documents.slides(tmp_path / "a.pptx", "vi").path)
    assert read_pending() == 1
    stored.refresh_from_db()
    assert stored.reading == ReadingState.READ
    assert [part.number for part in stored.parts.all()] == list(range(1, 9))
    assert {part.kind for part in stored.parts.all()} == {FilePart.Kind.SLIDE}
    assert read_pending() == 0


def test_pictures_of_pages_are_said_to_be_that(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    written = io.BytesIO()
    from PIL import Image

    Image.new("RGB", (60, 80), "white").save(written, "PDF")
    stored = kept(written.getvalue(), "a.pdf")
    read_pending()
    stored.refresh_from_db()
    assert stored.reading == ReadingState.SCANNED
    assert stored.parts.count() == 1


def test_a_file_that_cannot_be_read_fails_with_a_reason(kept: Kept) -> None:
    stored = kept(hostile.word(), "a.docx")
    Path(stored.file.path).write_bytes(hostile.word()[:-200])
    read_pending()
    stored.refresh_from_db()
    assert (stored.reading, stored.problem) == (ReadingState.FAILED, "broken")
    assert read_pending() == 0


def test_a_file_whose_bytes_are_gone_fails(kept: Kept) -> None:
    stored = kept(hostile.word(), "a.docx")
    Path(stored.file.path).unlink()
    read_pending()
    stored.refresh_from_db()
    assert stored.reading == ReadingState.FAILED


def test_a_file_that_kills_its_readers_is_given_up(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = kept(hostile.word(), "a.docx")
    tried = []

    def die(*args: Any) -> None:
        tried.append(1)
        raise Interrupted

    monkeypatch.setattr(texts, "texts_of", die)
    for _ in range(10):
        read_pending()
    stored.refresh_from_db()
    assert (len(tried), stored.reading, stored.problem) == (3, ReadingState.FAILED, "too_hard")


def test_a_claim_holds_until_it_is_void(kept: Kept) -> None:
    """What a reader that was killed had claimed is read after a while, once."""
    stored = kept(hostile.word(), "a.docx")
    claim = StoredFile.objects.filter(pk=stored.pk)
    claim.update(claimed_at=timezone.now() - timedelta(minutes=5), tries=1)
    assert read_pending() == 0
    claim.update(claimed_at=timezone.now() - timedelta(minutes=30))
    assert read_pending() == 1
    stored.refresh_from_db()
    assert (stored.reading, stored.tries) == (ReadingState.READ, 2)


def test_a_child_that_is_killed_loses_nothing(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = kept(documents.word(tmp_path / "a.docx", "vi").path)
    run = subprocess.run

    def killed(command: Any, **options: Any) -> Any:
        options.pop("timeout")
        options.pop("check")
        with subprocess.Popen(command, **options) as started:
            os.kill(started.pid, signal.SIGKILL)
        return subprocess.CompletedProcess(command, started.returncode)

    monkeypatch.setattr(limited.subprocess, "run", killed)
    read_file(stored)
    stored.refresh_from_db()
    assert stored.reading == ReadingState.PENDING
    monkeypatch.setattr(limited.subprocess, "run", run)
    assert read_pending() == 1
    stored.refresh_from_db()
    assert (stored.reading, stored.parts.count()) == (ReadingState.READ, 4)


def test_reading_twice_leaves_one_part_a_page(kept: Kept, tmp_path: Path) -> None:
    stored = kept(documents.word(tmp_path / "a.docx", "vi").path)
    read_file(stored)
    read_file(stored)
    assert stored.parts.count() == 4


# Wagtail's own way in.


def add_in_admin(client: Client, name: str, content: bytes) -> Any:
    root = StoredFile._meta.get_field("collection").related_model.get_first_root_node()
    fields = {"title": "T", "file": SimpleUploadedFile(name, content), "collection": root.pk}
    return client.post("/admin/documents/add/", fields)


def test_what_editors_add_in_the_admin_passes_the_same_checks(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    response = add_in_admin(client, "a.docx", hostile.word_with(**{"word/vbaProject.bin": b"x"}))
    assert "The file holds macros" in response.content.decode()
    assert "File extension" not in response.content.decode()  # nothing is wrong with that
    assert not StoredFile.objects.exists()
    content = hostile.word()
    add_in_admin(client, "a.docx", content)
    stored = StoredFile.objects.get()
    assert stored.media_type.endswith("wordprocessingml.document")
    assert len(stored.filename) == 37
    assert stored.file.read() == content


def test_several_at_once_in_the_admin_too(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    root = StoredFile._meta.get_field("collection").related_model.get_first_root_node()
    for name, content in (("bad.png", hostile.SVG), ("good.png", hostile.png())):
        client.post(
            "/admin/documents/multiple/add/",
            {"title": "T", "files[]": SimpleUploadedFile(name, content), "collection": root.pk},
            headers={"x-requested-with": "XMLHttpRequest"},
        )
    assert [stored.media_type for stored in StoredFile.objects.all()] == ["image/png"]


def test_a_new_file_in_the_admin_is_read_anew(client: Client, kept: Kept) -> None:
    client.force_login(User.objects.create_superuser("root"))
    stored = kept(hostile.word(), "a.docx")
    read_pending()
    fields = {
        "title": "T", "file": SimpleUploadedFile("b.pdf", hostile.pdf()),
        "collection": stored.collection_id,
    }  # fmt: skip
    client.post(f"/admin/documents/edit/{stored.pk}/", fields)
    stored.refresh_from_db()
    assert (stored.media_type, stored.reading) == ("application/pdf", ReadingState.PENDING)


def test_keeping_needs_a_user_only_for_the_row(user: User) -> None:
    stored = keep_file(SimpleUploadedFile("a.csv", b"a,b\n1,2\n"), user=user)
    assert stored.uploaded_by_user == user

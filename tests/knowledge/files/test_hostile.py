"""No hostile file is kept, none is worked on without limits, and each is refused with a reason."""

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from knowledge.files.inspection import inspect
from knowledge.files.keeping import FileRefused, keep_file
from knowledge.files.kinds import kind_named
from knowledge.files.limited import Interrupted, kind_by_content, texts_of
from knowledge.files.limits import Limits
from knowledge.files.names import clean_name
from knowledge.files.problems import words_for
from knowledge.files.refusal import Problem, Refused
from knowledge.models import StoredFile
from tests.knowledge.files import hostile
from tests.knowledge.files.conftest import everything_in
from tests.knowledge.files.hostile import CASES


@pytest.mark.parametrize(
    ("name", "made", "code"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_is_refused_for_its_reason(
    name: str, made: Callable[[], bytes], code: str, tmp_path: Path
) -> None:
    path = hostile.write(tmp_path / "upload", made())
    with pytest.raises(Refused) as refused:
        inspect(path, clean_name(name)[1], Limits())
    assert refused.value.problem == code


SOUND = [
    ("a.pdf", hostile.pdf), ("a.docx", hostile.word), ("a.pptx", hostile.slides),
    ("a.xlsx", hostile.book), ("a.png", hostile.png), ("a.jpeg", lambda: hostile.png(form="JPEG")),
    ("a.webp", lambda: hostile.png(form="WEBP")), ("a.csv", "tên,giá\nmật ong,5\n".encode),
    ("a.csv", lambda: "ชื่อ;ราคา\n".encode("utf-16")),
    ("a.pdf", lambda: hostile.pdf_with("")),
    ("a.docx", lambda: hostile.relationship("hyperlink", "https://example.org/")),
    ("a.xlsx", lambda: hostile.nested(1)),
    ("a.pdf", lambda: hostile.pdf("The words /JavaScript and /Launch in a text.")),
    ("A.PDF", hostile.pdf),
]  # fmt: skip


@pytest.mark.parametrize(("name", "made"), SOUND)
def test_what_is_sound_is_taken(name: str, made: Callable[[], bytes], tmp_path: Path) -> None:
    """Else refusing everything would pass the suite."""
    path = hostile.write(tmp_path / "upload", made())
    extension = clean_name(name)[1]
    assert inspect(path, extension, Limits()) is kind_named(extension)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 3, 13, 28, 29, 49])
def test_a_refusal_leaves_nothing_behind(number: int, user: User, places: Path) -> None:
    what, name, made, code = CASES[number]
    with pytest.raises(FileRefused) as refused:
        keep_file(SimpleUploadedFile(name, made()), user=user)
    assert refused.value.code == code, what
    assert str(refused.value) == words_for(code)
    assert not StoredFile.objects.exists()
    assert everything_in(places.parent) == []


def test_every_problem_has_words() -> None:
    with translation.override("en"):
        assert all(len(words_for(problem)) > 20 for problem in Problem)
    assert words_for("no such code") == ""


@pytest.mark.parametrize(
    ("given", "stem", "ending"),
    [
        ("../../etc/passwd.pdf", "passwd", "pdf"),
        ("C:\\Users\\x\\Báo cáo.PDF", "Báo cáo", "pdf"),
        ("รายงานน้ำผึ้ง ๒๕๖๗.pptx", "รายงานน้ำผึ้ง ๒๕๖๗", "pptx"),
        ("report\u202efdp.exe", "reportfdp", "exe"),
        ("a\x00b\n.pdf", "ab", "pdf"),
        (".htaccess", "", "htaccess"),
        ("  .. .pdf", "", "pdf"),
        ("x" * 400 + ".pdf", "x" * 150, "pdf"),
        ("Cafe\u0301.docx", "Café", "docx"),
        ("", "", ""),
    ],
)
def test_names_are_cleaned_and_keep_their_letters(given: str, stem: str, ending: str) -> None:
    assert clean_name(given) == (stem, ending)


def test_a_file_above_the_limit_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as opened:
        opened.write(b"%PDF-1.7\n")
        opened.truncate(200 * 1024 * 1024)  # sparse
    with pytest.raises(Refused, match="too_large"):
        inspect(path, "pdf", Limits())


def test_a_reader_that_asks_for_too_much_memory_is_stopped(tmp_path: Path) -> None:
    path = hostile.write(tmp_path / "a.png", hostile.png((5_000, 5_000)))
    assert kind_by_content(path, "png", Limits()) == "image/png"
    with pytest.raises(Refused, match="too_hard"):
        kind_by_content(path, "png", Limits(memory=90 * 1024 * 1024))


def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    endless = tmp_path / "a.csv"
    os.mkfifo(endless)
    started = time.monotonic()
    with pytest.raises(Interrupted):
        texts_of(endless, "text/csv", Limits(reading_seconds=1))
    assert time.monotonic() - started < 5


def test_an_answer_that_is_too_long_is_cut_off(tmp_path: Path) -> None:
    path = hostile.write(tmp_path / "a.csv", b"name,price\n" * 500)
    assert texts_of(path, "text/csv", Limits(answer=50_000))
    with pytest.raises(Interrupted):
        texts_of(path, "text/csv", Limits(answer=500))


def test_the_child_process_needs_neither_django_nor_the_database(tmp_path: Path) -> None:
    """It must not hold what a foreign file could steal."""
    program = (
        "import sys; from knowledge.files import child, inspection, drawing;"
        "from knowledge.files.readers import docx, pdf, picture, pptx, table, xlsx;"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'wagtail', 'embeddings')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_memory_stays_bounded_while_a_large_file_is_looked_into(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 4096  # one mebibyte
    parts = hostile.parts_of(hostile.word())
    parts |= {f"word/media/{n}.emf": noise for n in range(45)}
    path = hostile.write(tmp_path / "a.docx", hostile.packed(parts, zipfile.ZIP_STORED))
    assert path.stat().st_size > 45_000_000
    program = (
        "import resource, sys; from pathlib import Path;"
        "from knowledge.files.limited import kind_by_content, texts_of;"
        "from knowledge.files.limits import Limits;"
        "path = Path(sys.argv[1]); kind = kind_by_content(path, 'docx', Limits());"
        "texts_of(path, kind, Limits());"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True
    )
    assert int(done.stdout) < 200_000, done.stderr  # KiB


def test_an_upload_of_200_megabytes_is_read_through_with_little_memory_and_disk(
    tmp_path: Path,
) -> None:
    """The handler writes no more than may be kept, and the form is told the true size."""
    program = f"""
from django.conf import settings
settings.configure(
    KNOWLEDGE={{"FILES": {{"LIMITS": {{}}}}}}, FILE_UPLOAD_TEMP_DIR={str(tmp_path)!r},
    FILE_UPLOAD_HANDLERS=["knowledge.files.uploads.LimitedUploadHandler"],
)
from django.core.files.uploadhandler import load_handler
from django.http.multipartparser import MultiPartParser
from pathlib import Path

HEAD = b'--b\\r\\nContent-Disposition: form-data; name="file"; filename="a.pdf"\\r\\n\\r\\n'
FOOT = b"\\r\\n--b--\\r\\n"
SIZE = 200 * 1024 * 1024

class Body:
    def __init__(self):
        self.at, self.total = 0, len(HEAD) + SIZE + len(FOOT)
    def read(self, size=65536):
        size = min(size, self.total - self.at)
        block = bytearray(b"x") * size
        for text, place in ((HEAD, 0), (FOOT, self.total - len(FOOT))):
            for index, letter in enumerate(text):
                if self.at <= place + index < self.at + size:
                    block[place + index - self.at] = letter
        self.at += size
        return bytes(block)

body = Body()
meta = {{"CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": str(body.total)}}
handler = load_handler(settings.FILE_UPLOAD_HANDLERS[0], None)
_, files = MultiPartParser(meta, body, [handler]).parse()
upload = files["file"]
on_disk = Path(upload.temporary_file_path()).stat().st_size
status = Path("/proc/self/status").read_text().split()
print(upload.size == SIZE, on_disk <= 50 * 1024 * 1024, status[status.index("VmHWM:") + 1])
upload.close()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    said_size, bounded_disk, memory = done.stdout.split()
    assert (said_size, bounded_disk) == ("True", "True"), done.stderr
    assert int(memory) < 120_000  # KiB
    assert everything_in(tmp_path) == []

"""Text out of documents: nearly every word, in the right letters, on the right page."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import docx
import pptx
import pytest
import typst
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from PIL import Image, ImageDraw
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from knowledge.files.kinds import kind_named
from knowledge.files.limited import texts_of
from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy, unwrap, without_repeated_lines
from tests.knowledge.files import documents, hostile
from tests.knowledge.files.documents import TEN, Made


def read(path: Path, languages: tuple[str, ...] = ()) -> list[dict]:
    kind = kind_named(path.suffix[1:])
    assert kind is not None
    return texts_of(path, kind.media_type, Limits(), languages)


def words(text: str) -> list[str]:
    return [tidy(word) for word in text.split()]


@pytest.mark.parametrize(("language", "ending", "make"), TEN, ids=[f"{a}-{b}" for a, b, _ in TEN])
def test_nearly_every_word_is_read_on_its_page(
    language: str, ending: str, make: Callable[..., Made], tmp_path: Path
) -> None:
    made = make(tmp_path / f"a.{ending}", language)
    parts = read(made.path)
    assert [part["number"] for part in parts] == list(range(1, len(made.pages) + 1))
    found = wanted = 0
    for page, part in zip(made.pages, parts, strict=True):
        have = part["text"].split()
        for word in (word for text in page for word in words(text)):
            wanted += 1
            if word in have:
                have.remove(word)  # each counts once
                found += 1
    assert found >= 0.99 * wanted, f"{found} of {wanted}"


@pytest.mark.parametrize("language", ["th", "lo", "km", "ar", "vi", "ja"])
def test_what_a_browser_printed_reads_as_it_was_written(language: str, tmp_path: Path) -> None:
    """Browsers, and the office programs on the web with them, mark glyphs with their letters.

    The files were printed by Chromium from the paragraphs beside them.
    """
    directory = Path(__file__).with_name("printed")
    lines = (directory / f"{language}.txt").read_text("utf-8").splitlines()
    text = read(directory / f"{language}.pdf")[0]["text"].split("\n")
    assert [line for line in text if line] == [tidy(line) for line in lines]


def test_ligatures_and_broken_words_are_whole_again(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    source = '#set page(width: 9.5cm)\n#set text(font: "Noto Serif", hyphenate: true, lang: "fr")\n#set par(justify: true)\n'
    text = "L’efficacité difficile des organisations professionnelles internationales officielles."
    path.write_bytes(typst.compile((source + text).encode()))
    assert read(path)[0]["text"] == text


def test_running_heads_and_feet_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    made = documents.pdf(tmp_path / "a.pdf", "en", running_head="Provincial People's Committee")
    for page, part in zip(made.pages, read(made.path), strict=True):
        assert part["text"].startswith(page[0])
        assert part["text"].endswith(page[-1])


def test_lines_that_differ_by_more_than_the_page_number_stay() -> None:
    pages = [
        Part(number=n, kind="page", text=f"Table {n + 7}\nrow\nPage {n} of 9") for n in range(1, 7)
    ]
    assert [part.text for part in without_repeated_lines(pages)] == [
        f"Table {n + 7}" for n in range(1, 7)
    ]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ef\ufb01cace", "efficace"),
        ("coopé\u00ad\nrative", "coopérative"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("ນ\u0ec9\u0ecd\u0eb2", "ນ້ຳ"),
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng Việt"),
        ("\ufefb", "لا"),
        ("a\u00a0\u3000b  \n\n\n\nc", "a b\n\nc"),
    ],
)
def test_letters_are_what_was_meant(given: str, meant: str) -> None:
    assert tidy(given) == meant


def test_paragraphs_that_a_page_broke_are_joined_and_lists_are_not() -> None:
    broken = "The board grades every product twice\na year in public.\n- one point that is as long as the lines\n- two"
    assert unwrap(broken).split("\n") == [
        "The board grades every product twice a year in public.",
        "- one point that is as long as the lines",
        "- two",
    ]
    assert unwrap("กลุ่มแม่บ้านทำน้ำพริกจากสมุน\nไพรในหมู่บ้าน") == "กลุ่มแม่บ้านทำน้ำพริกจากสมุนไพรในหมู่บ้าน"


def test_breaks_of_word_are_counted_once(tmp_path: Path) -> None:
    """Word notes a break that was asked for and, after it, that it broke there."""
    document = docx.Document()
    document.add_paragraph("first").add_run().add_break(WD_BREAK.PAGE)
    run = document.add_paragraph().add_run()
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    run.add_text("second")
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    run.add_text("third")
    fourth = document.add_paragraph("fourth")
    fourth.paragraph_format.page_break_before = True
    document.save(str(tmp_path / "a.docx"))
    assert [part["text"] for part in read(tmp_path / "a.docx")] == [
        "first",
        "second",
        "third",
        "fourth",
    ]


def test_notes_of_word_stand_on_their_page_and_deleted_text_nowhere(tmp_path: Path) -> None:
    parts = hostile.parts_of(hostile.word())
    space = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parts["word/footnotes.xml"] = (
        b"<w:footnotes "
        + space
        + b'><w:footnote w:id="5"><w:p><w:r><w:t>See the decree.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>',
    )
    parts["word/_rels/document.xml.rels"] = parts["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rIdN" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/></Relationships>',
    )
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        b"<w:body>",
        b'<w:body><w:p><w:r><w:t>Graded</w:t></w:r><w:r><w:footnoteReference w:id="5"/></w:r>'
        b'<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:br w:type="page"/></w:r></w:p>',
    )
    path = hostile.write(tmp_path / "a.docx", hostile.packed(parts))
    first, second = (part["text"] for part in read(path))
    assert first.split("\n") == ["Graded", "See the decree."]
    assert second == "Honey and bamboo"


def test_slides_give_their_charts_too(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["Honey", "Bamboo"]
    data.add_series("Sales", (1, 2))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(4), Inches(4), data)
    deck.save(str(tmp_path / "a.pptx"))
    text = read(tmp_path / "a.pptx")[0]["text"]
    assert "Sales" in text
    assert "Honey, Bamboo" in text


def scanned(path: Path) -> Path:
    image = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(image).text((50, 50), "HONEY AND BAMBOO", fill="black")
    image.save(path, "PDF")
    return path


def test_pages_that_are_pictures_have_no_text_without_a_recogniser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    part = read(scanned(tmp_path / "a.pdf"), ("en",))[0]
    assert (part["number"], part["text"], part["recognised"]) == (1, "", False)


def test_pages_that_are_pictures_are_recognised_where_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in says which languages it was asked for and that it was given a picture."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --list-langs ]; then echo "List:"; echo eng; echo vie; exit; fi\n'
        'read -r first; echo "$4 $(printf %s "$first" | tail -c 4 | head -c 3)"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    part = read(scanned(tmp_path / "a.pdf"), ("vi", "th", "en"))[0]
    assert part["recognised"]
    assert part["text"] == "vie+eng PNG"
    picture = tmp_path / "a.png"
    picture.write_bytes(hostile.png())
    assert read(picture, ("vi",))[0]["recognised"]


def test_secrets_of_the_portal_are_not_handed_to_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "very-secret")
    from knowledge.files.limited import _environment

    done = subprocess.run(["/usr/bin/env"], env=_environment(), capture_output=True, text=True)
    assert "very-secret" not in done.stdout

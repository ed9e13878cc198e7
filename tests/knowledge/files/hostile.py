"""Files that must not be taken, each built by hand, with the reason that must be given."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pptx
import typst
from PIL import Image

Parts = dict[str, bytes]


def pdf(text: str = "Honey and bamboo") -> bytes:
    return typst.compile(text.encode())


def word() -> bytes:
    written = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Honey and bamboo")
    document.save(written)
    return written.getvalue()


def slides() -> bytes:
    written = io.BytesIO()
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Honey"
    deck.save(written)
    return written.getvalue()


def book() -> bytes:
    written = io.BytesIO()
    openpyxl.Workbook().save(written)
    return written.getvalue()


def png(size: tuple[int, int] = (8, 8), form: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "green").save(written, form)
    return written.getvalue()


def parts_of(container: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: ZipInfo would clean it
            info.compress_type = method
            archive.writestr(info, content)
    return written.getvalue()


def word_with(**changes: bytes) -> bytes:
    return packed(parts_of(word()) | changes)


def word_changed(name: str, old: bytes, new: bytes) -> bytes:
    parts = parts_of(word())
    assert old in parts[name], (name, old)
    parts[name] = parts[name].replace(old, new, 1)
    return packed(parts)


def relationship(kind: str, target: str, mode: str = "External") -> bytes:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    line = f'<Relationship Id="rIdX" Type="{base}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return word_changed(
        "word/_rels/document.xml.rels", b"</Relationships>", line.encode() + b"</Relationships>"
    )


def content_type(old: bytes, new: bytes) -> bytes:
    return word_changed("[Content_Types].xml", old, new)


def in_document(xml: str) -> bytes:
    return word_changed("word/document.xml", b"<w:body>", b"<w:body>" + xml.encode())


def overlapping() -> bytes:
    """A bomb after Fifield: many entries of the directory name the same bytes."""
    container = packed(parts_of(word()) | {"word/zeros.bin": b"\0" * 1_000_000})
    at = container.rfind(b"PK\x05\x06")
    size, offset = struct.unpack("<II", container[at + 12 : at + 20])
    directory = container[offset : offset + size]
    entry = directory[directory.rfind(b"PK\x01\x02") :]
    copies = b"".join(entry.replace(b"zeros.bin", f"zero{n:05}"[:9].encode()) for n in range(200))
    count = len(parts_of(word())) + 1 + 200
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, size + len(copies), offset, 0)
    return container[:at] + copies + end


def lying_size() -> bytes:
    """An entry that says that it unpacks to 10 bytes."""
    container = bytearray(packed(parts_of(word()) | {"word/zeros.bin": b"\0" * 100_000}))
    at = container.rfind(b"PK\x01\x02", 0, container.rfind(b"word/zeros.bin"))
    container[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(container)


def encrypted_entry() -> bytes:
    container = bytearray(word())
    at = container.find(b"PK\x01\x02")
    container[at + 8] |= 1
    return bytes(container)


def nested(depth: int = 3) -> bytes:
    inner = book()
    for _ in range(depth):
        inner = packed(parts_of(book()) | {"xl/embeddings/sheet.xlsx": inner})
    return inner


def pdf_with(objects: str, extra: str = "") -> bytes:
    """A small PDF whose catalogue and objects are as given."""
    body = (
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R" + extra + ">>\nendobj\n"
        "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]"
        + "/Annots[9 0 R]>>\nendobj\n"
        + objects
    )
    raw = body.encode("latin-1")
    found = {int(m[1]): m.start() for m in re.finditer(rb"(?m)^(\d+) 0 obj", raw)}
    last = max(found)
    rows = ["0000000000 65535 f \n"] + [
        f"{found.get(n, 0):010} 00000 {'n' if n in found else 'f'} \n" for n in range(1, last + 1)
    ]
    table = f"xref\n0 {last + 1}\n{''.join(rows)}trailer\n<</Size {last + 1}/Root 1 0 R>>\n"
    return raw + f"{table}startxref\n{len(raw)}\n%%EOF\n".encode()


def launch() -> str:
    return (
        "9 0 obj\n<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(calc.exe)>>>>\nendobj\n"
    )


def packed_objects(text: str) -> str:
    """An object stream that holds an object 8, deflated."""
    inner = f"8 0 {text}"
    raw = zlib.compress(inner.encode()).decode("latin-1")
    head = f"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {len(raw)}>>"
    return f"7 0 obj\n{head}\nstream\n{raw}\nendstream\nendobj\n"


def locked_pdf() -> bytes:
    """A PDF with an encryption dictionary (RC4, 40 bits) that needs a password."""
    raw = pdf_with("")
    lock = (
        b"/Encrypt<</Filter/Standard/V 1/R 2/Length 40/P -44/O<" + b"41" * 32 + b">/U<" + b"42" * 32
        + b">>>/ID[<61><61>]"
    )  # fmt: skip
    return raw.replace(b"/Root 1 0 R", b"/Root 1 0 R" + lock)


def huge_png() -> bytes:
    """A few bytes that say that they are 3,600 million pixels."""
    head = struct.pack(">II5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    raw = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    return raw + struct.pack(">I", zlib.crc32(chunk)) + b"\0\0\0\0IEND\xaeB`\x82"


BILLION = (
    b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>"""
)
XXE = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
_WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACRO = b"application/vnd.ms-word.document.macroEnabled.main+xml"

CASES: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("nothing", "a.pdf", lambda: b"", "empty"),
    ("a type that is not taken", "a.exe", lambda: b"MZ" + b"\0" * 99, "unknown_type"),
    ("a name without an ending", "report", pdf, "unknown_type"),
    ("svg", "a.svg", lambda: SVG, "unknown_type"),
    ("html", "a.html", lambda: b"<html></html>", "unknown_type"),
    ("svg called png", "a.png", lambda: SVG, "wrong_type"),
    ("html called pdf", "a.pdf", lambda: b"<html><script>1</script></html>", "wrong_type"),
    ("html called csv", "a.csv", lambda: b"<html><script>alert(1)</script></html>", "wrong_type"),
    ("program called pdf", "a.pdf", lambda: b"MZ" + b"\0" * 500, "wrong_type"),
    ("docx called pptx", "a.pptx", word, "wrong_type"),
    ("png called jpg", "a.jpg", png, "wrong_type"),
    ("zip called docx", "a.docx", lambda: packed({"a.txt": b"x"}), "unknown_type"),
    ("docm called docx", "a.docx", lambda: content_type(_WORD, _MACRO), "macros"),
    ("macros", "a.docx", lambda: word_with(**{"word/vbaProject.bin": b"x"}), "macros"),
    (
        "xlsm called xlsx", "a.xlsx",
        lambda: packed(
            {
                name: part.replace(
                    b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
                for name, part in parts_of(book()).items()
            }
        ),
        "macros",
    ),
    ("a template from elsewhere", "a.docx", lambda: relationship("attachedTemplate", "http://x/t.dotm"), "external"),
    ("a linked picture", "a.docx", lambda: relationship("image", "http://x/a.png"), "external"),
    ("a linked object", "a.docx", lambda: relationship("oleObject", "mhtml:http://x!x"), "embedded"),
    ("a link that runs", "a.docx", lambda: relationship("hyperlink", "java\nscript:alert(1)"), "active"),
    ("an object inside", "a.docx", lambda: word_with(**{"word/embeddings/oleObject1.bin": b"x"}), "embedded"),
    ("ActiveX", "a.docx", lambda: word_with(**{"word/activeX/activeX1.bin": b"x"}), "embedded"),
    ("DDE in pieces", "a.docx", lambda: in_document(
        "<w:p><w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO c:\\x</w:instrText></w:r></w:p>"
    ), "external"),
    ("a picture that is fetched", "a.docx", lambda: in_document(
        '<w:p><w:fldSimple w:instr=" INCLUDEPICTURE http://x/a.png "/></w:p>'
    ), "external"),
    ("billion laughs", "a.docx", lambda: word_with(**{"word/x.xml": BILLION}), "markup"),
    ("XXE", "a.docx", lambda: word_with(**{"word/document.xml": XXE}), "markup"),
    ("XXE in UTF-16", "a.docx", lambda: word_with(
        **{"word/x.xml": XXE.decode().encode("utf-16")}
    ), "markup"),
    ("XXE in relationships", "a.docx", lambda: word_with(**{"word/_rels/document.xml.rels": XXE}), "markup"),
    ("XXE in the list of types", "a.docx", lambda: word_with(**{"[Content_Types].xml": XXE}), "markup"),
    ("a bomb of zeros", "a.docx", lambda: word_with(**{"word/media/a.emf": b"\0" * 60_000_000}), "bomb"),
    ("overlapping entries", "a.docx", overlapping, "bomb"),
    ("containers in containers", "a.xlsx", nested, "bomb"),
    ("a zip inside", "a.docx", lambda: word_with(**{"word/media/a.png": packed({"x": b"x"})}), "bomb"),
    ("too many entries", "a.docx", lambda: packed(
        parts_of(word()) | {f"word/{n}": b"" for n in range(10_001)}, zipfile.ZIP_STORED
    ), "bomb"),
    ("a size that lies", "a.docx", lying_size, "broken"),
    ("an encrypted entry", "a.docx", encrypted_entry, "encrypted"),
    ("a protected office file", "a.docx", lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    ), "encrypted"),
    ("a name that climbs", "a.docx", lambda: word_with(**{"../../etc/cron.d/x": b"x"}), "paths"),
    ("an absolute name", "a.docx", lambda: word_with(**{"/etc/passwd": b"x"}), "paths"),
    ("a name of Windows", "a.docx", lambda: word_with(**{"C:\\x": b"x"}), "paths"),
    ("the same name twice", "a.docx", lambda: word_with(**{"WORD/document.xml": b"<a/>"}), "paths"),
    ("zip behind a PDF", "a.pdf", lambda: pdf() + packed({"x": b"x"}), "polyglot"),
    ("PDF before a zip", "a.docx", lambda: pdf() + word(), "wrong_type"),
    ("PDF in the first entry of a zip", "a.docx", lambda: packed(
        {"a": b"%PDF-1.7\n"} | parts_of(word()), zipfile.ZIP_STORED
    ), "polyglot"),
    ("bytes behind a zip", "a.docx", lambda: word() + b"<script>", "polyglot"),
    ("bytes before a PDF", "a.pdf", lambda: b"<script>alert(1)</script>\n" + pdf(), "polyglot"),
    ("HTML in the head of a PDF", "a.pdf", lambda: (
        b"%PDF-1.7\n<html><script>alert(1)</script></html>\n" + pdf()
    ), "polyglot"),
    ("an archive behind a picture", "a.png", lambda: png() + packed({"x.class": b"x"}), "polyglot"),
    ("GIFAR with JPEG", "a.jpg", lambda: png(form="JPEG") + packed({"x.class": b"x"}), "polyglot"),
    ("bytes behind a picture", "a.png", lambda: png() + b"<?php system(1);", "polyglot"),
    ("bytes behind WebP", "a.webp", lambda: png(form="WEBP") + b"<script>" * 9, "polyglot"),
    ("script in a PDF", "a.pdf", lambda: pdf_with("", "/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "active"),
    ("script under another spelling", "a.pdf", lambda: pdf_with("", "/OpenAction<</S/J#61vaScript/JS(1)>>"), "active"),
    ("script by reference", "a.pdf", lambda: pdf_with("8 0 obj\n/JavaScript\nendobj\n", "/OpenAction<</S 8 0 R/JS(1)>>"), "active"),
    ("script in an object stream", "a.pdf", lambda: pdf_with(packed_objects("<</S/JavaScript/JS(1)>>")), "active"),
    ("a program started", "a.pdf", lambda: pdf_with(launch()), "active"),
    ("a file in a PDF", "a.pdf", lambda: pdf_with(
        "8 0 obj\n<</Type/EmbeddedFile/Length 1>>\nstream\nx\nendstream\nendobj\n"
    ), "embedded"),
    ("a locked PDF", "a.pdf", locked_pdf, "encrypted"),
    ("half a PDF", "a.pdf", lambda: pdf()[:-600], "broken"),
    ("half a docx", "a.docx", lambda: word()[:-500], "broken"),
    ("half a PNG", "a.png", lambda: png((300, 300))[:-40], "broken"),
    ("half a JPEG", "a.jpg", lambda: png((900, 900), "JPEG")[:3000], "broken"),
    ("XML cut off", "a.docx", lambda: word_with(**{"word/styles.xml": b"<w:styles>"}), "broken"),
    ("no main part", "a.docx", lambda: packed(
        {k: v for k, v in parts_of(word()).items() if k != "word/document.xml"}
    ), "broken"),
    ("too many pages", "a.pdf", lambda: pdf("#pagebreak()\n" * 2001), "too_many_pages"),
    ("too many pixels", "a.png", huge_png, "too_many_pixels"),
    ("a table that is not Unicode", "a.csv", lambda: "ชื่อ,ราคา\n".encode("cp874"), "not_unicode"),
    ("a table of bytes", "a.csv", lambda: b"a,b\n\0\1\2,3\n", "wrong_type"),
]  # fmt: skip
"""What it is, its name, who builds it, the code."""


def write(path: Path, made: bytes) -> Path:
    path.write_bytes(made)
    return path

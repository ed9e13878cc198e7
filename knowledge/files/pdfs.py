"""PDF files: framed as they should be, readable, without passwords and anything that runs. Pure.

What runs is looked for twice: by names, in the file as it lies and in its unpacked object streams,
and by PDFium, which follows references. Neither executes anything (no JavaScript engine is built
in). A name that a reader other than these two would still find, for example behind a filter
that we do not know, makes the file unclear, and it is refused.
"""

import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from knowledge.files.containers import has_zip_end
from knowledge.files.limits import Limits
from knowledge.files.refusal import Problem, Refused

_HEAD = 1024
_TAIL = 1024
_ZIP_TAIL = 70_000
_FOREIGN_HEAD = re.compile(
    rb"<(?:html|script|svg|!doctype|\?php|body|iframe|img|object|embed)\b", re.IGNORECASE
)
_PACKED_MOST = 16 * 1024 * 1024
"""Bytes of one object stream that are looked at; a longer one is unclear."""
_LAUNCH, _REMOTE_EMBEDDED = 4, 5
"""PDFACTION_LAUNCH, PDFACTION_EMBEDDEDGOTO of fpdf_doc.h."""
_XFA_FORMS = (2, 3)


def _name(text: str) -> str:
    """Return a pattern for a name, any letter of which may be written as #xx (ISO 32000, 7.3.5)."""
    return "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in text)


def _either(*names: str) -> str:
    return "|".join(_name(name) for name in names)


_SPACE = r"(?:[\x00\s]|%[^\r\n]*[\r\n])*"
_AFTER = r"(?=[\x00\s()<>\[\]{}/%]|$)"
_ACTIVE = re.compile(
    (
        rf"(?:/{_name('S')}|\bobj){_SPACE}"
        rf"/(?:{_either('JavaScript', 'Launch', 'ImportData', 'SubmitForm', 'GoToE')}){_AFTER}"
        rf"|(?:/{_name('Subtype')}|\bobj){_SPACE}"
        rf"/(?:{_either('RichMedia', 'Movie', 'Screen')}){_AFTER}"
        rf"|/{_name('JavaScript')}{_SPACE}(?:<<|\d+\s+\d+\s+R)"
    ).encode()
)
_EMBEDDED = re.compile(
    (
        rf"(?:/{_name('Type')}|\bobj){_SPACE}/{_name('EmbeddedFile')}{_AFTER}"
        rf"|/{_name('EmbeddedFiles')}{_AFTER}"
        rf"|(?:/{_name('Subtype')}|\bobj){_SPACE}/{_name('FileAttachment')}{_AFTER}"
    ).encode()
)
_STREAM = re.compile(rb"\bstream\r?\n")
_OBJECT_STREAM = re.compile(f"/{_name('ObjStm')}{_AFTER}".encode())
_ODD_FILTER = re.compile(
    f"/(?:{_either('Predictor', 'LZWDecode', 'ASCIIHexDecode', 'ASCII85Decode', 'RunLengthDecode', 'Crypt')}){_AFTER}".encode()
)
_OBJECT_NUMBERS = re.compile(rb"^\s*\d+\s+\d+")
_DICTIONARY = 4096
"""Bytes before a stream in which its dictionary is looked for."""


def check_pdf(path: Path, limits: Limits) -> None:
    """Raise Refused when a file is no PDF that can be taken."""
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        _check_frame(raw)
        _check_document(path, limits)
        _check_names(raw)
        for text in _object_streams(raw, limits):
            _check_names(text)


def _check_names(text: bytes | mmap.mmap) -> None:
    if _ACTIVE.search(text):
        raise Refused(Problem.ACTIVE)
    if _EMBEDDED.search(text):
        raise Refused(Problem.EMBEDDED)


def _check_frame(raw: mmap.mmap) -> None:
    head, tail = raw[:_HEAD], raw[-_TAIL:]
    if not re.match(rb"%PDF-[12]\.\d", head):
        raise Refused(Problem.POLYGLOT if b"%PDF-" in head else Problem.UNKNOWN_TYPE)
    if _FOREIGN_HEAD.search(head) or has_zip_end(raw[-_ZIP_TAIL:]):
        raise Refused(Problem.POLYGLOT)
    if b"%%EOF" not in tail or b"startxref" not in raw[-2 * _TAIL :]:
        raise Refused(Problem.BROKEN)


def _object_streams(raw: mmap.mmap, limits: Limits) -> Iterator[bytes]:
    """Yield unpacked streams that may hold objects.

    Whatever its dictionary says: only what begins like none is passed over.
    """
    budget = limits.unpacked
    for match in _STREAM.finditer(raw):
        text = _unpacked(raw, match.end())
        before = raw[max(0, match.start() - _DICTIONARY) : match.start()]
        dictionary = before[before.rfind(b"obj") + 1 :]
        declared = _OBJECT_STREAM.search(dictionary) is not None
        if declared and (text is None or _ODD_FILTER.search(dictionary)):
            if text is None and b"/Filter" not in dictionary:
                continue  # not packed at all: it was searched as it lies
            raise Refused(Problem.TOO_HARD)
        if text is None:
            continue
        budget -= len(text)
        if budget < 0 or len(text) >= _PACKED_MOST:
            raise Refused(Problem.TOO_HARD)
        yield text


def _unpacked(raw: mmap.mmap, start: int) -> bytes | None:
    """Return what a deflated stream holds if it begins as object streams do, else None."""
    inflater = zlib.decompressobj()
    try:
        begin = inflater.decompress(raw[start : start + 4096], 128)
    except zlib.error:
        return None
    if not _OBJECT_NUMBERS.match(begin):
        return None
    inflater, parts, length = zlib.decompressobj(), [], 0
    for at in range(start, len(raw), 65_536):
        try:
            part = inflater.decompress(raw[at : at + 65_536], _PACKED_MOST - length)
        except zlib.error:
            break
        parts.append(part)
        length += len(part)
        if inflater.eof or length >= _PACKED_MOST:
            break
    return b"".join(parts)


def _check_document(path: Path, limits: Limits) -> None:
    import pypdfium2 as pdfium
    import pypdfium2.raw as pdfium_c

    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD
        raise Refused(Problem.ENCRYPTED if locked else Problem.BROKEN) from error
    try:
        if pdfium_c.FPDF_GetSecurityHandlerRevision(document) != -1:
            raise Refused(Problem.ENCRYPTED)
        count = len(document)
        if count < 1:
            raise Refused(Problem.BROKEN)
        if count > limits.pages:
            raise Refused(Problem.TOO_MANY_PAGES)
        if pdfium_c.FPDFDoc_GetAttachmentCount(document) > 0:
            raise Refused(Problem.EMBEDDED)
        if (
            pdfium_c.FPDFDoc_GetJavaScriptActionCount(document) > 0
            or pdfium_c.FPDF_GetFormType(document) in _XFA_FORMS
        ):
            raise Refused(Problem.ACTIVE)
        for number in range(count):
            _check_links(document, number)
    finally:
        document.close()


def _check_links(document: object, number: int) -> None:
    import ctypes

    import pypdfium2 as pdfium
    import pypdfium2.raw as pdfium_c

    try:
        page = document[number]  # type: ignore[index]
    except pdfium.PdfiumError as error:
        raise Refused(Problem.BROKEN) from error
    position, link = ctypes.c_int(0), pdfium_c.FPDF_LINK()
    while pdfium_c.FPDFLink_Enumerate(page, position, link):
        action = pdfium_c.FPDFLink_GetAction(link)
        if action and pdfium_c.FPDFAction_GetType(action) in (_LAUNCH, _REMOTE_EMBEDDED):
            raise Refused(Problem.ACTIVE)
    page.close()

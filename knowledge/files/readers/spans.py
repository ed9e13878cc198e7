"""Text of PDF pages whose glyphs say in `ActualText` which letters they stand for.

Browsers, LibreOffice and Typst write so in Thai, Lao, Khmer and Arabic, where glyphs and letters are not one
to one (ISO 32000-1, 14.9.4). PDFium sorts the pieces of such a text by where they stand and then repeats
letters; here every marked stretch is said once, in the order of the file. Pages without such marks
are left to PDFium.
"""

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_KEY = b"ActualText"
_NEW_LINE = 0.6
"""Of the size of the letters: a base line that moves further begins a line."""
_NEW_PARAGRAPH = 1.9
_SPACE = 0.2
_FEW = 6
"""Letters of a cluster at most."""
_DEEPEST = 8
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"


@dataclass
class _Unit:
    """Letters that stand together."""

    text: str
    mark: int
    """Which marked stretch it belongs to; 0 for none."""
    left: float
    right: float
    base: float
    size: float
    ends_in_space: bool


def text_of_page(page: Any) -> str:
    """Return the text of a page in reading order."""
    text_page = page.get_textpage()
    letters = _letters(text_page)
    text_page.close()
    return _marked_text(page, letters) or "".join(letter for letter, _thing in letters)


def _letters(text_page: Any) -> list[tuple[str, int]]:
    """Return the letters as PDFium orders them, each with the object that it stands in.

    A glyph that stands for LAM and ALEF gives both at one point, and PDFium turns them round.
    """
    import pypdfium2.raw as pdfium_c

    found: list[tuple[str, int]] = []
    for number in range(text_page.count_chars()):
        letter = chr(pdfium_c.FPDFText_GetUnicode(text_page, number))
        thing = pdfium_c.FPDFText_GetTextObject(text_page, number)
        if letter == _LAM and found and found[-1][0] in _ALEFS and _at_one_point(text_page, number):
            found.insert(-1, (letter, found[-1][1]))
        else:
            found.append((letter, ctypes.addressof(thing.contents) if thing else 0))
    return found


def _at_one_point(text_page: Any, number: int) -> bool:
    import pypdfium2.raw as pdfium_c

    points = []
    for one in (number - 1, number):
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium_c.FPDFText_GetCharOrigin(text_page, one, x, y)
        points.append((round(x.value, 2), round(y.value, 2)))
    return points[0] == points[1]


def _marked_text(page: Any, letters: list[tuple[str, int]]) -> str | None:
    """Return the text of a page with such marks, None for a page without."""
    own: dict[int, str] = {}
    for letter, thing in letters:
        own[thing] = own.get(thing, "") + letter
    units: list[_Unit] = []
    for unit in _units(page, own):
        if units and unit.mark and unit.mark == units[-1].mark:
            units[-1].left = min(units[-1].left, unit.left)
            units[-1].right = max(units[-1].right, unit.right)
        else:
            units.append(unit)
    if not any(unit.mark for unit in units):
        return None
    written, before = "", None
    for line in _lines(units):
        if before is not None:
            gap = abs(before.base - line[0].base)
            written += "\n\n" if gap > _NEW_PARAGRAPH * max(line[0].size, 1) else "\n"
        written += _line(line)
        before = line[0]
    return written


def _lines(units: list[_Unit]) -> Iterator[list[_Unit]]:
    line: list[_Unit] = []
    for unit in units:
        if line and abs(unit.base - line[0].base) > _NEW_LINE * max(unit.size, line[0].size, 1):
            yield line
            line = []
        line.append(unit)
    if line:
        yield line


def _line(units: list[_Unit]) -> str:
    units = [unit for unit in units if not _is_repeated(unit, units)]
    letters = "".join(unit.text for unit in units)
    rtl = sum(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters)
    if rtl * 2 > sum(map(str.isalpha, letters)):
        units = _right_to_left(units)
    written = ""
    for unit, after in zip(units, [*units[1:], None], strict=True):
        written += unit.text or " "
        if unit.ends_in_space and not unit.mark and after is not None:
            gap = max(after.left - unit.right, unit.left - after.right)
            written += " " if gap > _SPACE * unit.size else ""
    return written


def _is_repeated(unit: _Unit, line: list[_Unit]) -> bool:
    """Return True for a sign set apart whose glyph repeats the cluster that it belongs to."""
    if not 1 < len(unit.text) <= _FEW:
        return False
    if not any(unicodedata.category(letter).startswith("M") for letter in unit.text):
        return False
    middle = (unit.left + unit.right) / 2
    room = 0 if unit.mark else unit.size / 3
    return any(
        other is not unit
        and other.left - room <= middle <= other.right + room
        and other.right - other.left > unit.right - unit.left
        and set(unit.text) <= set(other.text)
        for other in line
    )


def _right_to_left(units: list[_Unit]) -> list[_Unit]:
    """Return the pieces of a line from right to left, numbers and Latin words left to right."""
    ordered: list[_Unit] = []
    run: list[_Unit] = []
    for unit in sorted(units, key=lambda one: -(one.left + one.right)):
        directions = {unicodedata.bidirectional(letter) for letter in unit.text}
        if directions & {"L", "EN", "AN"} and not directions & {"R", "AL"}:
            run.insert(0, unit)
            continue
        ordered += [*run, unit]
        run = []
    return ordered + run


def _units(page: Any, own: dict[int, str]) -> Iterator[_Unit]:
    import pypdfium2.raw as pdfium_c

    for number in range(pdfium_c.FPDFPage_CountObjects(page)):
        yield from _of_object(pdfium_c.FPDFPage_GetObject(page, number), own, 0)


def _of_object(thing: Any, own: dict[int, str], depth: int) -> Iterator[_Unit]:
    import pypdfium2.raw as pdfium_c

    kind = pdfium_c.FPDFPageObj_GetType(thing)
    if kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        for number in range(pdfium_c.FPDFFormObj_CountObjects(thing)):
            yield from _of_object(pdfium_c.FPDFFormObj_GetObject(thing, number), own, depth + 1)
    if kind != pdfium_c.FPDF_PAGEOBJ_TEXT:
        return
    sides = [ctypes.c_float() for _ in range(4)]
    pdfium_c.FPDFPageObj_GetBounds(thing, *sides)
    matrix, size = pdfium_c.FS_MATRIX(), ctypes.c_float()
    pdfium_c.FPDFPageObj_GetMatrix(thing, matrix)
    pdfium_c.FPDFTextObj_GetFontSize(thing, size)
    mark, text = _actual_text(thing)
    written = text if mark else own.get(ctypes.addressof(thing.contents), "")
    yield _Unit(
        text=written.rstrip(" \r\n") if mark == 0 else text,
        mark=mark,
        left=sides[0].value,
        right=sides[2].value,
        base=matrix.f,
        size=abs(size.value * (matrix.d or matrix.b)),
        ends_in_space=written.endswith(" "),
    )


def _actual_text(thing: Any) -> tuple[int, str]:
    """Return which marked stretch an object belongs to and its letters; (0, "") for none."""
    import pypdfium2.raw as pdfium_c

    for number in range(pdfium_c.FPDFPageObj_CountMarks(thing)):
        mark = pdfium_c.FPDFPageObj_GetMark(thing, number)
        length = ctypes.c_ulong()
        pdfium_c.FPDFPageObjMark_GetParamBlobValue(mark, _KEY, None, 0, length)
        if length.value:
            raw = (ctypes.c_ubyte * length.value)()
            pdfium_c.FPDFPageObjMark_GetParamBlobValue(mark, _KEY, raw, length.value, length)
            return ctypes.addressof(mark.contents), _decoded(bytes(raw))
    return 0, ""


def _decoded(raw: bytes) -> str:
    """Return a text string (ISO 32000-2, 7.9.2.2)."""
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "ignore")
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "ignore")
    return raw.decode("latin-1")

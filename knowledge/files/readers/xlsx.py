"""Values of spreadsheets, sheet by sheet; formulas as what they last gave."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy
from knowledge.files.readers.recognising import Recogniser


def read(path: Path, limits: Limits, recogniser: Recogniser) -> Iterator[Part]:
    """Yield the sheets that a reader sees, each row a line."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    room = limits.text
    for number, sheet in enumerate(book.worksheets, start=1):
        if sheet.sheet_state != "visible":
            continue
        text = tidy("\n".join(_rows(sheet, room)))
        room -= len(text)
        yield Part(number=number, kind="sheet", name=str(sheet.title)[:255], text=text)
    book.close()


def _rows(sheet: Any, room: int) -> Iterator[str]:
    sheet.reset_dimensions()  # what the file says of its size may be a million columns
    for row in sheet.iter_rows(values_only=True):
        line = "\t".join(_shown(value) for value in row).rstrip("\t")
        if not line:
            continue
        room -= len(line)
        if room < 0:
            return
        yield line


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return " ".join(str(value).split())

"""Rows of tables as text with separators."""

import csv
from collections.abc import Iterator
from pathlib import Path

from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy
from knowledge.files.readers.recognising import Recogniser
from knowledge.files.tables import table_text

_SEPARATORS = ",;\t|"
_SAMPLE = 8192


def read(path: Path, limits: Limits, recogniser: Recogniser) -> Iterator[Part]:
    """Yield the table as one sheet."""
    text = table_text(path)
    csv.field_size_limit(limits.text)
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:_SAMPLE], _SEPARATORS)
    except csv.Error:
        dialect = "excel"
    try:
        rows = ["\t".join(cells) for cells in csv.reader(text.splitlines(), dialect) if any(cells)]
    except csv.Error:
        rows = text.splitlines()
    yield Part(number=1, kind="sheet", text=tidy("\n".join(rows)))

"""Tables for spreadsheets."""

import csv
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
_BELOW_ZERO = re.compile(r"-[0-9]+(\.[0-9]+)?")
"""A plus begins no number of ours: a telephone number, from which a spreadsheet would take it."""


def csv_response(name: str, head: Sequence[str], records: Iterable[Sequence[str]]) -> HttpResponse:
    """Return a table as CSV; with a byte order mark, by which spreadsheets know UTF-8.

    Cells are written as `safe_cell` returns them.
    """
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(head)
    for record in records:
        writer.writerow([safe_cell(cell) for cell in record])
    return response


def safe_cell(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, "CSV Injection").

    Where one would, it begins with an apostrophe. A number stays one.
    """
    if _BELOW_ZERO.fullmatch(cell):
        return cell
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINS) else cell

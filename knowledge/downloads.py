"""Tables for spreadsheets."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def csv_response(name: str, head: Sequence[str], records: Iterable[Sequence[str]]) -> HttpResponse:
    """Return a table as CSV; with a byte order mark, by which spreadsheets know UTF-8.

    A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV
    Injection").
    """
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(head)
    for record in records:
        writer.writerow([_safe(cell) for cell in record])
    return response


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINS) else cell

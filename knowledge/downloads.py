"""Tables for spreadsheets."""

import csv
import re
from collections.abc import Collection, Iterable, Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.translation import gettext as _

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


def refusal(
    request: HttpRequest, forms: Collection[str], **known: Collection[str]
) -> HttpResponse | None:
    """Return why a download is not what was asked for; None where it can be.

    A page shows what it has chosen instead; a file would be taken for the answer.

    Args:
        request: Its `format` is not empty.
        forms: What it may be.
        known: Parameter → its values.
    """
    faults = [
        _("Unknown: %(asked)s. Known: %(known)s.")
        % {"asked": f"{name}={value[:100]}", "known": ", ".join(sorted(values))}
        for name, values in (("format", forms), *known.items())
        for value in request.GET.getlist(name)
        if value and value not in values
    ]
    return told_plainly("\n".join(faults)) if faults else None


def told_plainly(fault: str) -> HttpResponse:
    """Return what is wrong with a request, for programs and people alike."""
    return HttpResponseBadRequest(f"{fault}\n", content_type="text/plain; charset=utf-8")


def safe_cell(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, "CSV Injection").

    Where one would, it begins with an apostrophe. A number stays one.
    """
    if _BELOW_ZERO.fullmatch(cell):
        return cell
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINS) else cell

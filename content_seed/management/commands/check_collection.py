"""`manage.py check_collection`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from content_seed.check import problems, table
from content_seed.parse import read_collection


class Command(BaseCommand):
    """Check the files of the starter collection, and print works by programme, kind and language.

    Exits 1 on a fault.
    """

    help = __doc__

    def handle(self, **_: Any) -> None:
        works = read_collection()
        rows = table(works)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            self.stdout.write("  ".join(cells))
        translations = sum(len(work.versions) - 1 for work in works)
        originals = {work.original for work in works}
        self.stdout.write(
            f"{len(works)} works, {translations} translations, originals in {len(originals)} languages"
        )
        faults = problems(works)
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            sys.exit(1)
        self.stdout.write("No fault found.")

"""Bring all passages up to date with the pages, or check that they are."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from embeddings.errors import EncoderUnavailable
from embeddings.service import SyncOutcome, compare_rows_with_view
from knowledge.differences import differences
from knowledge.sync import drain_pending, page_ids_to_sync, sync_page


class Command(BaseCommand):
    """`manage.py rebuild_index [--check]`."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit 1 on any difference"
        )

    def handle(self, *, check: bool, verbosity: int, **options: Any) -> None:
        try:
            if check:
                self._check()
            else:
                self._rebuild(quiet=not verbosity)
        except EncoderUnavailable as error:
            raise CommandError(f"The encoder cannot be loaded: {error}") from error

    def _check(self) -> None:
        found = differences()
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} differences between pages, rows and indexes.")
        report = compare_rows_with_view()
        self.stdout.write(f"Pages, rows and indexes agree: {report.passages} passages.")

    def _rebuild(self, *, quiet: bool) -> None:
        drain_pending()
        page_ids = page_ids_to_sync()
        bar = tqdm(page_ids, desc="Index", unit="page", disable=True if quiet else None)
        outcomes = Counter(sync_page(page_id) for page_id in bar)
        report = compare_rows_with_view()
        self.stdout.write(
            f"{outcomes[SyncOutcome.INDEXED]} pages indexed, {outcomes[SyncOutcome.UNCHANGED]} unchanged, "
            f"{outcomes[SyncOutcome.REMOVED]} removed; {report.passages} passages by {report.encoder_id}."
        )

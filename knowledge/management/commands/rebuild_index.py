"""`manage.py rebuild_index [--check]`."""

import logging
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from tqdm import tqdm

from embeddings.compaction import is_kept_on_disk
from embeddings.conf import get_config
from embeddings.errors import EncoderUnavailable
from embeddings.service import SyncOutcome, compare_rows_with_view, current_state
from embeddings.snapshot import current_position
from knowledge.differences import differences
from knowledge.sync import drain_pending, page_ids_to_sync, sync_page

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Bring all passages up to date with the pages, or check that they, the database and its files are whole.

    Each page is a transaction of its own: a rebuild that was stopped is begun again, and finds what
    it had done unchanged.
    """

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
            raise CommandError(f"{len(found)} differences between pages, rows, indexes and files.")
        report = compare_rows_with_view()
        self.stdout.write(f"Pages, rows and indexes agree: {report.passages} passages.")

    def _rebuild(self, *, quiet: bool) -> None:
        failed = []
        outcomes: Counter[SyncOutcome] = Counter()
        bar = tqdm(page_ids_to_sync(), desc="Index", unit="page", disable=True if quiet else None)
        for page_id in bar:
            try:
                outcomes[sync_page(page_id)] += 1
            except (EncoderUnavailable, OperationalError, InterfaceError):
                raise  # every page would fail
            except Exception:  # one broken page must not keep the others from being found
                logger.exception("Page %d could not be indexed.", page_id)
                failed.append(page_id)
        drain_pending()  # most marks are of pages just done
        self._write_snapshot_if_kept()
        report = compare_rows_with_view()
        self.stdout.write(
            f"{outcomes[SyncOutcome.INDEXED]} pages indexed, {outcomes[SyncOutcome.UNCHANGED]} unchanged, "
            f"{outcomes[SyncOutcome.REMOVED]} removed; {report.passages} passages by {report.encoder_id}."
        )
        if failed:
            numbers = ", ".join(map(str, failed))
            raise CommandError(f"{len(failed)} pages could not be indexed: {numbers}.")

    def _write_snapshot_if_kept(self) -> None:
        """Write a snapshot where one is kept and it is older than the rows.

        Before this process looks at the index itself, which would then begin with the old one.
        """
        state, index_dir = current_state(), get_config().index_dir
        if index_dir is None or not is_kept_on_disk():
            return
        if current_position(index_dir, generation=state.generation) < state.position:
            call_command("write_snapshot", stdout=self.stdout)

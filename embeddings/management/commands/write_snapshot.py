"""`manage.py write_snapshot [--unless-busy]`."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from embeddings import snapshot
from embeddings.compaction import current_state, encoder_of
from embeddings.conf import get_config


class Command(BaseCommand):
    """Write a snapshot of the index, so that processes start quickly and share its memory."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--unless-busy", action="store_true", help="do nothing while another process writes one"
        )

    def handle(self, *, unless_busy: bool, **options: Any) -> None:
        config = get_config()
        if config.index_dir is None:
            raise CommandError("EMBEDDINGS names no INDEX_DIR, so no snapshot is kept.")
        os.nice(10)  # readers come first
        with snapshot.builders_lock(config.index_dir, wait=not unless_busy) as mine:
            if not mine:
                self.stdout.write("Another process is writing a snapshot.")
                return
            written = snapshot.write_snapshot(config.index_dir, encoder_of(current_state()), config)
        snapshot.prune_log(written.position)
        passages = written.base.columns.count_slots()
        self.stdout.write(f"Snapshot of {passages} passages at position {written.position}.")

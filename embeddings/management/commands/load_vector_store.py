"""`manage.py load_vector_store [--anew]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from embeddings.compaction import current_state
from embeddings.dense_store import configured_store
from embeddings.errors import EmbeddingsError
from embeddings.milvus import MilvusStore
from embeddings.store import encoder_in_force

_TOLD_EVERY = 100_000


class Command(BaseCommand):
    """Bring Milvus up to date with the passages, however many there are to load."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="delete what Milvus holds first: after a restore of either, or to have the index "
            "that fits today's number of passages",
        )

    def handle(self, *, anew: bool, **options: Any) -> None:
        try:
            store = configured_store(encoder_in_force())
            if store is None:
                raise CommandError("EMBEDDINGS names no VECTOR_STORE.")
            if anew:
                store.drop()
            self._load(store)
        except EmbeddingsError as error:
            raise CommandError(str(error)) from error

    def _load(self, store: MilvusStore) -> None:
        told = 0

        def progress(loaded: int) -> None:
            nonlocal told
            if loaded >= told + _TOLD_EVERY:
                told = loaded
                self.stdout.write(f"{loaded} passages …")

        store.catch_up(current_state(), progress=progress)
        self.stdout.write(f"Milvus holds {store.count()} passages.")

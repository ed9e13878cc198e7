"""`manage.py load_collection [--force]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from content_seed.load import load_collection
from content_seed.parse import CollectionError


class Command(BaseCommand):
    """Load the starter collection. Re-runnable; what editors changed or deleted is kept so unless --force is given."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true",
            help="also overwrite what editors have changed, and bring back what they have deleted",
        )  # fmt: skip

    def handle(self, *, force: bool, verbosity: int, **options: Any) -> None:
        with tqdm(desc="Collection", unit="page", disable=None if verbosity else True) as bar:

            def progress(done: int, total: int, what: str) -> None:
                bar.total = total
                bar.set_postfix_str(what, refresh=False)
                bar.update(done - bar.n)
                bar.refresh()

            try:
                report = load_collection(force=force, progress=progress)
            except CollectionError as error:
                raise CommandError(str(error)) from error
        for name in report.kept:
            self.stdout.write(f"  kept as an editor left it: {name}")
        for name, title in report.repeating:
            self.stdout.write(f"  {name} repeats much of “{title}”; should they be one work?")
        self.stdout.write(
            f"{len(report.created)} created, {len(report.updated)} updated, "
            f"{len(report.unchanged)} unchanged, {len(report.kept)} left alone."
        )

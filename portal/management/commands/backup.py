"""`manage.py backup DIRECTORY`."""

import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from portal.copies import CopyError, make_copy


class Command(BaseCommand):
    """Copy the database, also while it is in use, and the uploaded files into a new directory."""

    help = __doc__
    requires_system_checks = []  # a copy is wanted of what is not in order, too

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="where the dated directory is made")

    def handle(self, *, directory: Path, **options: Any) -> None:
        media = Path(settings.MEDIA_ROOT)
        if connection.vendor != "sqlite":
            raise CommandError(
                f"The database is {connection.display_name}. Copy it with: "
                'pg_dump --format=custom --file=portal.dump "$DATABASE_URL" – '
                f"and then the files in {media}."
            )
        try:
            made = make_copy(connection, media, directory)
        except (CopyError, DatabaseError, sqlite3.Error, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from error
        self.stdout.write(f"The database, found whole, and the files are in {made}.")

"""`manage.py restore DIRECTORY|FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.copies import CopyError, put_back


class Command(BaseCommand):
    """Put a backup of SQLite in place of the database and, from a directory, of the uploaded files.

    The server must be stopped.
    """

    help = __doc__
    requires_system_checks = []  # what is there may be damaged

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "backup", type=Path, help="directory that `backup` made, or a database file"
        )

    def handle(self, *, backup: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(
                f"The database is {connection.display_name}. Put it back with: "
                'pg_restore --clean --if-exists --dbname="$DATABASE_URL" portal.dump'
            )
        connection.close()
        name, media = Path(connection.settings_dict["NAME"]), Path(settings.MEDIA_ROOT)
        try:
            replaced = put_back(backup, name, media)
        except (CopyError, OSError) as error:
            raise CommandError(f"Not restored: {error}") from error
        (settings.VAR_DIR / "prepared").unlink(missing_ok=True)  # of another database
        for path in replaced:
            self.stdout.write(f"What was there is now {path}.")
        self.stdout.write(
            f"{backup} is in place. Next: manage.py prepare, then rebuild_index --check."
        )

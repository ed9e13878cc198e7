"""`manage.py prepare [--always]`."""

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal.database import database_in_words

_WATCHED = ("content_seed", "embeddings", "knowledge", "portal")


class Command(BaseCommand):
    """Everything between an empty machine and a served portal; what is done already is skipped.

    Translations are compiled, the database migrated, static files collected, the starter collection
    loaded and the index brought up to date. A stamp of the code and content makes the second start
    quick.
    """

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--always", action="store_true", help="do it all again")

    def handle(self, *, always: bool, **options: Any) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        self.stdout.write(f"Database: {database_in_words()}")
        self.stdout.write(f"Mails: {_mail_in_words()}")
        stamp = settings.VAR_DIR / "prepared"
        state = _state()
        is_prepared = stamp.exists() and stamp.read_text() == state
        if not always and is_prepared and _is_migrated() and _is_collected():
            self.stdout.write("Nothing has changed since the last start.")
            return
        self._step("Translations")
        call_command("compile_translations", stdout=self.stdout)
        self._step("Database")
        call_command("migrate", interactive=False, verbosity=0)
        self._step("Static files")
        call_command("collectstatic", interactive=False, verbosity=0)
        self._step("Starter collection")
        call_command("load_collection", stdout=self.stdout)
        self._step("Index")
        call_command("rebuild_index", stdout=self.stdout)
        stamp.write_text(state)

    def _step(self, name: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"==> {name}"))


def _mail_in_words() -> str:
    if settings.EMAIL_HOST:
        return f"through {settings.EMAIL_HOST}, port {settings.EMAIL_PORT}"
    return (
        f"not sent but written to files in {settings.EMAIL_FILE_PATH}; set EMAIL_HOST to send them"
    )


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _is_collected() -> bool:
    """Return True if the static files are there, and the list of their names where one is kept.

    Without that list every page is an error.
    """
    manifest = getattr(staticfiles_storage, "manifest_name", "")
    return Path(settings.STATIC_ROOT, manifest).exists()


def _state() -> str:
    """Return a hash over names, sizes and times of all that a start depends on."""
    lines = [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in _files()]
    lines.append(str(settings.DATABASES["default"].get("NAME")))
    lines.append(settings.STORAGES["staticfiles"]["BACKEND"])
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _files() -> Iterator[tuple[Path, Any]]:
    for package in _WATCHED:
        for path in sorted((settings.BASE_DIR / package).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".mo"}:
                yield path.relative_to(settings.BASE_DIR), path.stat()

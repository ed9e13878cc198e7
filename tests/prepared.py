"""SQLite files that take a minute to make, made once and copied until what they are made of changes.

They lie in pytest's cache, whose removal (`pytest --cache-clear`) makes them anew.
"""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

_ROOT = Path(settings.BASE_DIR)
_CACHE = _ROOT / ".pytest_cache" / "d" / "prepared"
_NAME = "portal.sqlite3"


def with_tables() -> Path:
    """Return a database with what migrations make; it is to be copied, not to be opened."""
    made_of = [*_files("*/migrations/*.py"), *_files("portal/settings/*.py")]
    return _prepared("tables", made_of, ["migrate", "--noinput", "--verbosity=0"])


def with_collection(settings_module: str) -> Path:
    """Return a database with the starter collection, indexed by the encoder of the settings."""
    made_of = [
        path
        for package in ("portal", "knowledge", "embeddings", "content_seed", "benchmarks")
        for path in _files(f"{package}/**/*")
        if path.suffix != ".mo"
    ]
    return _prepared(
        f"collection-{settings_module}",
        made_of,
        ["load_collection", "--verbosity=0"],
        begin=with_tables(),
        settings_module=settings_module,
    )


def copy(source: Path, directory: Path) -> None:
    """Put a copy of a database where a portal with this PORTAL_VAR_DIR looks for it."""
    with closing(sqlite3.connect(directory / _NAME)) as target:
        fill(target, source)


def fill(target: sqlite3.Connection, source: Path) -> None:
    """Make an open database equal to another."""
    with closing(sqlite3.connect(source)) as connection:
        connection.backup(target)


def _files(pattern: str) -> list[Path]:
    return sorted(
        path for path in _ROOT.glob(pattern) if path.is_file() and "__pycache__" not in path.parts
    )


def _prepared(
    name: str,
    made_of: Iterable[Path],
    command: Sequence[str],
    *,
    begin: Path | None = None,
    settings_module: str = "portal.settings.test",
) -> Path:
    digest = hashlib.sha256((_ROOT / "constraints.txt").read_bytes())
    for path in made_of:
        digest.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes())
    file = _CACHE / f"{name}-{digest.hexdigest()[:16]}.sqlite3"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process of this run may be making it
        if file.exists():
            return file
        for outdated in _CACHE.glob(f"{name}-*.sqlite3"):
            outdated.unlink()
        with TemporaryDirectory(dir=_CACHE) as directory:
            if begin is not None:
                copy(begin, Path(directory))
            environment = os.environ | {
                "DJANGO_SETTINGS_MODULE": settings_module,
                "PORTAL_VAR_DIR": directory,
                "DATABASE_URL": f"sqlite:///{directory}/{_NAME}",
                "PYTHONPATH": str(_ROOT),
            }
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=600,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            with closing(sqlite3.connect(Path(directory) / _NAME)) as connection:
                # With its log it could not be copied into memory.
                connection.execute("PRAGMA journal_mode=DELETE")
            (Path(directory) / _NAME).rename(file)
    return file

"""Shared fixtures. Tests search through the door, as readers do."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from embeddings.view import forget_view
from knowledge.rights import AnonymousReader
from knowledge.search.results import KnowledgeResults
from knowledge.search.service import search_knowledge
from tests import prepared

# How long an example takes says how busy the machine is.
hypothesis_settings.register_profile("whatever it takes", deadline=None)
hypothesis_settings.load_profile("whatever it takes")

_DATABASES = {"db", "transactional_db", "databases"}
"""Fixtures of those who ask a database: pytest-django's, and the one of the journeys."""


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Each test starts like a new process: no view of another test's rows."""
    forget_view()
    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    """Where the database is in memory, let its tables be there before Django makes them.

    It lives as long as one connection to it is open.
    """
    creation: Any = connection.creation
    name = creation._get_test_db_name()
    if connection.vendor != "sqlite" or not creation.is_in_memory_db(name):
        yield
        return
    with closing(sqlite3.connect(name, uri=True)) as held:
        prepared.fill(held, prepared.with_tables())
        yield


@pytest.fixture(scope="session")
def _media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, _media: Path) -> None:
    """Files that tests keep lie where pytest clears up."""
    settings.MEDIA_ROOT = str(_media)
    settings.EMAIL_FILE_PATH = f"{_media}-mail"


@pytest.fixture
def ask(db: None) -> Callable[..., KnowledgeResults]:
    """Ask as an anonymous reader, or as `reader`."""

    def search(text: str, *, reader: Any = None, **options: Any) -> KnowledgeResults:
        return search_knowledge(text, reader=reader or AnonymousReader(), **options)

    return search


@pytest.fixture
def titles(ask: Callable[..., KnowledgeResults]) -> Callable[..., list[str]]:
    """Return the titles of what is found, best first."""

    def found(text: str, **options: Any) -> list[str]:
        return [card.title for card in ask(text, **options).cards]

    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--asking-database",
        action="store_true",
        help="only what asks the database that DATABASE_URL names; the rest is alike on all",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for.

    Browser journeys are skipped where no browser is installed, but never in continuous integration.
    """
    if config.getoption("--asking-database"):
        others = [item for item in items if not _asks_database(item)]
        items[:] = [item for item in items if _asks_database(item)]
        config.hook.pytest_deselected(items=others)
    if os.environ.get("CI") or (shutil.which("chromium") and shutil.which("chromedriver")):
        return
    skip = pytest.mark.skip(reason="Chromium and ChromeDriver are not installed")
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(skip)


def _asks_database(item: pytest.Item) -> bool:
    case = getattr(item, "cls", None)
    return (
        any(item.get_closest_marker(name) for name in ("django_db", "postgres"))
        or not _DATABASES.isdisjoint(getattr(item, "fixturenames", ()))
        or (case is not None and issubclass(case, TransactionTestCase))
    )

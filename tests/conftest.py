"""Shared fixtures. Tests search through the door, as readers do."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from embeddings.view import forget_view
from knowledge.rights import AnonymousReader
from knowledge.search.results import KnowledgeResults
from knowledge.search.service import search_knowledge


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Each test starts like a new process: no view of another test's rows."""
    forget_view()
    cache.clear()


@pytest.fixture(scope="session")
def _media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, _media: Path) -> None:
    """Files that tests keep lie where pytest clears up."""
    settings.MEDIA_ROOT = str(_media)


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser journeys where no browser is installed, but never in continuous integration."""
    if os.environ.get("CI") or (shutil.which("chromium") and shutil.which("chromedriver")):
        return
    skip = pytest.mark.skip(reason="Chromium and ChromeDriver are not installed")
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(skip)

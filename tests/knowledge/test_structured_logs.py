import importlib
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from knowledge.search.results import KnowledgeResults
from knowledge.structured_logs import LOGGER
from tests.factories import work

pytestmark = pytest.mark.django_db

Ask = Callable[..., KnowledgeResults]
Production = Callable[..., ModuleType]


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Production:
    """Return the production settings under these environment variables; they are not in force."""

    def load(**variables: str) -> ModuleType:
        monkeypatch.delitem(sys.modules, "portal.settings.production", raising=False)
        for name in ("METRICS_TOKEN", "PORTAL_LOG_QUERIES"):
            monkeypatch.delenv(name, raising=False)
        required = {"SECRET_KEY": "secret" * 10, "ALLOWED_HOSTS": "portal.example"}
        for name, value in (required | variables).items():
            monkeypatch.setenv(name, value)
        module = importlib.import_module("portal.settings.production")
        monkeypatch.delitem(sys.modules, "portal.settings.production")
        return module

    return load


@pytest.fixture
def written(production: Production) -> Iterator[Callable[[], str]]:
    """Log as in production; return what was written."""
    from logging.config import DictConfigurator

    configuration = production().LOGGING
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    configurator = DictConfigurator(configuration)
    formatter = configuration["handlers"]["console"]["formatter"]
    handler.setFormatter(configurator.configure_formatter(configuration["formatters"][formatter]))
    levels = {
        logging.getLogger(name): getattr(logging, known["level"])
        for name, known in configuration["loggers"].items()
    }
    before = {logger: logger.level for logger in levels}
    root = logging.getLogger()
    root.addHandler(handler)
    for logger, level in levels.items():
        logger.setLevel(level)
    yield stream.getvalue
    root.removeHandler(handler)
    for logger, level in before.items():
        logger.setLevel(level)


def events(written: Callable[[], str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in written().splitlines()]
    return [line for line in lines if line["logger"] == LOGGER]


def test_a_search_is_one_event_with_all_its_fields(ask: Ask, written: Callable[[], str]) -> None:
    work(title="Honey", text="Honey.")
    ask("honey from the bees", filters={"kind": ["case_study"], "language": []})
    (event,) = events(written)
    assert datetime.fromisoformat(event.pop("time")).utcoffset() is not None
    assert 0 < event.pop("seconds") < 60
    assert event == {
        "level": "INFO",
        "logger": "portal.search",
        "message": "search",
        "total": 1,
        "language": "en",
        "facets": ["kind"],
        "by_words_only": False,
        "position": 1,
    }


def test_the_question_of_a_reader_is_nowhere_in_the_log(
    client: Client, written: Callable[[], str]
) -> None:
    for address in ("/search/?q=kwijibo", "/api/search?q=kwijibo", "/api/suggest?q=kwijibo"):
        assert client.get(address).status_code == 200
    for address in ("/nowhere?q=kwijibo", "/api/search?q=kwijibo&limit=many"):
        assert 400 <= client.get(address).status_code < 500
    assert len(events(written)) == 2
    assert "/nowhere" in written()
    assert "kwijibo" not in written()


def test_the_question_is_logged_where_the_operator_wants_it(
    ask: Ask, written: Callable[[], str], settings: Settings
) -> None:
    settings.KNOWLEDGE = {**settings.KNOWLEDGE, "LOG_QUERIES": True}
    ask("mật ong bạc hà")
    assert events(written)[0]["text"] == "mật ong bạc hà"
    assert "mật ong" in written()  # readable as it stands


def test_a_listing_without_a_question_is_no_event(ask: Ask, written: Callable[[], str]) -> None:
    ask("")
    assert events(written) == []


def test_an_error_is_one_line_with_its_traceback(written: Callable[[], str]) -> None:
    try:
        int("broken\npage")
    except ValueError:
        logging.getLogger("knowledge.sync").exception("Page %d could not be indexed.", 7)
    (line,) = written().splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"]) == ("ERROR", "knowledge.sync")
    assert told["message"] == "Page 7 could not be indexed."
    assert (
        "ValueError: invalid literal for int() with base 10: 'broken\\npage'" in told["traceback"]
    )


def test_outside_production_searches_are_not_logged(ask: Ask) -> None:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger(LOGGER)
    logger.addHandler(handler)
    try:
        ask("honey")
    finally:
        logger.removeHandler(handler)
    assert records == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ("", False)),
        ({"PORTAL_LOG_QUERIES": "0"}, ("", False)),
        ({"PORTAL_LOG_QUERIES": "1", "METRICS_TOKEN": "sesame"}, ("sesame", True)),
    ],
)
def test_the_environment_decides_in_production(
    production: Production, variables: dict[str, str], expected: tuple[str, bool]
) -> None:
    knowledge = production(**variables).KNOWLEDGE
    assert (knowledge["METRICS_TOKEN"], knowledge["LOG_QUERIES"]) == expected
    assert "INTERFACE_LANGUAGES" in knowledge


def test_production_answers_a_watcher_on_this_machine_without_https(
    production: Production, client: Client, settings: Settings
) -> None:
    strict = production()
    settings.SECURE_SSL_REDIRECT = strict.SECURE_SSL_REDIRECT
    settings.SECURE_REDIRECT_EXEMPT = strict.SECURE_REDIRECT_EXEMPT
    here = {"host": "127.0.0.1:8000"}
    statuses = [client.get(path, headers=here).status_code for path in ("/metrics", "/healthz")]
    assert statuses == [200, 200]
    assert client.get("/search/", headers=here).status_code == 301

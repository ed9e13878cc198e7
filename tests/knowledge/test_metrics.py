import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from embeddings import service as index
from embeddings.telemetry import SearchReport, report_encoding, report_search
from knowledge.search.results import KnowledgeResults
from knowledge.sync import drain_pending
from tests.factories import work

pytestmark = pytest.mark.django_db

Ask = Callable[..., KnowledgeResults]


@pytest.fixture
def figures(client: Client) -> Callable[[], dict[str, float]]:
    """Return what `/metrics` shows to this machine now, by name."""

    def read() -> dict[str, float]:
        response = client.get("/metrics", headers={"host": "127.0.0.1:8000"})
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/plain")
        lines = [line for line in response.content.decode().splitlines() if line[0] != "#"]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    return read


@pytest.fixture
def growth(figures: Callable[[], dict[str, float]]) -> Callable[[], dict[str, float]]:
    """Return by how much each figure has grown since the test began."""
    before = figures()
    return lambda: {name: value - before.get(name, 0) for name, value in figures().items()}


def report(**fields: Any) -> SearchReport:
    given: dict[str, Any] = {
        "text": "honey",
        "language": "en",
        "facets": (),
        "total": 1,
        "seconds": 0.04,
        "position": 1,
        "by_words_only": False,
    }
    return SearchReport(**given | fields)


def test_questions_are_counted_and_those_without_an_answer_apart(
    ask: Ask, growth: Callable[[], dict[str, float]]
) -> None:
    work(title="Honey", text="Honey.")
    assert ask("honey").total == 1
    assert ask("miel").total == 1
    assert ask("bamboo").total == 0
    grown = growth()
    assert grown["portal_searches_total"] == 3
    assert grown["portal_searches_without_result_total"] == 1
    assert grown["portal_search_words_only_total"] == 0
    assert grown["portal_search_seconds_count"] == 3
    assert grown["portal_search_seconds_sum"] > 0


def test_a_listing_without_a_question_is_no_search(
    ask: Ask, growth: Callable[[], dict[str, float]]
) -> None:
    assert ask("").total == 0
    assert growth()["portal_searches_total"] == 0


def test_a_search_falls_into_the_bucket_of_its_time(growth: Callable[[], dict[str, float]]) -> None:
    report_search(report(seconds=0.04))
    grown = growth()
    assert grown['portal_search_seconds_bucket{le="0.03"}'] == 0
    assert grown['portal_search_seconds_bucket{le="0.05"}'] == 1
    assert grown['portal_search_seconds_bucket{le="5.0"}'] == 1


def test_the_buckets_reach_from_five_milliseconds_to_five_seconds(
    figures: Callable[[], dict[str, float]],
) -> None:
    bounds = re.findall(r"portal_search_seconds_bucket\{le=\"([\d.]+)\"\}", " ".join(figures()))
    assert (float(bounds[0]), float(bounds[-1])) == (0.005, 5.0)


def test_answers_without_an_encoder_are_counted(
    ask: Ask, growth: Callable[[], dict[str, float]], settings: Settings
) -> None:
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "no.such.Encoder"}}
    ask("honey")
    assert growth()["portal_search_words_only_total"] == 1


def test_encoded_passages_are_counted_with_their_time(
    growth: Callable[[], dict[str, float]],
) -> None:
    work(text="Honey.")
    drain_pending()
    report_encoding(passages=0, seconds=2.5)
    grown = growth()
    assert grown["portal_encoded_passages_total"] == grown["portal_index_passages"] + 2 == 2
    assert grown["portal_encoding_seconds_total"] > 2.5


def test_the_state_of_the_index_is_shown(ask: Ask, figures: Callable[[], dict[str, float]]) -> None:
    page = work(title="Honey", text="Honey.")
    work(title="Bamboo", text="Bamboo.")
    ask("honey")
    page.title = "Mint honey"
    page.save_revision().publish()
    ask("honey")
    shown = figures()
    status = index.index_status()
    assert shown["portal_index_readable"] == 1
    assert shown["portal_index_passages"] == status.passages == 4
    assert shown["portal_index_documents"] == 2
    assert shown["portal_index_foreign_passages"] == 0
    assert shown["portal_index_log_position"] == status.position == 3
    assert shown["portal_index_dead_passages"] == status.view.dead_passages == 2
    assert shown["portal_index_view_lag"] == shown["portal_index_pending_marks"] == 0
    assert "portal_index_snapshot_position" not in shown


def test_what_this_process_has_not_caught_up_with_is_its_lag(
    ask: Ask, figures: Callable[[], dict[str, float]]
) -> None:
    work(text="Honey.")
    ask("honey")
    assert figures()["portal_index_view_lag"] == 0
    work(text="Bamboo.")
    work(text="Water.")
    drain_pending()
    assert figures()["portal_index_view_lag"] == 2
    ask("honey")
    assert figures()["portal_index_view_lag"] == 0


def test_a_page_that_waits_to_be_indexed_is_shown(figures: Callable[[], dict[str, float]]) -> None:
    work(text="Honey.")
    assert figures()["portal_index_pending_marks"] > 0
    drain_pending()
    assert figures()["portal_index_pending_marks"] == 0


def test_the_snapshot_on_disk_is_shown_and_a_damaged_one_as_such(
    ask: Ask, figures: Callable[[], dict[str, float]], settings: Settings, tmp_path: Path
) -> None:
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "INDEX_DIR": tmp_path, "SNAPSHOT_FROM": 1}
    work(text="Honey.")
    ask("honey")
    shown = figures()
    assert shown["portal_index_snapshot_usable"] == 1
    assert shown["portal_index_snapshot_position"] == shown["portal_index_log_position"] == 1
    kept = tmp_path / (tmp_path / "CURRENT").read_text()
    size = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
    assert shown["portal_index_snapshot_bytes"] == size
    written = (kept / "manifest.json").stat().st_mtime
    os.utime(kept / "manifest.json", (written - 3600, written - 3600))
    cache.clear()
    assert 3600 <= figures()["portal_index_snapshot_age_seconds"] < 3700
    (kept / "manifest.json").write_text("")
    cache.clear()
    shown = figures()
    assert shown["portal_index_snapshot_usable"] == 0
    assert "portal_index_snapshot_bytes" not in shown


def test_a_database_that_fails_is_a_figure_and_no_error(
    figures: Callable[[], dict[str, float]],
) -> None:
    def fail(*_: Any) -> Any:
        raise OperationalError("disk I/O error")

    with connection.execute_wrapper(fail):
        shown = figures()
    assert shown["portal_index_readable"] == 0
    assert "portal_searches_total" in shown
    assert "portal_index_passages" not in shown


# Who may read them


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_this_machine_may_read_them(client: Client, address: str, host: str) -> None:
    response = client.get("/metrics", REMOTE_ADDR=address, headers={"host": host})
    assert response.status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "0.0.0.0", "", "x"])  # noqa: S104
def test_others_find_no_such_page(client: Client, address: str) -> None:
    headers = {"host": "127.0.0.1:8000"}
    assert client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP"],
)
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_here(
    client: Client, header: str
) -> None:
    headers = {"host": "127.0.0.1:8000", header: "127.0.0.1"}
    assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize("host", ["portal.example", "127.0.0.1.portal.example", "a:127.0.0.1"])
def test_what_asks_for_the_site_by_its_name_is_not_from_here(client: Client, host: str) -> None:
    assert client.get("/metrics", headers={"host": host}).status_code in {400, 404}


@pytest.fixture
def ask_with(client: Client) -> Callable[[str | None], int]:
    """Ask from elsewhere, through a proxy, with this Authorization; return the status."""

    def ask(authorization: str | None) -> int:
        headers = {"X-Forwarded-For": "192.0.2.7"}
        if authorization is not None:
            headers["Authorization"] = authorization
        return client.get("/metrics", REMOTE_ADDR="192.0.2.1", headers=headers).status_code

    return ask


def test_whoever_knows_the_token_may_read_them_from_anywhere(
    ask_with: Callable[[str | None], int], settings: Settings
) -> None:
    settings.KNOWLEDGE = {**settings.KNOWLEDGE, "METRICS_TOKEN": "sesame"}
    assert ask_with("Bearer sesame") == 200
    for wrong in (None, "", "Bearer", "Bearer ", "Bearer sésame", "sesame", "Basic sesame"):
        assert ask_with(wrong) == 404, wrong


@pytest.mark.parametrize("without", [{}, {"METRICS_TOKEN": ""}])
def test_without_a_token_none_opens_them(
    ask_with: Callable[[str | None], int], settings: Settings, without: dict[str, str]
) -> None:
    settings.KNOWLEDGE = {**settings.KNOWLEDGE, **without}
    assert [ask_with(given) for given in ("Bearer ", "Bearer None", "Bearer")] == [404] * 3


def test_they_are_read_and_never_posted_to(client: Client) -> None:
    assert client.post("/metrics", headers={"host": "127.0.0.1"}).status_code == 405

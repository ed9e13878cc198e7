"""The commands run from end to end on a small portal; what they print is plausible."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import prepared

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*command: str) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORTAL_VAR_DIR"}
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the portal is that the commands share."""
    portal = tmp_path_factory.mktemp("portal")
    prepared.copy(prepared.with_collection("benchmarks.settings"), portal)
    return portal


@pytest.fixture(scope="module")
def search(directory: Path) -> dict[str, Any]:
    """Return what `benchmarks.search` found."""
    figures = directory / "search.json"
    run("benchmarks.search", "--passages", "4000", "--questions", "6",
        "--keep", str(directory), "--json", str(figures))  # fmt: skip
    found: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def load(directory: Path, search: dict[str, Any]) -> dict[str, Any]:
    """Return what `benchmarks.load` found on the same portal."""
    figures = directory / "load.json"
    run("benchmarks.load", "--passages", "4000", "--seconds", "3", "--clients", "2",
        "--keep", str(directory), "--json", str(figures))  # fmt: skip
    found: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    return found


def test_search_says_what_it_measured_and_on_what(search: dict[str, Any]) -> None:
    assert {"commit", "cpu", "cores", "database", "python", "numpy", "faiss-cpu"} <= set(search)
    assert 4_000 <= search["passages"] < 4_100
    assert search["questions"] == 6


def test_search_has_times_of_the_portal_and_of_each_raw_library(search: dict[str, Any]) -> None:
    for name in ("hybrid", "hybrid_with_facets", "filtered10", "filtered1", "dense"):
        assert 0 < search[f"{name}_p50_ms"] <= search[f"{name}_p95_ms"]
    for name in ("raw_dense", "raw_lexical", "raw_numpy", "raw_wagtail"):
        assert 0 < search[f"{name}_p50_ms"] <= search[f"{name}_p95_ms"]
        assert search[f"in_turn_{name}_p50_ms"] > 0
    assert search["ratio_p50"] == pytest.approx(
        search["hybrid_p50_ms"] / search["in_turn_raw_dense_p50_ms"]
    )


@pytest.mark.parametrize("filters", ["", "_filtered10", "_filtered1", "_language", "_programme"])
def test_a_small_portal_finds_all_of_the_nearest(search: dict[str, Any], filters: str) -> None:
    assert search[f"recall_at_10{filters}"] > 0.99


def test_search_has_what_a_process_costs(search: dict[str, Any]) -> None:
    assert 0 < search["second_worker_mb"] < search["pss_mb"] <= search["rss_mb"] < 2_000
    for name in ("setup_s", "start_s", "rebuild_s", "encode_per_s"):
        assert search[name] > 0


def test_under_load_no_page_fails_and_every_change_is_seen_by_both_workers(
    load: dict[str, Any],
) -> None:
    assert load["errors"] == 0, load["first_errors"]
    assert load["workers"] == 2
    assert load["changes"] >= 1
    assert load["changes_visible_at_once"] == load["changes"]
    assert load["answers_that_missed_a_change"] == 0


def test_load_has_times_of_one_client_and_of_many(load: dict[str, Any]) -> None:
    assert 0 < load["single_p50_ms"] <= load["single_p95_ms"]
    assert 0 < load["load_p50_ms"] <= load["load_p95_ms"]
    assert load["ratio_p50"] == pytest.approx(load["load_p50_ms"] / load["single_p50_ms"])
    assert len(load["memory_mb"]) == 2

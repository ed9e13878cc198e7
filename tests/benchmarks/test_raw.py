"""The raw libraries are asked fairly: as good an answer as the portal's, no better."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks import peers
from benchmarks.peers import NotSupportedHereError, Peer, measure_peers
from benchmarks.raw import cells, nearest, recall_of, scan


@pytest.fixture
def vectors() -> tuple[np.ndarray, np.ndarray]:
    """Return (questions, passages) as unit vectors."""
    numbers = np.random.default_rng(7)
    made = numbers.normal(size=(3_040, 32)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made[:40], made[40:]


def test_recall_is_the_share_of_the_nearest_that_were_found() -> None:
    stored = np.eye(12, dtype=np.float32) * np.linspace(0.1, 1, 12, dtype=np.float32)[:, None]
    queries = np.ones((1, 12), np.float32)
    exact = nearest(queries, stored)

    assert sorted(exact[0].tolist()) == list(range(2, 12))
    assert recall_of(queries, stored, exact, exact) == 1
    assert recall_of(queries, stored, [[0, 1, 2, 3, 4, 5, 6, -1]], exact) == 0.5
    assert recall_of(queries, stored, [[11] * 10], exact) == 0.1


def test_a_passage_as_near_as_the_tenth_is_as_good_an_answer() -> None:
    stored = np.ones((20, 4), np.float32)
    queries = np.ones((1, 4), np.float32)

    assert recall_of(queries, stored, [list(range(10, 20))], nearest(queries, stored)) == 1


def test_fewer_than_ten_passages_can_all_be_found() -> None:
    stored, queries = np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)[:1]

    assert recall_of(queries, stored, [[0, 1, 2, 3]], nearest(queries, stored)) == 1


@pytest.mark.parametrize("wanted", [0.5, 0.95])
def test_cells_are_searched_as_far_as_the_recall_needs(
    vectors: tuple[np.ndarray, np.ndarray], wanted: float
) -> None:
    queries, stored = vectors
    act = cells(queries, stored, recall=wanted)
    found = [act(number)[1][0] for number in range(len(queries))]

    reached = recall_of(queries, stored, found, nearest(queries, stored))
    assert wanted <= reached
    assert reached < 0.9 or wanted == 0.95


def test_a_scan_of_codes_finds_nearly_all(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    queries, stored = vectors
    act = scan(queries, stored)
    found = [act(number)[1][0] for number in range(len(queries))]

    assert recall_of(queries, stored, found, nearest(queries, stored)) > 0.95


def test_a_peer_that_is_not_installed_is_said_to_be_missing(
    vectors: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is installed is measured with and without a filter, and its recall with it."""

    def exact(directory: Path, stored: np.ndarray, tenth: np.ndarray) -> peers.Found:
        def search(vector: np.ndarray, filtered: bool) -> Sequence[int]:
            scores = np.where(tenth, stored @ vector, -1) if filtered else stored @ vector
            return np.argsort(-scores)[:10].tolist()

        return search

    def missing(directory: Path, stored: np.ndarray, tenth: np.ndarray) -> peers.Found:
        raise ImportError

    def unfit(directory: Path, stored: np.ndarray, tenth: np.ndarray) -> peers.Found:
        raise NotSupportedHereError("no extensions")

    monkeypatch.setattr(
        peers, "PEERS", (Peer("numpy", exact), Peer("no-such", missing), Peer("unfit", unfit))
    )
    queries, stored = vectors
    found = measure_peers(queries, stored, np.arange(len(stored)) % 10 == 0)

    assert found["peer_no_such"] == "not installed"
    assert found["peer_unfit"] == "no extensions"
    assert found["peer_numpy_all_recall_at_10"] == 1
    assert found["peer_numpy_filtered10_recall_at_10"] == 1
    assert 0 < found["peer_numpy_all_p50_ms"] <= found["peer_numpy_all_p95_ms"]

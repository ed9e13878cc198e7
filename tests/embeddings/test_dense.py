import numpy as np
import pytest

from embeddings.dense import DenseIndex

EAST, NORTH = np.array([1, 0, 0, 0], np.float32), np.array([0, 1, 0, 0], np.float32)
BETWEEN = (EAST + NORTH) / np.sqrt(2, dtype=np.float32)


def index_of(*vectors: np.ndarray) -> DenseIndex:
    made = DenseIndex(4)
    made.add(list(range(len(vectors))), np.array(vectors, np.float32))
    return made


def everything(count: int) -> np.ndarray:
    return np.ones(count, dtype=bool)


def test_the_nearest_come_first_with_their_cosine() -> None:
    found = index_of(NORTH, BETWEEN, EAST).search(EAST, allowed=everything(3), limit=3)
    assert [slot for slot, _ in found] == [2, 1, 0]
    assert [score for _, score in found] == pytest.approx([1.0, 2**-0.5, 0.0], abs=1e-3)


def test_the_limit_bounds_the_answer() -> None:
    assert len(index_of(NORTH, BETWEEN, EAST).search(EAST, allowed=everything(3), limit=2)) == 2


def test_only_allowed_slots_are_found_even_when_others_are_nearer() -> None:
    allowed = np.array([True, False, False])
    found = index_of(NORTH, BETWEEN, EAST).search(EAST, allowed=allowed, limit=3)
    assert [slot for slot, _ in found] == [0]


def test_the_mask_reaches_beyond_the_first_byte() -> None:
    made = DenseIndex(4)
    made.add(list(range(20)), np.array([EAST] * 20, np.float32))
    allowed = np.zeros(20, dtype=bool)
    allowed[[3, 9, 17]] = True
    found = made.search(EAST, allowed=allowed, limit=20)
    assert sorted(slot for slot, _ in found) == [3, 9, 17]


def test_nothing_allowed_finds_nothing() -> None:
    assert index_of(EAST).search(EAST, allowed=np.zeros(1, dtype=bool), limit=5) == []


def test_an_empty_index_finds_nothing() -> None:
    assert DenseIndex(4).search(EAST, allowed=everything(3), limit=5) == []
    assert len(DenseIndex(4)) == 0


def test_a_query_without_direction_finds_nothing() -> None:
    assert index_of(EAST).search(np.zeros(4, np.float32), allowed=everything(1), limit=5) == []


def test_a_removed_slot_is_not_found_and_frees_its_place() -> None:
    made = index_of(NORTH, BETWEEN, EAST)
    made.remove([2, 99])
    assert len(made) == 2
    allowed = np.array([True, True, False])
    assert [slot for slot, _ in made.search(EAST, allowed=allowed, limit=3)] == [1, 0]
    made.add([3], EAST.reshape(1, -1))
    allowed = np.array([True, True, False, True])
    assert [slot for slot, _ in made.search(EAST, allowed=allowed, limit=3)] == [3, 1, 0]


def test_an_allowed_slot_that_has_no_vector_is_not_invented() -> None:
    """A short answer is padded with id −1."""
    found = index_of(EAST).search(EAST, allowed=everything(5), limit=5)
    assert [slot for slot, _ in found] == [0]


def test_adding_or_removing_nothing_is_harmless() -> None:
    made = index_of(EAST)
    made.add([], np.zeros((0, 4), np.float32))
    made.remove([])
    assert len(made) == 1

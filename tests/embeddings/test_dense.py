from pathlib import Path

import numpy as np
import pytest

from embeddings.columns import Selection
from embeddings.dense import (
    DenseBase,
    DenseBaseBuilder,
    DenseIndex,
    kind_for,
    map_base,
    sample_size,
    write_base,
)

EAST, NORTH = np.array([1, 0, 0, 0], np.float32), np.array([0, 1, 0, 0], np.float32)
BETWEEN = (EAST + NORTH) / np.sqrt(2, dtype=np.float32)
KINDS = ("float16", "int8", "ivf")


def select(*slots: int, of: int) -> Selection:
    mask = np.zeros(of, dtype=bool)
    mask[list(slots)] = True
    return Selection(
        documents=mask,
        slots=mask,
        share=float(mask.mean()) if of else 0.0,
        filters={},
        barred_scopes=frozenset(),
        now=0.0,
    )


EVERYTHING = Selection(
    documents=np.ones(0, dtype=bool),
    slots=None,
    share=1.0,
    filters={},
    barred_scopes=frozenset(),
    now=0.0,
)


def index_of(*vectors: np.ndarray) -> DenseIndex:
    made = DenseIndex(4)
    made.add(list(range(len(vectors))), np.array(vectors, np.float32))
    return made


def found(
    index: DenseIndex, query: np.ndarray, *, selection: Selection = EVERYTHING, limit: int = 10
) -> list[int]:
    return index.search(query, selection=selection, limit=limit)[0].tolist()


def units(count: int, dimensions: int = 32, seed: int = 1) -> np.ndarray:
    """Clustered, as texts are."""
    numbers = np.random.default_rng(seed)
    centres = numbers.normal(size=(20, dimensions))
    made = centres[numbers.integers(20, size=count)] + 0.6 * numbers.normal(
        size=(count, dimensions)
    )
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def base_of(vectors: np.ndarray, kind: str) -> DenseBase:
    sample = vectors[:: max(1, len(vectors) // sample_size(len(vectors)))]
    builder = DenseBaseBuilder(sample=sample, count=len(vectors), kind=kind)
    for block in np.array_split(vectors, 3):
        builder.add(block.astype(np.float16))
    return builder.finish()


def test_the_nearest_come_first_with_their_cosine() -> None:
    slots, scores = index_of(NORTH, BETWEEN, EAST).search(EAST, selection=EVERYTHING, limit=3)
    assert slots.tolist() == [2, 1, 0]
    assert scores == pytest.approx([1.0, 2**-0.5, 0.0], abs=1e-3)


def test_the_limit_bounds_the_answer() -> None:
    assert len(found(index_of(NORTH, BETWEEN, EAST), EAST, limit=2)) == 2


def test_only_allowed_slots_are_found_even_when_others_are_nearer() -> None:
    assert found(index_of(NORTH, BETWEEN, EAST), EAST, selection=select(0, of=3)) == [0]


def test_the_mask_reaches_beyond_the_first_byte() -> None:
    made = DenseIndex(4)
    made.add(list(range(20)), np.array([EAST] * 20, np.float32))
    assert sorted(found(made, EAST, selection=select(3, 9, 17, of=20), limit=20)) == [3, 9, 17]


def test_nothing_allowed_finds_nothing() -> None:
    assert found(index_of(EAST), EAST, selection=select(of=1)) == []


def test_an_empty_index_finds_nothing() -> None:
    assert found(DenseIndex(4), EAST) == []


def test_a_query_without_direction_finds_nothing() -> None:
    assert found(index_of(EAST), np.zeros(4, np.float32)) == []


def test_a_removed_slot_is_not_found() -> None:
    made = index_of(NORTH, BETWEEN, EAST)
    made.remove([2, 99])
    assert found(made, EAST) == [1, 0]
    made.add([3], EAST.reshape(1, -1))
    assert found(made, EAST) == [3, 1, 0]


def test_adding_or_removing_nothing_is_harmless() -> None:
    made = index_of(EAST)
    made.add([], np.zeros((0, 4), np.float32))
    made.remove([])
    assert found(made, EAST) == [0]


def test_how_the_base_is_kept_follows_its_size() -> None:
    sizes = [0, 9, 10, 99, 100, 5_000]
    kinds = [kind_for(size, int8_from=10, ivf_from=100) for size in sizes]
    assert kinds == ["float16", "float16", "int8", "int8", "ivf", "ivf"]


@pytest.mark.parametrize("kind", KINDS)
def test_base_and_tail_are_one_index(kind: str) -> None:
    vectors = units(600)
    index = DenseIndex(32, base_of(vectors[:500], kind))
    index.add(list(range(500, 600)), vectors[500:])
    assert index.kind == kind
    for slot in (3, 499, 500, 599):
        assert found(index, vectors[slot])[0] == slot
    assert found(index, vectors[3], selection=select(7, 550, of=600)) in ([7, 550], [550, 7])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [1.0, 0.1, 0.01])
def test_the_ten_nearest_are_among_those_found(kind: str, share: float) -> None:
    vectors, queries = units(8_000), units(40, seed=2)
    allowed = np.random.default_rng(3).random(8_000) < share
    selection = EVERYTHING if share == 1.0 else select(*allowed.nonzero()[0], of=8_000)
    index = DenseIndex(32, base_of(vectors, kind))
    kept = allowed.nonzero()[0]
    hits = 0
    for query in queries:
        nearest = kept[np.argsort(-(vectors[kept] @ query))[:10]]
        slots = found(index, query, selection=selection, limit=200)
        assert allowed[slots].all()
        hits += len(set(nearest.tolist()) & set(slots))
    assert hits / (10 * len(queries)) >= 0.97


def test_what_passes_a_filter_is_found_though_it_lies_together_and_far_away() -> None:
    """As the passages of one language, asked for in another."""
    vectors, queries = units(8_000), units(40, seed=2)
    kept = np.argsort(-(vectors @ vectors[0]))[:400]
    index = DenseIndex(32, base_of(vectors, "ivf"))
    hits = 0
    for query in queries:
        nearest = kept[np.argsort(-(vectors[kept] @ query))[:10]]
        slots = found(index, query, selection=select(*kept, of=8_000), limit=100)
        hits += len(set(nearest.tolist()) & set(slots))
    assert hits / (10 * len(queries)) >= 0.97


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("allowed", [(), (17,), (17, 480)])
def test_few_or_none_may_pass_a_filter(kind: str, allowed: tuple[int, ...]) -> None:
    vectors = units(500)
    index = DenseIndex(32, base_of(vectors, kind))
    selection = select(*allowed, of=500)
    assert sorted(found(index, vectors[3], selection=selection, limit=9)) == list(allowed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_base_read_from_its_file_answers_alike(tmp_path: Path, kind: str) -> None:
    vectors = units(500)
    made = base_of(vectors, kind)
    write_base(made, tmp_path / "dense")
    read = map_base(tmp_path / "dense", kind=kind, scale=made.scale)
    for query in units(5, seed=4):
        for selection in (EVERYTHING, select(*range(0, 500, 7), of=500)):
            mine, theirs = (one.search(query, selection, 10) for one in (made, read))
            assert mine[0].tolist() == theirs[0].tolist()
            assert mine[1] == pytest.approx(theirs[1])


def test_blocks_may_be_empty_and_more_than_may_wait() -> None:
    vectors = units(400)
    builder = DenseBaseBuilder(sample=vectors, count=len(vectors), kind="ivf")
    for vector in vectors:
        builder.add(vector[None, :])
        builder.add(vectors[:0])
    index = DenseIndex(32, builder.finish())
    assert index.base_size == len(vectors)
    assert [found(index, vector, limit=1) for vector in vectors] == [[n] for n in range(400)]


def test_equal_vectors_fill_few_of_the_cells() -> None:
    vectors = np.repeat(units(3), 200, axis=0)
    base = base_of(vectors, "ivf")
    assert base.index.nlist > 3
    assert sorted(found(DenseIndex(32, base), vectors[0], limit=200)) == list(range(200))


def test_what_cannot_be_taken_in_is_said_at_the_end() -> None:
    builder = DenseBaseBuilder(sample=units(400), count=1, kind="ivf")
    builder.add(units(1, dimensions=16))
    with pytest.raises(ValueError, match="matmul"):
        builder.finish()


@pytest.mark.parametrize("kind", ["int8", "ivf"])
def test_codes_of_one_byte_keep_the_cosine(kind: str) -> None:
    vectors = units(500)
    _, scores = base_of(vectors, kind).search(vectors[0], EVERYTHING, 1)
    assert scores[0] == pytest.approx(1.0, abs=0.02)

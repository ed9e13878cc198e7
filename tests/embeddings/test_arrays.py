from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.arrays import FileArray, GrowingArray, Parts

NUMBERS = np.arange(1000, 1100, dtype="<u4")

places = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 4), st.integers(0, 6)), max_size=8)


def in_memory() -> Parts:
    array = GrowingArray("<u4")
    array.extend(NUMBERS)
    return array


@pytest.fixture(scope="module")
def in_file(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    path: Path = tmp_path_factory.mktemp("arrays") / "numbers"
    NUMBERS.tofile(path)
    return FileArray(path, "<u4")


@given(places)
def test_a_file_and_memory_are_cut_alike_in_any_order(
    in_file: Parts, asked: list[tuple[int, int, int]]
) -> None:
    firsts, *lengths = np.array(asked, np.int64).reshape(-1, 3).T
    wanted = [
        [number for at, one, _ in asked for number in range(1000 + at, 1000 + at + one)],
        [
            number
            for at, one, two in asked
            for number in range(1000 + at + one, 1000 + at + one + two)
        ],
    ]
    for array in (in_file, in_memory()):
        assert [cut.tolist() for cut in array.cut(firsts, *lengths)] == wanted

import numpy as np
import pytest

from embeddings.pieces import PieceTable
from embeddings.records import TokenRuns

STAR, ETOILE, TEA, THE = range(4)
NO_PIECE = 0x80000001


def runs(*texts: list[int]) -> TokenRuns:
    starts = np.cumsum([0, *map(len, texts)])
    return TokenRuns(np.array([one for text in texts for one in text], np.uint32), starts)


@pytest.fixture
def table() -> PieceTable:
    """Three meanings of which two pieces share one at a cosine of 0.8; "the" has a short row."""
    rows = np.zeros((4, 256), np.int8)
    rows[STAR, :2] = 100, 0
    rows[ETOILE, :2] = 80, 60
    rows[TEA, 2] = 100
    rows[THE, 3] = 100
    return PieceTable(rows, np.array([1, 1, 1, 0.01], np.float32))


def test_a_text_is_found_that_says_it_in_another_language(table: PieceTable) -> None:
    covered = table.coverage(runs([STAR], [TEA, ETOILE], [TEA]), {STAR: 1.0})
    assert covered == pytest.approx([1.0, 0.8, 0.0])


def test_the_nearest_piece_counts_once_wherever_it_stands(table: PieceTable) -> None:
    covered = table.coverage(runs([ETOILE, TEA, ETOILE, STAR, STAR], [ETOILE] * 5), {STAR: 1.0})
    assert covered == pytest.approx([1.0, 0.8])


def test_a_piece_counts_by_what_it_tells_and_by_its_length(table: PieceTable) -> None:
    asked = {STAR: 3.0, TEA: 1.0}
    assert table.coverage(runs([STAR], [TEA]), asked) == pytest.approx([0.75, 0.25])
    short = table.coverage(runs([STAR], [THE]), {STAR: 1.0, THE: 1.0})
    assert short == pytest.approx([1 / 1.01, 0.01 / 1.01])


def test_what_is_said_in_one_place_counts_for_more_than_the_same_all_over_a_text(
    table: PieceTable,
) -> None:
    asked = {STAR: 1.0, TEA: 1.0}
    near, far = [THE] * 30 + [STAR, TEA] + [THE] * 30, [STAR] + [THE] * 60 + [TEA]
    covered = table.coverage(runs(near, far, near[::-1]), asked)
    assert covered == pytest.approx([1.0, 0.3 + 0.7 / 2, 1.0])


def test_no_stretch_goes_on_into_the_next_text(table: PieceTable) -> None:
    asked = {STAR: 1.0, TEA: 1.0}
    covered = table.coverage(runs([THE] * 39 + [STAR], [TEA], [THE] * 40, [STAR, TEA]), asked)
    assert covered == pytest.approx([0.5, 0.5, 0.0, 1.0])


def test_what_is_only_a_little_alike_says_nothing(table: PieceTable) -> None:
    rows = np.zeros((2, 256), np.int8)
    rows[0, 0] = 100
    rows[1, :2] = 44, 90  # a cosine of 0.44
    far = PieceTable(rows, np.ones(2, np.float32))
    assert far.coverage(runs([1]), {0: 1.0}).tolist() == [0.0]


def test_codes_that_are_no_piece_and_empty_texts_say_nothing(table: PieceTable) -> None:
    texts = runs([], [NO_PIECE, NO_PIECE], [NO_PIECE, STAR], [])
    covered = table.coverage(texts, {NO_PIECE: 5.0, STAR: 1.0})
    assert covered == pytest.approx([0.0, 0.0, 1.0, 0.0])
    assert table.coverage(texts, {NO_PIECE: 5.0}).tolist() == [0.0] * 4
    assert table.coverage(texts, {}).tolist() == [0.0] * 4
    assert table.coverage(runs(), {STAR: 1.0}).shape == (0,)
    assert table.coverage(runs([]), {STAR: 1.0}).tolist() == [0.0]


def test_a_text_is_told_the_same_whatever_stands_beside_it() -> None:
    """Processes look at different candidates and must not disagree about one of them."""
    random = np.random.default_rng(3)
    rows = random.integers(-127, 128, (500, 256)).astype(np.int8)
    rows[:250, :64] = rows[250:, :64] // 2 + rows[:250, :64] // 3
    table = PieceTable(rows, np.ones(500, np.float32))
    texts = [random.integers(0, 500, length).tolist() for length in (3, 40, 120, 7, 64)]
    asked = dict.fromkeys(range(0, 500, 17), 1.0)
    together = table.coverage(runs(*texts), asked)
    alone = [table.coverage(runs(text), asked)[0] for text in texts]
    assert np.count_nonzero(together) >= 3
    assert together == pytest.approx(alone, abs=1e-6)

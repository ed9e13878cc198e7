"""Ranking held-back rows in one pool and in small ones, on vectors placed by hand."""

from collections import defaultdict

import numpy as np
import pytest

pytest.importorskip("zstandard")

from embeddings.evaluation.held_back import HeldBack
from embeddings.evaluation.pools import _pools, pool_report
from embeddings.evaluation.retrieval import ranked, retrieval_report
from embeddings.training.data import RetrievalRow

Vector = tuple[float, ...]


def held_back(rows: list[tuple[str, str, int, Vector]], passages: list[tuple[str, Vector]]) -> HeldBack:  # fmt: skip
    """Rows are (question, its language, position of the passage, vector); passages (language, vector)."""
    known = defaultdict(set)
    for question, _, answer, _ in rows:
        known[question].add(answer)
    return HeldBack(
        rows=[
            RetrievalRow(
                query_language=language,
                passage_language=passages[answer][0],
                query=question,
                passage=str(answer),
            )
            for question, language, answer, _ in rows
        ],
        answer=np.array([answer for _, _, answer, _ in rows]),
        answers=[sorted(known[question]) for question, *_ in rows],
        languages=[language for language, _ in passages],
        query_vectors=np.array([vector for *_, vector in rows], dtype=np.float32),
        passage_vectors=np.array([vector for _, vector in passages], dtype=np.float32),
    )


EAST, NORTH, NORTH_EAST = (1.0, 0.0), (0.0, 1.0), (0.6, 0.8)


def test_the_mean_reciprocal_rank_is_that_of_hand_counted_ranks() -> None:
    held = held_back(
        [("a", "en", 0, EAST), ("b", "en", 1, EAST), ("c", "vi", 2, NORTH)],
        [("en", EAST), ("en", NORTH_EAST), ("vi", (-1.0, 0.0))],
    )
    report = retrieval_report(held)
    # a finds its passage first, b second, c last of three (cosines 0, 0.8 and 0: the pool's order).
    assert report.by_language["en"].mrr == pytest.approx((1 + 1 / 2) / 2)
    assert report.by_language["vi"].mrr == pytest.approx(1 / 3)
    assert report.same_language.mrr == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert report.same_language.recall == 1.0
    assert report.cross_language.questions == 0


def test_another_answer_to_the_same_question_does_not_stand_in_the_way() -> None:
    passages = [("vi", EAST), ("fr", EAST), ("vi", NORTH)]
    apart = [("is it?", "en", 0, EAST), ("what is it?", "en", 1, EAST)]
    together = [("is it?", "en", 0, EAST), ("is it?", "en", 1, EAST)]
    assert retrieval_report(held_back(apart, passages)).cross_language.mrr == 0.75
    assert retrieval_report(held_back(together, passages)).cross_language.mrr == 1.0


def test_a_question_without_direction_finds_passages_by_their_place_only() -> None:
    passages = [("en", EAST)] * 12
    held = held_back([("", "en", 0, (0.0, 0.0)), ("?", "en", 11, (0.0, 0.0))], passages)
    report = retrieval_report(held)
    assert report.same_language.recall == 0.5


def test_the_floor_is_what_most_found_passages_reach_and_counts_the_hopeless() -> None:
    passages = [("en", EAST), ("en", NORTH)]
    report = retrieval_report(
        held_back([("a", "en", 0, EAST), ("b", "en", 1, NORTH_EAST)], passages)
    )
    # Own cosines 1 and 0.8: the fifth percentile lies a twentieth of the way up. Others: 0 and 0.6.
    assert report.score_floor == pytest.approx(0.81)
    assert report.below_floor == 1.0


def test_a_question_meets_only_the_passages_of_its_pool() -> None:
    held = held_back(
        [("a", "en", 2, EAST)], [("en", EAST), ("en", NORTH), ("en", NORTH_EAST), ("en", NORTH)]
    )
    assert ranked(held, np.array([0]), np.arange(4)).nearest[0].tolist() == [0, 2, 1, 3]
    assert ranked(held, np.array([0]), np.array([2, 3])).nearest[0].tolist() == [2, 3]
    assert pool_report(held, too_few=1).same_language.mrr == 1.0  # its passage is the only answer


def test_a_language_with_few_passages_is_filled_up_with_others() -> None:
    held = held_back(
        [("a", "vi", 0, EAST), ("b", "en", 1, EAST)], [("vi", NORTH_EAST), ("en", EAST)]
    )
    alone, filled = pool_report(held, too_few=1), pool_report(held, too_few=2)
    assert alone.same_by_language["vi"].mrr == 1.0
    assert filled.same_by_language["vi"].mrr == 0.5
    assert filled.same_language.mrr == pytest.approx((0.5 + 1) / 2)


def test_consecutive_passages_of_a_language_share_a_pool() -> None:
    held = held_back(
        [(str(number), "en", number, EAST) for number in range(4)],
        [("en", EAST), ("en", NORTH_EAST), ("en", NORTH), ("en", NORTH)],
    )
    # Pools 0, 1 and 2, 3: ranks 1, 2, 1 and 2; in one pool the ranks would be 1, 2, 3 and 4.
    assert pool_report(held, size=2, too_few=1).same_language.mrr == pytest.approx(0.75)
    one = (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4
    assert pool_report(held, size=4, too_few=1).same_language.mrr == pytest.approx(one)


def test_across_languages_all_passages_are_mixed_and_counted_by_direction_and_language() -> None:
    held = held_back(
        [("a", "vi", 0, EAST), ("b", "en", 1, EAST), ("c", "en", 2, NORTH), ("d", "en", 3, NORTH)],
        [("en", EAST), ("vi", NORTH_EAST), ("fr", NORTH), ("en", EAST)],
    )
    report = pool_report(held)
    # Passage 3 belongs to a question of its own language and only fills the pool up: a's passage
    # comes first (the equal one stands after it), b's third behind both, c's first.
    assert report.cross_by_kind["xx→en"].mrr == 1.0
    assert report.cross_by_kind["en→xx"].mrr == pytest.approx((1 / 3 + 1) / 2)
    assert report.cross_by_language["vi"].mrr == pytest.approx((1 + 1 / 3) / 2)
    assert report.cross_by_language["fr"].questions == 1
    assert report.cross_language.mrr == pytest.approx((1 + 1 / 3 + 1) / 3)


def test_pools_are_of_equal_size_filled_without_repetition_and_the_same_every_time() -> None:
    def drawn() -> list[tuple[list[int], list[int]]]:
        pools = _pools(np.arange(5), size=4, fill=4, others=range(10, 30))
        return [(part.tolist(), pool.tolist()) for part, pool in pools]

    assert [part for part, _ in drawn()] == [[0, 1, 2], [3, 4]]
    assert all(len(set(pool)) == 4 and set(part) < set(pool) for part, pool in drawn())
    assert drawn() == drawn()
    unfilled = [pool.tolist() for _, pool in _pools(np.arange(5), size=4, fill=0, others=[9])]
    assert unfilled == [[0, 1, 2], [3, 4]]

import numpy as np
import pytest

from embeddings.fusion import Ranking, reciprocal_rank_fusion


def ranking(
    *scores: float | None, weight: float = 1.0, share: list[float] | None = None
) -> Ranking:
    """None is a candidate that this ranking does not know."""
    return Ranking(
        scores=np.array([0.0 if score is None else score for score in scores]),
        ranked=np.array([score is not None for score in scores]),
        weight=weight,
        share=None if share is None else np.array(share),
    )


def test_scores_are_the_sum_of_weighted_reciprocal_ranks() -> None:
    fused = reciprocal_rank_fusion(
        [ranking(2, 1, None), ranking(None, 2, 1, weight=0.5)], constant=60
    )
    assert fused == pytest.approx([1 / 61, 1 / 62 + 0.5 / 61, 0.5 / 62])


def test_the_constant_flattens_the_ranks() -> None:
    assert reciprocal_rank_fusion([ranking(2, 1)], constant=0).tolist() == [1.0, 0.5]


def test_a_share_scales_an_entry_and_moves_no_rank() -> None:
    fused = reciprocal_rank_fusion([ranking(2, 1, weight=2.0, share=[0.25, 1.0])], constant=0)
    assert fused == pytest.approx([2 * 0.25 / 1, 2 * 1.0 / 2])


def test_being_in_both_rankings_beats_leading_one() -> None:
    assert np.argmax(reciprocal_rank_fusion([ranking(2, 1, None), ranking(None, 1, 2)])) == 1


def test_nothing_ranked_gives_nothing() -> None:
    assert reciprocal_rank_fusion([ranking(None, None), ranking(None, None)]).tolist() == [0, 0]
    assert reciprocal_rank_fusion([]).tolist() == []


def test_equal_scores_share_a_rank_and_the_next_follows_on() -> None:
    assert ranking(0.5, 0.9, 0.5000001, None, 0.1).ranks().tolist() == [2, 1, 2, 3]

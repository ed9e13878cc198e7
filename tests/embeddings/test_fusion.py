import pytest

from embeddings.fusion import Ranking, reciprocal_rank_fusion


def test_scores_are_the_sum_of_weighted_reciprocal_ranks() -> None:
    rankings = [Ranking(scores={"a": 2, "b": 1}), Ranking(scores={"b": 2, "c": 1}, weight=0.5)]
    fused = reciprocal_rank_fusion(rankings, constant=60)
    assert fused == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 0.5 / 61, "c": 0.5 / 62})


def test_the_constant_flattens_the_ranks() -> None:
    assert reciprocal_rank_fusion([Ranking(scores={"a": 2, "b": 1})], constant=0) == {
        "a": 1.0,
        "b": 0.5,
    }


def test_a_share_scales_an_entry_and_moves_no_rank() -> None:
    ranking = Ranking(scores={"a": 2, "b": 1}, weight=2.0, share={"a": 0.25, "b": 1.0})
    fused = reciprocal_rank_fusion([ranking], constant=0)
    assert fused == pytest.approx({"a": 2 * 0.25 / 1, "b": 2 * 1.0 / 2})


def test_being_in_both_rankings_beats_leading_one() -> None:
    fused = reciprocal_rank_fusion(
        [Ranking(scores={"a": 2, "b": 1}), Ranking(scores={"c": 2, "b": 1})]
    )
    assert max(fused, key=fused.__getitem__) == "b"


def test_nothing_ranked_gives_nothing() -> None:
    assert reciprocal_rank_fusion([Ranking(scores={}), Ranking(scores={})]) == {}
    assert reciprocal_rank_fusion([]) == {}


def test_equal_scores_share_a_rank_and_the_next_follows_on() -> None:
    ranking = Ranking(scores={"a": 0.5, "b": 0.9, "c": 0.5000001, "d": 0.1})
    assert ranking.ranks() == {"b": 1, "a": 2, "c": 2, "d": 3}

import math

import pytest

from content_seed.evaluate import Need, evaluate
from tests.factories import work

pytestmark = pytest.mark.django_db


def need(name: str, language: str, query: str, *relevant: str, same: bool = True) -> Need:
    return Need(
        id=name,
        language=language,
        query=query,
        answers={work: frozenset({f"of {work}"}) for work in relevant},
        has_same_language=same,
    )


def test_measures_are_those_computed_by_hand() -> None:
    work(title="First", text="Honey.", summary="Honey.", collection_slug="first")
    work(
        title="Second",
        text="Honey and nine other words in it make this less near.",
        collection_slug="second",
    )
    work(title="Bamboo", text="Bamboo.", summary="Bamboo.", collection_slug="bamboo")
    needs = [
        need("N1", "fr", "honey", "second", "bamboo", same=False),
        need("N2", "en", "bamboo", "bamboo"),
        need("N3", "en", "nothing like it", "first"),
    ]
    found = evaluate(needs)
    # N1: its first relevant work comes second, one of two is found; N2 is perfect, N3 finds nothing.
    ndcg = (1 / math.log2(3)) / (1 + 1 / math.log2(3))
    assert found.by_language["fr"].values == pytest.approx(
        {"recall@10": 0.5, "MRR": 0.5, "nDCG@10": ndcg, "facts@10": 0.5}
    )
    assert found.by_language["en"].values == pytest.approx(
        {"recall@10": 0.5, "MRR": 0.5, "nDCG@10": 0.5, "facts@10": 0.5}
    )
    assert found.overall.needs == 3
    assert found.overall.values["MRR"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert found.by_direction["cross"].needs == 1
    assert found.by_direction["same"].needs == 2
    assert found.missed == ["N3"]


def test_no_needs_score_nothing() -> None:
    found = evaluate([])
    assert found.overall.needs == 0
    assert set(found.overall.values.values()) == {0.0}


def test_a_fact_counts_once_however_many_works_cite_it() -> None:
    one = Need(
        id="N",
        language="en",
        query="?",
        answers={
            "a": frozenset({"X-1"}),
            "b": frozenset({"X-1"}),
            "c": frozenset({"X-1", "X-2"}),
        },
        has_same_language=True,
    )
    assert one.facts_in([]) == 0
    assert one.facts_in(["a", "b", "unrelated"]) == 0.5
    assert one.facts_in(["b", "c"]) == 1

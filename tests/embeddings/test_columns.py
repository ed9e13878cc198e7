import math

import numpy as np

from embeddings.columns import DocumentEntry, PassageColumns, expiry


def entry(
    key: str, *, scope: str = "", until: float = math.inf, **facets: list[str]
) -> DocumentEntry:
    return DocumentEntry(
        key=key,
        work=key,
        language="en",
        facets=facets,
        dated="",
        scope=scope,
        visible_until=until,
        is_original=True,
    )


def columns(*entries: DocumentEntry) -> PassageColumns:
    made = PassageColumns()
    for number, one in enumerate(entries):
        made.add(one, [(10 * number, 0), (10 * number + 1, 1)])
    return made


def matching(made: PassageColumns, filters: dict[str, list[str]]) -> list[str]:
    mask = made.matching_documents(filters)
    return [made.documents[number].key for number in mask.nonzero()[0]]


def visible(made: PassageColumns, *barred: str, now: float = 0.0) -> list[str]:
    mask = made.visible_documents(barred_scopes=frozenset(barred), now=now)
    return [made.documents[number].key for number in mask.nonzero()[0]]


WORKS = [
    entry("vn-policy", kind=["policy"], country=["vn"]),
    entry("vn-lesson", kind=["lesson"], country=["vn"]),
    entry("th-policy", kind=["policy"], country=["th"]),
    entry("no-country", kind=["lesson"]),
]


def test_values_of_one_facet_are_alternatives() -> None:
    assert matching(columns(*WORKS), {"country": ["vn", "th"]}) == ["vn-policy", "vn-lesson", "th-policy"]  # fmt: skip


def test_several_facets_must_all_hold() -> None:
    assert matching(columns(*WORKS), {"country": ["vn", "th"], "kind": ["lesson"]}) == ["vn-lesson"]


def test_an_empty_choice_does_not_narrow() -> None:
    assert len(matching(columns(*WORKS), {"kind": []})) == 4
    assert len(matching(columns(*WORKS), {})) == 4


def test_an_unknown_value_or_facet_matches_nothing() -> None:
    assert matching(columns(*WORKS), {"kind": ["novel"]}) == []
    assert matching(columns(*WORKS), {"colour": ["red"]}) == []


def test_a_document_with_several_values_matches_each() -> None:
    made = columns(entry("a", theme=["finance", "grading"]))
    assert matching(made, {"theme": ["finance"]}) == ["a"]
    assert matching(made, {"theme": ["grading"]}) == ["a"]


def test_a_barred_prefix_hides_all_below_it_and_nothing_beside_it() -> None:
    made = columns(
        entry("root", scope="0001"),
        entry("section", scope="00010002"),
        entry("below", scope="000100020003"),
        entry("beside", scope="00010003"),
    )
    assert visible(made, "00010002") == ["root", "beside"]
    assert visible(made, "00010002", "00010003") == ["root"]
    assert visible(made) == ["root", "section", "below", "beside"]


def test_a_document_is_gone_from_the_moment_it_expires() -> None:
    made = columns(entry("a", until=100.0), entry("b"))
    assert visible(made, now=99.9) == ["a", "b"]
    assert visible(made, now=100.0) == ["b"]


def test_no_expiry_is_never() -> None:
    assert expiry(None) == math.inf
    assert expiry(5.0) == 5.0


def test_a_retired_document_is_not_visible_and_gives_its_slots_back_once() -> None:
    made = columns(entry("a"), entry("b"))
    assert made.retire("a") == [0, 1]
    assert made.retire("a") == []
    assert made.retire("unknown") == []
    assert visible(made) == ["b"]
    assert made.count_passages() == 2


def test_slots_are_never_given_out_twice() -> None:
    made = columns(entry("a"))
    made.retire("a")
    assert made.add(entry("a", kind=["policy"]), [(7, 0)]) == [2]
    assert visible(made) == ["a"]
    assert made.document_of(2).facets == {"kind": ["policy"]}
    assert (made.slots[2].passage_id, made.slots[2].position) == (7, 0)


def test_a_mask_over_documents_spreads_over_their_passages() -> None:
    made = columns(entry("a"), entry("b"))
    assert made.slots_of_documents(np.array([False, True])).tolist() == [False, False, True, True]
    made.add(entry("c"), [(30, 0)])
    assert made.slots_of_documents(np.array([True, False, True])).tolist() == [True, True, False, False, True]  # fmt: skip


def test_empty_columns_answer_with_empty_masks() -> None:
    made = PassageColumns()
    assert visible(made, "x") == []
    assert made.slots_of_documents(made.matching_documents({})).tolist() == []
    assert made.count_passages() == 0

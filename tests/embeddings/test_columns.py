import math
from dataclasses import replace
from typing import Any

import numpy as np

from embeddings.columns import DocumentEntry, PassageColumns, PassageEntry, Selection, expiry


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
        made.add(one, [PassageEntry(10 * number, 0), PassageEntry(10 * number + 1, 1)])
    return made


def select(
    made: PassageColumns, filters: dict[str, list[str]], *barred: str, now: float = 0.0
) -> Selection:
    return made.select(filters=filters, barred_scopes=frozenset(barred), now=now)


def matching(made: PassageColumns, filters: dict[str, list[str]]) -> list[str]:
    chosen = select(made, filters)
    return [made.documents[number].key for number in chosen.documents.nonzero()[0]]


def visible(made: PassageColumns, *barred: str, now: float = 0.0) -> list[str]:
    chosen = select(made, {}, *barred, now=now)
    return [made.documents[number].key for number in chosen.documents.nonzero()[0]]


def slots(made: PassageColumns, filters: dict[str, list[str]]) -> list[bool]:
    chosen = select(made, filters).slots
    return [True] * made.count_slots() if chosen is None else chosen.tolist()


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
    assert made.add(entry("a", kind=["policy"]), [PassageEntry(7, 0)]) == [2]
    assert visible(made) == ["a"]
    assert made.document_of(2).facets == {"kind": ["policy"]}
    assert made.rows_of(np.array([2])) == [7]
    assert made.place_of(2) == ("a", 0)
    assert made.slots_of_rows(np.array([7, 1, 99])).tolist() == [2]


def test_a_selection_spreads_over_the_passages_of_its_documents() -> None:
    made = columns(entry("a"), entry("b", kind=["policy"]))
    assert slots(made, {"kind": ["policy"]}) == [False, False, True, True]
    made.add(entry("c"), [PassageEntry(30, 0)])
    made.retire("b")
    assert slots(made, {}) == [True, True, False, False, True]
    assert select(made, {}).share == 0.6
    assert select(columns(entry("a")), {}).slots is None


def test_a_kept_selection_counts_only_until_something_comes_goes_or_expires() -> None:
    made = columns(entry("a", until=100.0), entry("b", scope="0001"))
    first = select(made, {}, now=1.0)
    assert select(made, {}, now=99.0) is first
    assert visible(made, now=100.0) == ["b"]
    assert visible(made, "0001", now=1.0) == ["a"]
    made.add(entry("c", scope="00010001"), [PassageEntry(50, 0)])
    assert visible(made, now=1.0) == ["a", "b", "c"]
    assert visible(made, "0001", now=1.0) == ["a"]
    made.retire("a")
    assert visible(made, now=1.0) == ["b", "c"]


def test_a_work_is_counted_once_for_each_value_of_any_of_its_documents() -> None:
    made = columns(
        replace(entry("a-en", theme=["x", "y"]), work="a"),
        replace(entry("a-vi", theme=["x"]), work="a"),
        entry("b", theme=["x"], colour=["red"]),
    )
    everything = select(made, {}).documents
    assert made.count_works("theme", everything) == {"x": 2, "y": 1}
    assert made.count_works("colour", everything) == {"red": 1}
    assert made.count_works("unknown", everything) == {}
    assert made.count_works("theme", select(made, {"colour": ["red"]}).documents) == {"x": 1}
    assert made.count_works("theme", made.documents_of_works([0])) == {"x": 1, "y": 1}


def test_what_is_cited_is_told_of_passages_and_once_of_their_documents() -> None:
    made = PassageColumns()
    made.add(entry("a"), [PassageEntry(1, 0), PassageEntry(2, 1, cited=[5, 2**32 - 1])])
    made.add_all(
        [entry("b"), entry("c")],
        np.array([1, 2]),
        np.array([3, 4, 5]),
        np.array([0, 0, 1], np.int32),
        cited=np.array([7, 5, 8, 5], np.uint32),
        cited_counts=np.array([0, 1, 3]),
    )
    made.add(entry("d"), [PassageEntry(6, 0, cited=[9])])

    def pairs(found: tuple[Any, Any]) -> list[tuple[int, int]]:
        return list(zip(*(part.tolist() for part in found), strict=True))

    slots = np.array([5, 0, 1, 4, 2])
    assert pairs(made.cited_in(slots)) == [(0, 9), (2, 5), (2, 2**32 - 1), (3, 5), (3, 8), (3, 5)]
    first_of_each = [(0, 9), (1, 5), (1, 2**32 - 1), (2, 5), (2, 2**32 - 1)]
    assert pairs(made.cited_beside(slots)) == [*first_of_each, (3, 5), (3, 7), (3, 8)]
    assert pairs(made.cited_beside(np.zeros(0, np.int64))) == []


def test_documents_of_a_day_and_of_a_month() -> None:
    dates = ("2023-02-24", "2023-02", "2023", "2024-02-24", "")
    made = columns(*(replace(entry(f"d{n}"), dated=date) for n, date in enumerate(dates)))
    all_slots = np.arange(made.count_slots())
    assert made.dated_on("2023-02-24", all_slots).nonzero()[0].tolist() == [0, 1]
    assert made.dated_on("2023-02", all_slots).nonzero()[0].tolist() == [0, 1, 2, 3]
    assert made.first_slots_dated("2023-02", select(made, {}), 10).tolist() == [0, 2]


def test_ties_are_settled_alike_in_every_process() -> None:
    one, other = columns(entry("a"), entry("b")), columns(entry("b"), entry("a"))
    mine, theirs = one.order_of(np.array([0, 2])), other.order_of(np.array([2, 0]))
    assert mine[0].tolist() == theirs[0].tolist()
    assert mine[1].tolist() == theirs[1].tolist() == [0, 0]


def test_empty_columns_answer_with_empty_masks() -> None:
    made = PassageColumns()
    assert visible(made, "x") == []
    assert select(made, {"kind": ["policy"]}).documents.tolist() == []
    assert made.count_passages() == 0

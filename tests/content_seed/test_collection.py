"""The collection on disk: what it holds and whether it keeps its own rules. Read, not loaded."""

import dataclasses
from collections import Counter

import pytest

from content_seed import check
from content_seed.check import _states, problems
from content_seed.evaluate import Need, read_needs, relevance_files
from content_seed.parse import KINDS, WorkFile, read_collection, read_table
from content_seed.vocabulary import address_in, listed_sources, places_of

WORKS = read_collection()
FACTS = {row["code"]: row for row in read_table("facts.tsv")}


def languages_of(works: list[WorkFile]) -> Counter[str]:
    return Counter(language for work in works for language in work.versions)


def test_there_are_at_least_forty_works_of_every_kind() -> None:
    kinds = Counter(work.kind for work in WORKS)
    assert sum(kinds.values()) >= 40
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 4


@pytest.mark.parametrize(
    ("languages", "least"),
    [(["vi"], 12), (["en"], 8), (["th"], 5), (["ja"], 4), (["fr"], 4), (["pt", "id", "sw"], 3)],
    ids=str,
)
def test_every_main_language_has_its_texts(languages: list[str], least: int) -> None:
    counts = languages_of(WORKS)
    assert sum(counts[language] for language in languages) >= least


def test_translations_are_many_and_run_between_vietnamese_and_english() -> None:
    translated = [work for work in WORKS if len(work.versions) > 1]
    both = [work for work in translated if {"vi", "en"} <= set(work.versions)]
    assert sum(len(work.versions) - 1 for work in translated) >= 12
    assert len(both) >= 6
    assert all(work.original in {"vi", "en"} for work in both if set(work.versions) == {"vi", "en"})


def test_the_collection_keeps_all_its_promises() -> None:
    assert problems(WORKS) == []


def test_every_web_page_that_a_fact_names_has_a_title() -> None:
    named = {address_in(place) for row in FACTS.values() for place in places_of(row, FACTS)}
    assert {place for place in named if "://" in place} == set(listed_sources())


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"address": "https://example.org/none"}, "no fact names https://example.org/none"),
        ({"title": ""}, "title: "),
        ({"dated": "May 2019"}, "dated: "),
        ({"language": "xx"}, "language: "),
    ],
    ids=["unknown address", "no title", "no date", "unknown language"],
)
def test_a_faulty_row_of_the_sources_is_found(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], fault: str
) -> None:
    rows = list(read_table("sources.tsv"))
    found = sources_faults(monkeypatch, [{**rows[0], **changed}, *rows[1:]])
    assert len(found) == 1
    assert fault in found[0]


def test_a_page_with_two_titles_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = list(read_table("sources.tsv"))
    assert sources_faults(monkeypatch, rows) == []
    found = sources_faults(monkeypatch, [*rows, rows[0]])
    assert found == [f"sources.tsv: 2 rows for {rows[0]['address']}"]


def sources_faults(monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, str]]) -> list[str]:
    """Return what the check finds in rows of our own in place of sources.tsv."""
    monkeypatch.setattr(check, "read_table", lambda _: iter(rows))
    return list(check._listed_sources(WORKS, FACTS))


def test_it_is_as_large_as_it_says() -> None:
    kinds = Counter(work.kind for work in WORKS)
    assert len(WORKS) >= 120
    assert kinds["policy"] >= 30
    assert kinds["lesson"] >= 35
    assert kinds["case_study"] >= 45
    assert len({work.programme for work in WORKS}) >= 20
    assert len({work.original for work in WORKS}) >= 10
    assert sum(len(work.versions) - 1 for work in WORKS) >= 50


def test_at_least_twelve_programmes_can_be_compared() -> None:
    filled = [
        work for work in WORKS if work.kind == "programme" and work.versions[work.original].cells
    ]
    assert len(filled) >= 12


def planted(**changes: object) -> list[str]:
    """Return the faults found when one text is changed."""
    work = next(one for one in WORKS if one.slug == "kyrgyz-national-project")
    version = dataclasses.replace(work.versions["en"], **changes)
    changed = dataclasses.replace(work, versions={**work.versions, "en": version})
    programme = next(one for one in WORKS if one.slug == work.programme)
    return [fault for fault in problems([programme, changed]) if fault.startswith(work.slug)]


TEXT = next(one for one in WORKS if one.slug == "kyrgyz-national-project").versions["en"].markdown


@pytest.mark.parametrize(
    ("markdown", "fault"),
    [
        (TEXT + "\n\nSales reached 12,345 last year.", "no source near '12,345'"),
        (TEXT + "\n\nMore [@XX-99].", "no such fact: XX-99"),
        (TEXT + "\n\nMore [@KG-01, @NF-04].", "marks that the portal does not read"),
        (TEXT * 6, "words"),
        ("## One\n\nShort [@KG-01].", "fewer than 3 headings"),
        ("# Title\n\n" + TEXT, "a heading of the first order"),
    ],
)
def test_a_fault_in_a_text_is_told(markdown: str, fault: str) -> None:
    assert any(fault in told for told in planted(markdown=markdown))


def test_a_text_in_another_language_than_it_says_is_told() -> None:
    vietnamese = next(work for work in WORKS if work.slug == "quang-ninh-pilot").versions["vi"]
    assert any("reads as vi" in told for told in planted(markdown=vietnamese.markdown))


def test_a_work_that_repeats_another_is_told() -> None:
    original = next(work for work in WORKS if work.slug == "decision-148")
    copy = dataclasses.replace(original, slug="copy", kind="lesson")
    assert any(
        fault == "decision-148.en: repeats much of copy.en" for fault in problems([original, copy])
    )


@pytest.mark.parametrize(
    ("statement", "value", "states"),
    [
        ("planned total cost about VND 45,000 billion", 45_000_000_000_000, True),
        ("outlay Rs 10,000 crore", 100_000_000_000, True),
        ("10-12% on average", 12, True),
        ("8,340 products", 8_430, False),
        ("more than 700 stands", 70, False),
    ],
)
def test_a_figure_must_stand_in_its_fact(statement: str, value: float, states: bool) -> None:
    assert _states(statement, value) is states


def test_every_fact_has_a_statement_and_a_status() -> None:
    assert {row["status"] for row in FACTS.values()} == {"sourced", "weak source", "unverified"}
    assert [code for code, row in FACTS.items() if not row["fact"].strip()] == []


NEEDS = [need for name in relevance_files() for need in read_needs(name)]


def test_there_are_needs_in_several_languages() -> None:
    assert len(NEEDS) >= 135
    assert len({need.id for need in NEEDS}) == len(NEEDS)
    assert len({need.language for need in NEEDS}) >= 12
    assert {need.has_same_language for need in NEEDS} == {True, False}


@pytest.mark.parametrize("need", NEEDS, ids=[need.id for need in NEEDS])
def test_every_need_has_a_work_that_answers_it(need: Need) -> None:
    assert need.relevant

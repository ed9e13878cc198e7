"""The collection on disk: what it holds and whether it keeps its own rules. Read, not loaded."""

import re
from collections import Counter

import pytest
from django.conf import settings

from content_seed.evaluate import Need, read_needs
from content_seed.parse import KINDS, VersionFile, WorkFile, read_collection, read_table
from content_seed.vocabulary import _note, _places
from embeddings.language import detect_language
from embeddings.passages import cited_codes, without_citations

WORKS = read_collection()
VERSIONS = [
    pytest.param(work, version, id=f"{work.slug}.{version.language}")
    for work in WORKS
    for version in work.versions.values()
]
FACTS = {row["code"]: row for row in read_table("facts.tsv")}
CHARACTERS_PER_WORD = {"th": 5, "lo": 5, "km": 5, "my": 5, "ja": 2, "zh": 2}


def words(version: VersionFile) -> float:
    text = re.sub(r"\[@[^\]]*\]|[#|*-]", " ", version.markdown)
    per_word = CHARACTERS_PER_WORD.get(version.language)
    return len("".join(text.split())) / per_word if per_word else len(text.split())


def languages_of(works: list[WorkFile]) -> Counter[str]:
    return Counter(language for work in works for language in work.versions)


def test_there_are_at_least_forty_works_of_every_kind() -> None:
    kinds = Counter(work.kind for work in WORKS)
    assert sum(kinds.values()) >= 40
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 5


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


def test_names_are_unique_over_all_kinds() -> None:
    assert len({work.slug for work in WORKS}) == len(WORKS)


@pytest.mark.parametrize(("work", "version"), VERSIONS)
def test_a_text_has_a_fair_length_and_headings(work: WorkFile, version: VersionFile) -> None:
    assert 250 <= words(version) <= 900
    assert len(re.findall(r"^## ", version.markdown, re.MULTILINE)) >= 3
    assert not re.search(r"^# ", version.markdown, re.MULTILINE)
    assert 10 <= len(version.title) <= 255
    assert 20 <= len(version.summary) <= 400
    assert version.language in dict(settings.LANGUAGES)


def test_every_text_is_recognised_as_the_language_it_declares() -> None:
    wrong = {}
    for work in WORKS:
        for version in work.versions.values():
            prose = [one for one in version.markdown.splitlines() if one and one[0] not in "#|-"]
            text = without_citations(" ".join(prose))
            detected = detect_language(text, declared=version.language)
            if detected != version.language:
                wrong[f"{work.slug}.{version.language}"] = detected
    assert wrong == {}


@pytest.mark.parametrize(("work", "version"), VERSIONS)
def test_every_bracket_with_a_code_is_a_citation_the_portal_reads(
    work: WorkFile, version: VersionFile
) -> None:
    assert set(cited_codes(version.markdown)) == version.codes
    assert version.codes <= set(FACTS)


@pytest.mark.parametrize("work", WORKS, ids=[work.slug for work in WORKS])
def test_a_work_refers_only_to_what_exists(work: WorkFile) -> None:
    slugs = {kind: {one.slug for one in WORKS if one.kind == kind} for kind in KINDS}
    assert work.programme in slugs["programme"]
    assert set(work.themes) <= {row["code"] for row in read_table("themes.tsv")}
    assert work.themes
    assert work.country in {"", *(row["code"] for row in read_table("countries.tsv"))}
    assert {*work.policy.get("amends", ()), *work.policy.get("replaces", ())} <= slugs["policy"]
    assert re.fullmatch(r"(\d{4}(-\d{2}(-\d{2})?)?)?", work.dated)
    assert set(work.policy) <= {"number", "issued", "in_force_from", "in_force_until", "amends", "replaces"}  # fmt: skip
    assert set(work.profile) <= {"started", "aliases"}
    assert bool(work.profile) == (work.kind == "programme")


@pytest.mark.parametrize("work", WORKS, ids=[work.slug for work in WORKS])
def test_versions_of_a_work_have_the_same_shape(work: WorkFile) -> None:
    """A reader of a translation gets every part of the original."""
    shapes = {
        version.language: [line.split(" ")[0] for line in version.markdown.splitlines() if line.startswith("#")]
        for version in work.versions.values()
    }  # fmt: skip
    assert all(shape == shapes[work.original] for shape in shapes.values()), shapes


def test_every_fact_has_a_statement_and_a_status() -> None:
    assert {row["status"] for row in FACTS.values()} == {"sourced", "weak source", "unverified"}
    assert [code for code, row in FACTS.items() if not row["fact"].strip()] == []


def test_every_cited_fact_that_is_called_sourced_says_where_it_was_read() -> None:
    """A reader who follows a figure must not end at "sourced" without a source or a note."""
    cited = set().union(*(work.facts for work in WORKS))
    nowhere = [
        code
        for code in sorted(cited)
        if FACTS[code]["status"] == "sourced"
        and not list(_places(FACTS[code], FACTS))
        and not _note(FACTS[code])
    ]
    assert nowhere == []


def test_no_work_rests_on_weak_or_unverified_facts() -> None:
    firm = {code for code, row in FACTS.items() if row["status"] == "sourced"}
    assert [work.slug for work in WORKS if len(work.facts & firm) <= len(work.facts) / 2] == []


NEEDS = read_needs()


def test_there_are_needs_in_several_languages() -> None:
    assert len(NEEDS) >= 30
    assert len({need.id for need in NEEDS}) == len(NEEDS)
    assert {"vi", "en", "th", "fr"} <= {need.language for need in NEEDS}
    assert {need.has_same_language for need in NEEDS} == {True, False}


@pytest.mark.parametrize("need", NEEDS, ids=[need.id for need in NEEDS])
def test_every_need_has_a_work_that_answers_it(need: Need) -> None:
    assert need.relevant

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from content_seed.parse import (
    CollectionError,
    optional_date,
    read_collection,
    read_table,
    read_version,
    read_work,
)

WORK = """kind: policy
programme: ocop
country: VN
date: 2023-02-24
date_fact: VN-1
themes: [grading]
original: vi
facts: [VN-1, S0-07]
policy: {number: 148/QĐ-TTg, issued: 2023-02-24}
"""
TEXT = '---\ntitle: "Quyết định: 148"\nsummary: "Tóm tắt."\nissuer: Thủ tướng\n---\n## A\n\nx [@VN-1; @S0-07]\n'

CELLS = "cells:\n  levels: Five levels [@VN-1].\n  open: Nothing found [@S0-07].\n"
WITH_CELLS = TEXT.replace("---\n##", f"{CELLS}---\n##")

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(
        work: str | None = WORK, *, kind: str = "policy", slug: str = "decision", **texts: str
    ) -> Path:
        directory = tmp_path / kind / slug
        directory.mkdir(parents=True)
        if work is not None:
            (directory / "work.yaml").write_text(work, encoding="utf-8")
        for language, text in (texts or {"vi": TEXT}).items():
            (directory / f"{language}.md").write_text(text, encoding="utf-8")
        return directory

    return write


def test_a_work_is_read_with_all_it_says(make: Make) -> None:
    work = read_work(make())
    assert (work.slug, work.kind, work.programme, work.country) == ("decision", "policy", "ocop", "vn")  # fmt: skip
    assert (work.dated, work.themes, work.original) == ("2023-02-24", ("grading",), "vi")
    assert work.facts == {"VN-1", "S0-07"}
    assert work.policy == {"number": "148/QĐ-TTg", "issued": dt.date(2023, 2, 24)}
    version = work.versions["vi"]
    assert (version.title, version.summary) == ("Quyết định: 148", "Tóm tắt.")
    assert version.markdown == "## A\n\nx [@VN-1; @S0-07]"
    assert version.extra == {"issuer": "Thủ tướng"}
    assert version.codes == {"VN-1", "S0-07"}


def test_a_work_without_country_date_or_profile_is_international_and_undated(make: Make) -> None:
    lines = [
        line for line in WORK.splitlines() if not line.startswith(("country", "date", "policy"))
    ]
    work = read_work(make("\n".join(lines)))
    assert (work.country, work.dated, work.policy, work.profile) == ("", "", {}, {})


@pytest.mark.parametrize("missing", ["kind", "programme", "themes", "original", "facts"])
def test_a_missing_key_names_the_work_and_the_key(make: Make, missing: str) -> None:
    lines = [line for line in WORK.splitlines() if not line.startswith(missing)]
    with pytest.raises(CollectionError, match=rf"decision.*{missing}"):
        read_work(make("\n".join(lines)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: policy", "kind: lesson", "decision: kind 'lesson'"),
        ("kind: policy", "kind: novel", "decision: kind 'novel'"),
        ("original: vi", "original: fr", "decision: .*fr"),
        ("facts: [VN-1, S0-07]", "facts: [VN-1]", r"decision\.vi: .*S0-07"),
        ("facts: [VN-1, S0-07]", "facts: [VN-1, S0-07, VN-9]", r"decision\.vi: .*VN-9"),
        ("facts: [VN-1, S0-07]", "facts:", "decision"),
        ("themes: [grading]", "themes: [grading", "decision"),
        ("date_fact: VN-1\n", "", "decision: the date needs a date_fact"),
        ("date: 2023-02-24\n", "", "decision: the date needs a date_fact"),
        ("date_fact: VN-1", "date_fact: VN-9", "decision: the date needs a date_fact"),
        ("kind: policy", "- kind", "decision"),
    ],
)
def test_a_contradiction_names_the_work(make: Make, old: str, new: str, message: str) -> None:
    with pytest.raises(CollectionError, match=message):
        read_work(make(WORK.replace(old, new)))


def test_an_empty_or_missing_description_names_the_work(make: Make) -> None:
    with pytest.raises(CollectionError, match="decision"):
        read_work(make(""))
    with pytest.raises(CollectionError, match="other"):
        read_work(make(None, slug="other"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No front matter.",
        "---\ntitle: x\nsummary: y\n",
        TEXT.replace("title:", "name:"),
        TEXT.replace("summary:", "abstract:"),
        "---\n- a list\n---\nx",
        "---\ntitle: [\n---\nx",
        "---\n---\nx",
    ],
    ids=[
        "empty",
        "no front",
        "not closed",
        "no title",
        "no summary",
        "list",
        "bad yaml",
        "nothing",
    ],
)
def test_a_fault_in_a_text_names_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "vi.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CollectionError, match=r"vi\.md"):
        read_version(path)


@pytest.mark.parametrize("front", ["title:\nsummary: y", "title: x\nsummary:"])
def test_an_empty_title_or_summary_names_its_file(tmp_path: Path, front: str) -> None:
    """YAML reads an empty value as None, which must not become the title "None"."""
    path = tmp_path / "vi.md"
    path.write_text(f"---\n{front}\n---\nText.", encoding="utf-8")
    with pytest.raises(CollectionError, match=r"vi\.md"):
        read_version(path)


def test_cells_are_read_apart_from_what_else_stands_in_front(make: Make) -> None:
    version = read_work(make(vi=WITH_CELLS)).versions["vi"]
    assert version.cells == {"levels": "Five levels [@VN-1].", "open": "Nothing found [@S0-07]."}
    assert version.extra == {"issuer": "Thủ tướng"}
    assert (version.title, version.markdown) == ("Quyết định: 148", "## A\n\nx [@VN-1; @S0-07]")


@pytest.mark.parametrize("front", ["", "cells:\n", "cells: {}\n"])
def test_a_text_without_cells_has_none(make: Make, front: str) -> None:
    text = TEXT.replace("---\n##", f"{front}---\n##")
    assert read_work(make(vi=text)).versions["vi"].cells == {}


def test_a_fact_that_only_a_cell_cites_counts_as_cited(make: Make) -> None:
    moved = WITH_CELLS.replace("; @S0-07]\n", "]\n")
    assert read_work(make(vi=moved)).versions["vi"].codes == {"VN-1", "S0-07"}


def test_a_fact_that_a_cell_cites_alone_must_be_listed(make: Make) -> None:
    added = WITH_CELLS.replace("Five levels [@VN-1]", "Five levels [@VN-1; @VN-9]")
    with pytest.raises(CollectionError, match=r"decision\.vi: .*VN-9"):
        read_work(make(vi=added))


@pytest.mark.parametrize("cells", ["text", "[levels, open]", "5", "{levels: x"])
def test_cells_that_are_no_mapping_name_their_file(tmp_path: Path, cells: str) -> None:
    path = tmp_path / "vi.md"
    path.write_text(f"---\ntitle: x\nsummary: y\ncells: {cells}\n---\nText.", encoding="utf-8")
    with pytest.raises(CollectionError, match=r"vi\.md"):
        read_version(path)


def test_a_text_that_is_not_utf8_names_its_work(make: Make) -> None:
    directory = make()
    (directory / "vi.md").write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(CollectionError, match="vi"):
        read_work(directory)


def test_a_collection_has_programmes_first_then_by_name(make: Make, tmp_path: Path) -> None:
    for kind, slug in (("policy", "b"), ("case_study", "a"), ("programme", "z"), ("policy", "a")):
        make(WORK.replace("kind: policy", f"kind: {kind}"), kind=kind, slug=slug)
    works = [(work.kind, work.slug) for work in read_collection(tmp_path)]
    assert works == [("programme", "z"), ("policy", "a"), ("policy", "b"), ("case_study", "a")]


def test_one_faulty_work_refuses_the_collection(make: Make, tmp_path: Path) -> None:
    make(slug="good")
    make("kind: policy", slug="bad")
    with pytest.raises(CollectionError, match="bad"):
        read_collection(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [("grading", "finance"), ("VN\n", "TH\n"), ("2023-02-24", "2023-02-25"), ("148", "149"), ("ocop", "otop")],
)  # fmt: skip
def test_every_change_of_the_description_changes_the_fingerprint(
    make: Make, old: str, new: str
) -> None:
    before = read_work(make(slug="same", kind="policy")).fingerprint("vi")
    changed = make(WORK.replace(old, new), slug="other")
    assert read_work(changed).fingerprint("vi") != before


@pytest.mark.parametrize("old", ["Quyết định", "Tóm tắt", "Thủ tướng", "## A"])
def test_every_change_of_a_text_changes_its_own_fingerprint_only(make: Make, old: str) -> None:
    before = read_work(make(slug="same", vi=TEXT, en=TEXT))
    after = read_work(make(slug="other", vi=TEXT.replace(old, "X"), en=TEXT))
    assert before.fingerprint("vi") != after.fingerprint("vi")
    assert before.fingerprint("en") == after.fingerprint("en")


@pytest.mark.parametrize(
    "cells", [CELLS.replace("Five", "Six"), CELLS.replace("open", "mark"), ""], ids=str
)
def test_every_change_of_the_cells_changes_the_fingerprint_of_their_text_only(
    make: Make, cells: str
) -> None:
    before = read_work(make(slug="same", vi=WITH_CELLS, en=TEXT))
    after = read_work(make(slug="other", vi=WITH_CELLS.replace(CELLS, cells), en=TEXT))
    assert before.fingerprint("vi") != after.fingerprint("vi")
    assert before.fingerprint("en") == after.fingerprint("en")


def test_a_date_is_a_date_or_nothing() -> None:
    assert optional_date(None) is None
    assert optional_date(dt.date(2023, 1, 1)) == dt.date(2023, 1, 1)
    with pytest.raises(CollectionError, match="soon"):
        optional_date("soon")


def test_a_table_is_read_by_its_header() -> None:
    rows = list(read_table("themes.tsv"))
    assert {"code", "en", "vi"} <= set(rows[0])
    assert len(rows) >= 10

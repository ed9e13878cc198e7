import pytest

from content_seed.markdown import body_from_markdown
from embeddings.passages import cited_codes, without_citations
from embeddings.types import Section
from knowledge.blocks import BodyBlock, raw_text, sections_of


def body(markdown: str) -> object:
    return BodyBlock().to_python(body_from_markdown(markdown, name="test"))


def sections(markdown: str) -> list[tuple[str, str]]:
    found: list[Section] = list(sections_of(body(markdown)))
    return [(one.heading, one.text) for one in found]


def test_codes_are_told_once_in_the_order_of_first_mention() -> None:
    text = "A [@VN-21]. B [@S0-07; @VN-25]. C [@VN-21;@CF-12]."
    assert cited_codes(text) == ["VN-21", "S0-07", "VN-25", "CF-12"]


@pytest.mark.parametrize(
    "text", ["", "[VN-21]", "@VN-21", "[@vn-21]", "[@VN21]", "[@VN-21, @VN-22]", "mail@VN-21.org"]
)
def test_what_is_not_a_citation_cites_nothing(text: str) -> None:
    assert cited_codes(text) == []
    assert without_citations(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("65.5% [@VN-41].", "65.5%."),
        ("65,5 %\u00a0[@VN-41] en 2022", "65,5 % en 2022"),
        ("40点[@VN-21]です", "40点です"),
        ("a [@VN-1; @VN-2] b", "a b"),
        ("two  [@VN-1]", "two "),
    ],
)
def test_a_mark_leaves_with_the_one_space_before_it(text: str, clean: str) -> None:
    assert without_citations(text) == clean


def test_sections_follow_the_headings() -> None:
    markdown = "Lead.\n\n## One\n\nText one.\n\n### Sub\n\nText sub.\n\n## Two\n\nText two."
    assert sections(markdown) == [
        ("", "Lead."),
        ("One", "Text one."),
        ("One › Sub", "Text sub."),
        ("Two", "Text two."),
    ]


def test_a_new_heading_ends_the_subheading_of_the_former() -> None:
    assert sections("## A\n\n### B\n\nx\n\n## C\n\ny") == [("A › B", "x"), ("C", "y")]


def test_a_heading_without_text_gives_no_section() -> None:
    assert sections("## Empty\n\n## Full\n\nx") == [("Full", "x")]
    assert sections("") == []


def test_citations_stay_in_the_text_for_the_passages_and_leave_the_headings() -> None:
    assert sections("## Points [@VN-21]\n\nForty [@VN-21] points.") == [
        ("Points", "Forty [@VN-21] points.")
    ]


def test_markup_and_entities_become_plain_text() -> None:
    markdown = "Sales **grew** & *fell* by < 5 %.\n\n- one\n- two"
    ((heading, text),) = sections(markdown)
    assert heading == ""
    assert [line for line in text.split("\n") if line] == [
        "Sales grew & fell by < 5 %.",
        "one",
        "two",
    ]


def test_a_table_is_read_row_by_row() -> None:
    markdown = "| Part | Old [@VN-09] |\n|---|---|\n| A | 35 |\n| B | |"
    assert sections(markdown) == [("", "Part · Old [@VN-09]\nA · 35\nB ·")]


def test_citations_of_every_kind_of_block_are_known() -> None:
    markdown = (
        "## H [@VN-1]\n\n### S [@VN-2]\n\nText [@VN-3].\n\n| a | b [@VN-4] |\n|---|---|\n| c | d |"
    )
    assert cited_codes(raw_text(body(markdown))) == ["VN-1", "VN-2", "VN-3", "VN-4"]

import re

from content_seed.markdown import body_from_markdown

TEXT = """Lead *one* [@VN-1].

Lead two.

- a
- b

## Heading **x**

### Sub

| Part | Old |
|---|---|
| **A** | 35 [@VN-09] |
| B | |

1. one
2. two
"""


def blocks(markdown: str) -> list[tuple[str, object]]:
    return [(one["type"], one["value"]) for one in body_from_markdown(markdown, name="n")]


def test_paragraphs_and_lists_between_headings_are_one_block() -> None:
    found = blocks(TEXT)
    assert [kind for kind, _ in found] == ["text", "heading", "subheading", "table", "text"]
    lead = re.sub(r"\s+", " ", str(found[0][1]))
    assert lead == "<p>Lead <em>one</em> [@VN-1].</p> <p>Lead two.</p> <ul> <li>a</li> <li>b</li> </ul>"  # fmt: skip
    assert "<ol>" in str(found[4][1])


def test_a_table_keeps_its_rows_header_first() -> None:
    (_, table) = blocks(TEXT)[3]
    assert isinstance(table, dict)
    assert table["data"] == [["Part", "Old"], ["A", "35 [@VN-09]"], ["B", ""]]
    assert table["first_row_is_table_header"] is True


def test_headings_are_plain_text() -> None:
    assert dict(blocks("## One\n\n### Two\n\nx")) == {
        "heading": "One",
        "subheading": "Two",
        "text": "<p>x</p>",
    }


def test_emphasis_in_a_heading_is_not_shown_as_asterisks() -> None:
    assert blocks("## Heading **x**") == [("heading", "Heading x")]


def test_html_in_the_text_is_escaped() -> None:
    ((_, html),) = blocks("a <script>alert(1)</script> b")
    assert "<script" not in str(html)
    assert "&lt;script&gt;" in str(html)


def test_nothing_gives_no_block() -> None:
    assert body_from_markdown("", name="n") == []
    assert body_from_markdown("\n \n", name="n") == []


def test_ids_are_the_same_each_time_and_different_for_each_block_and_name() -> None:
    first, second = body_from_markdown(TEXT, name="a"), body_from_markdown(TEXT, name="a")
    assert first == second
    other = body_from_markdown(TEXT, name="b")
    ids = [one["id"] for one in (*first, *other)]
    assert len(set(ids)) == len(ids) == 10

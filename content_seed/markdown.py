"""Markdown of the collection → StreamField data of a work's body."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from markdown_it import MarkdownIt
from markdown_it.token import Token

_HEADINGS = {"h2": "heading", "h3": "subheading"}
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def body_from_markdown(markdown: str, *, name: str) -> list[dict[str, Any]]:
    """Return blocks as StreamField stores them; ids follow from `name`, so loading twice is equal.

    Consecutive paragraphs and lists become one text block.
    """
    blocks: list[tuple[str, Any]] = []
    pending: list[Token] = []

    def flush() -> None:
        if pending:
            html = _parser.renderer.render(pending, _parser.options, {}).strip()
            blocks.append(("text", html))
            pending.clear()

    for top in _top_level(_parser.parse(markdown)):
        kind = top[0].tag
        if kind in _HEADINGS:
            flush()
            blocks.append((_HEADINGS[kind], _plain(top[1])))
        elif kind == "table":
            flush()
            blocks.append(("table", _table(top)))
        else:
            pending.extend(top)
    flush()
    return [
        {"type": block_type, "value": value, "id": str(uuid5(NAMESPACE_URL, f"{name}#{number}"))}
        for number, (block_type, value) in enumerate(blocks)
    ]


def _top_level(tokens: list[Token]) -> list[list[Token]]:
    groups: list[list[Token]] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            groups.append([])
        groups[-1].append(token)
    return groups


def _table(tokens: list[Token]) -> dict[str, Any]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_plain(token))
    return {
        "data": rows,
        "cell": [],
        "first_row_is_table_header": True,
        "first_col_is_header": False,
        "table_caption": "",
    }


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())

"""StreamField blocks of a work's text, and their plain text for the index."""

import re
from collections.abc import Iterator
from html import unescape

from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.stream_block import StreamValue
from wagtail.contrib.table_block.blocks import TableBlock

from embeddings.passages import without_citations
from embeddings.types import Section

_BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|ul|ol|tr)>|<br\s*/?>")


class BodyBlock(blocks.StreamBlock):
    """The text of a work: headings, running text, tables."""

    heading = blocks.CharBlock(label=_("Heading"), icon="title", form_classname="title")
    subheading = blocks.CharBlock(label=_("Subheading"), icon="title")
    text = blocks.RichTextBlock(
        label=_("Text"),
        features=["bold", "italic", "ol", "ul", "link", "document-link"],
        help_text=_("Cite a fact right after its figure: [@VN-21]."),
    )
    table = TableBlock(label=_("Table"))


def raw_text(body: StreamValue) -> str:
    """Return all text of a body with its citation marks."""
    return "\n".join(_raw(block.block_type, block.value) for block in body)


def sections_of(body: StreamValue) -> Iterator[Section]:
    """Yield the body's text with its citation marks, each section under its heading path."""
    heading = subheading = ""
    lines: list[str] = []
    for block in body:
        if block.block_type in {"heading", "subheading"}:
            yield from _section(heading, subheading, lines)
            lines = []
            if block.block_type == "heading":
                heading, subheading = str(block.value), ""
            else:
                subheading = str(block.value)
        else:
            lines.append(_raw(block.block_type, block.value))
    yield from _section(heading, subheading, lines)


def _section(heading: str, subheading: str, lines: list[str]) -> Iterator[Section]:
    text = "\n".join(line.strip() for line in lines if line.strip())
    if text:
        path = " › ".join(without_citations(part) for part in (heading, subheading) if part)
        yield Section(heading=path, text=text)


def _raw(block_type: str, value: object) -> str:
    if block_type == "text":
        html = _BLOCK_END.sub(
            lambda match: match.group() + "\n", str(getattr(value, "source", value))
        )
        return unescape(strip_tags(html)).strip()
    if block_type == "table":
        rows = value.get("data") or [] if isinstance(value, dict) else []
        return "\n".join(" · ".join(str(cell or "") for cell in row) for row in rows)
    return str(value)

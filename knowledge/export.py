"""A work outside the portal: as plain parts for documents, and as Markdown with footnotes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from django.http import HttpRequest
from django.utils.translation import gettext as _
from markdownify import markdownify

from embeddings.passages import CITATION, coded_citations, without_citations
from knowledge.citing import apa, reference_to
from knowledge.models import Fact
from knowledge.models.base import WorkPage

_ITEM = re.compile(r"[*+-]\s+|(?P<number>\d+)\.\s+")
_CONTROLS = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_controls(text: str) -> str:
    """Return a text without what XML 1.0 (2.2, "Characters") has no place for."""
    return _CONTROLS.sub("", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading, a paragraph, an item of a list or a table of a work's text."""

    kind: str
    """"heading", "subheading", "paragraph", "item", "numbered" or "table"."""
    text: str = ""
    number: int = 0
    """Of a numbered item."""
    rows: Sequence[Sequence[str]] = ()


def parts_of(page: WorkPage) -> list[Part]:
    """Return the text of a work in plain parts, citation marks as the codes of their facts."""
    return list(_parts(page))


def _parts(page: WorkPage) -> Iterator[Part]:
    for block in page.body:
        if block.block_type in {"heading", "subheading"}:
            yield Part(kind=block.block_type, text=without_citations(str(block.value)))
        elif block.block_type == "table":
            rows = [row for row in block.value.get("data") or [] if row]
            if rows:
                yield Part(
                    kind="table",
                    rows=[[coded_citations(str(cell or "")) for cell in row] for row in rows],
                )
        else:
            markdown = markdownify(block.value.source, strip=["a", "b", "strong", "i", "em"])
            for line in unescape(markdown).splitlines():
                text = coded_citations(line.strip().replace("\\", ""))
                if item := _ITEM.match(text):
                    number = item["number"]
                    yield Part(
                        kind="numbered" if number else "item",
                        text=text[item.end() :],
                        number=int(number or 0),
                    )
                elif text:
                    yield Part(kind="paragraph", text=text)


def markdown_of(page: WorkPage, request: HttpRequest) -> str:
    """Return a work as Markdown; each fact is a footnote with its sources."""
    lines = [f"# {page.title}", ""]
    for notice in page.notices_for(request):
        lines += [f"> {notice.replace('<', '&lt;')}", ""]
    lines += [page.summary, ""]
    for block in page.body:
        if block.block_type == "heading":
            lines += [f"## {_footnoted(str(block.value))}", ""]
        elif block.block_type == "subheading":
            lines += [f"### {_footnoted(str(block.value))}", ""]
        elif block.block_type == "table":
            lines += [*_table([row for row in block.value.get("data") or [] if row]), ""]
        else:
            text = markdownify(block.value.source, bullets="-", escape_misc=False)
            lines += [_footnoted(text.strip().replace("<", "&lt;")), ""]
    if cells := page.all_cells:
        lines += [f"## {_('At a glance')}", ""]
        lines += [f"- **{one.get_aspect_display()}**: {_footnoted(one.text)}" for one in cells]
        lines.append("")
    lines += [_footnote(fact) for fact in page.cited_facts]
    lines += ["", *([licence, ""] if (licence := licence_of(page)) else [])]
    lines += [f"> {apa(reference_to(page, request))}", ""]
    return "\n".join(lines)


def licence_of(page: WorkPage) -> str:
    """Return under what the text may be used, empty where nothing is stated.

    With the address of a licence of Creative Commons, which asks for it.
    """
    if not page.licence:
        return ""
    told = f"{_('Licence')}: {page.get_licence_display()}"
    return f"{told}, {page.licence_address}" if page.licence.startswith("CC") else told


def _footnoted(text: str) -> str:
    def marks(match: "re.Match[str]") -> str:
        codes = [code.strip().removeprefix("@") for code in match[1].split(";")]
        return "".join(f"[^{code}]" for code in codes)

    return CITATION.sub(marks, text)


def _table(rows: Sequence[Sequence[str | None]]) -> list[str]:
    made = ["| " + " | ".join(_cell(str(cell or "")) for cell in row) + " |" for row in rows]
    return [made[0], "|" + " --- |" * len(rows[0]), *made[1:]] if made else []


def _cell(text: str) -> str:
    return " ".join(_footnoted(text).split()).replace("|", "\\|").replace("<", "&lt;")


def _footnote(fact: Fact) -> str:
    sources = "; ".join(
        f"{source.title} <{source.address}>" if source.address else str(source)
        for source in fact.sources.all()
    )
    told = f"{' '.join(fact.told.split())} ({fact.get_status_display()})"
    return f"[^{fact.code}]: {told} {sources}".rstrip()

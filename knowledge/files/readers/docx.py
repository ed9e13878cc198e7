"""Text of Word documents, cut where the pages were when it was last saved.

Word notes the breaks that it laid out (`lastRenderedPageBreak`); other programs often do not,
and then only breaks that were asked for count. Heads and feet are left out, notes stand at the end of
the page that they are noted on.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy
from knowledge.files.readers.recognising import Recogniser

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_WRITTEN = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_NO_BREAK = {"continuous", "nextColumn"}


def read(path: Path, limits: Limits, recogniser: Recogniser) -> Iterator[Part]:
    """Yield the pages."""
    import docx

    document = docx.Document(str(path))
    pages = _Pages({kind: _notes(document.part, kind) for kind in _NOTES.values()})
    pages.walk(document.element.body)
    for number, text in enumerate(pages.done(), start=1):
        yield Part(number=number, kind="page", text=tidy(text))


def _notes(part: Any, kind: str) -> dict[str, str]:
    """Return number → text of the foot- or endnotes."""
    from lxml import etree

    found: dict[str, str] = {}
    for relation in part.rels.values():
        if relation.is_external or not relation.reltype.endswith(f"/{kind}"):
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(relation.target_part.blob, parser):
            paragraphs = note.iter(f"{_W}p")
            texts = ["".join(run.text or "" for run in one.iter(f"{_W}t")) for one in paragraphs]
            found[note.get(f"{_W}id", "")] = "\n".join(texts).strip()
    return found


class _Pages:
    """Text gathered page by page while the document is walked through."""

    def __init__(self, notes: dict[str, dict[str, str]]) -> None:
        self._notes = notes
        self._finished: list[str] = []
        self._written: list[str] = []
        self._below: list[str] = []

    def done(self) -> list[str]:
        """Return the pages; at least one."""
        self._end_page()
        while len(self._finished) > 1 and not self._finished[-1].strip():
            self._finished.pop()
        return self._finished

    def walk(self, element: Any) -> None:
        """Gather what stands in an element."""
        for child in element:
            if not isinstance(child.tag, str) or child.tag == _FALLBACK:
                continue
            name = child.tag.removeprefix(_W)
            if name == "tbl":
                self._table(child)
            elif name == "p":
                self._paragraph(child)
            else:
                self._inline(name, child)

    def _paragraph(self, paragraph: Any) -> None:
        properties = paragraph.find(f"{_W}pPr")
        before = None if properties is None else properties.find(f"{_W}pageBreakBefore")
        if before is not None and before.get(f"{_W}val") not in ("0", "false"):
            self._break()
        self.walk(paragraph)
        self._written.append("\n")
        section = None if properties is None else properties.find(f"{_W}sectPr")
        if section is not None:
            kind = section.find(f"{_W}type")
            if kind is None or kind.get(f"{_W}val") not in _NO_BREAK:
                self._break()

    def _inline(self, name: str, child: Any) -> None:
        if name == "t":
            self._written.append(child.text or "")
        elif name in _WRITTEN:
            self._written.append(_WRITTEN[name])
        elif name == "lastRenderedPageBreak":
            self._break()
        elif name == "br":
            self._break() if child.get(f"{_W}type") == "page" else self._written.append("\n")
        elif name in _NOTES:
            note = self._notes[_NOTES[name]].get(child.get(f"{_W}id", ""), "")
            self._below.append(note)
        elif name not in ("pPr", "rPr", "sectPr", "del", "instrText"):
            self.walk(child)

    def _table(self, table: Any) -> None:
        """Gather a table, each row a line with tabs between its cells."""
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue  # of a table inside a cell, which is gathered with the cell
            for cell in row.iterchildren(f"{_W}tc"):
                self.walk(cell)
                if self._written and self._written[-1] == "\n":
                    self._written[-1] = "\t"
            self._written.append("\n")

    def _break(self) -> None:
        """Begin a page, unless one has just begun: a break may be noted twice."""
        if "".join(self._written).strip():
            self._end_page()

    def _end_page(self) -> None:
        notes = [one for one in self._below if one]
        self._finished.append("\n".join(["".join(self._written), *notes]))
        self._written, self._below = [], []

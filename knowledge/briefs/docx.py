"""A brief as a Word document (python-docx)."""

import io
from typing import Any

from django.utils.translation import gettext
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from knowledge.briefs.document import BriefDocument, Entry, Version
from knowledge.dates import direction, show_day
from knowledge.export import Part, without_controls

_STYLES = {"heading": "Heading 3", "subheading": "Heading 4", "item": "List Bullet"}


def docx_of(brief: BriefDocument, *, day: Any) -> bytes:
    """Return the file; two languages of a work stand side by side in a table."""
    file = Document()
    for section in file.sections:
        section.left_margin = section.right_margin = Cm(2)
    file.add_heading(brief.title or gettext("Brief"), 0)
    file.add_paragraph(show_day(day))
    for number, entry in enumerate(brief.entries, start=1):
        _add(file, number, entry)
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def _add(file: Any, number: int, entry: Entry) -> None:
    first = entry.versions[0]
    _heading(file, f"{number}. {first.title}", first.language)
    if entry.item.note:
        file.add_paragraph(entry.item.note, style="Intense Quote")
    table = file.add_table(rows=1, cols=len(entry.versions))
    for cell, version in zip(table.rows[0].cells, entry.versions, strict=True):
        _fill(cell, version, titled=len(entry.versions) > 1)
    if entry.item.passage:
        _paragraph(file, entry.item.passage, entry.page.language, style="Quote")
    file.add_paragraph(entry.reference).runs[0].font.size = Pt(9)
    for fact in entry.facts:
        places = "; ".join(source.place for source in fact.sources.all())
        line = f"[{fact.code}] {fact.told} ({fact.get_status_display()}) {places}"
        paragraph = file.add_paragraph(without_controls(line), style="List Bullet")
        paragraph.runs[0].font.size = Pt(9)
        _directed(paragraph, fact.told_language)


def _heading(file: Any, text: str, language: str) -> None:
    _directed(file.add_heading(text, 1), language)


def _fill(cell: Any, version: Version, *, titled: bool) -> None:
    first = cell.paragraphs[0]
    if titled:
        first.add_run(version.title).bold = True
        _directed(first, version.language)
        first = cell.add_paragraph()
    first.add_run(without_controls(version.summary))
    _directed(first, version.language)
    for part in version.parts:
        _part(cell, part, version.language)


def _part(cell: Any, part: Part, language: str) -> None:
    if part.kind == "table":
        for row in part.rows:
            _paragraph(cell, " | ".join(row), language)
    else:
        _paragraph(cell, part.text, language, style=_STYLES.get(part.kind))


def _paragraph(place: Any, text: str, language: str, style: str | None = None) -> None:
    _directed(place.add_paragraph(without_controls(text), style=style), language)


def _directed(paragraph: Any, language: str) -> None:
    """Mark language and direction, by which Word chooses fonts, order and spelling."""
    from_right = direction(language) == "rtl"
    if from_right:
        paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for run in paragraph.runs:
        properties = run._element.get_or_add_rPr()  # noqa: SLF001 – python-docx has no API for it
        mark = OxmlElement("w:lang")
        mark.set(qn("w:bidi" if from_right else "w:val"), language)
        properties.append(mark)
        if from_right:
            properties.append(OxmlElement("w:rtl"))

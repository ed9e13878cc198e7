"""A brief as a Word document (python-docx)."""

import io
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from knowledge.briefs.document import BriefDocument, Entry, Version
from knowledge.dates import direction, language_only, show_day
from knowledge.export import without_controls
from knowledge.models import Fact

_STYLES = {
    "heading": "Heading 2",
    "subheading": "Heading 3",
    "item": "List Bullet",
    "numbered": "List Number",
}
_EAST_ASIAN = {"ja", "ko", "zh"}
_SMALL = Pt(9)


def docx_of(brief: BriefDocument, *, day: Any) -> bytes:
    """Return the file; two languages of a work stand side by side in a table."""
    file = Document()
    title = brief.title or gettext("Brief")
    _describe(file, title, brief.publisher)
    for section in file.sections:
        section.left_margin = section.right_margin = Cm(2)
    _in_own_words(file.add_heading(title, 0))
    _in_own_words(file.add_paragraph(show_day(day)))
    for number, entry in enumerate(brief.entries, start=1):
        _add(file, number, entry)
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def _describe(file: Any, title: str, publisher: str) -> None:
    """Say what the file is; python-docx describes itself and dates it 2013."""
    about = file.core_properties
    about.title, about.author, about.comments = title[:255], publisher[:255], ""
    about.language = language_only(get_language())
    about.created = about.modified = timezone.now()


def _add(file: Any, number: int, entry: Entry) -> None:
    first = entry.versions[0]
    _directed(file.add_heading(f"{number}. {first.title}", 1), first.language)
    for told in (*entry.notices, entry.item.note):
        if told:
            _in_own_words(file.add_paragraph(told, style="Intense Quote"))
    if len(entry.versions) > 1:
        _side_by_side(file, entry.versions)
    else:
        _fill(file, file.add_paragraph(), first)
    if entry.item.passage:
        _paragraph(file, entry.item.passage, entry.page.language, style="Quote")
    file.add_paragraph(entry.reference).runs[0].font.size = _SMALL
    if entry.licence:
        _licence(file, entry.licence)
    if entry.facts:
        _in_own_words(file.add_heading(gettext("Sources"), 2))
    for fact in entry.facts:
        _evidence(file, fact)


def _licence(file: Any, told: str) -> None:
    """Write it with its address as a run of its own: from the right its last slash came first."""
    words, scheme, rest = told.partition("https://")
    paragraph = file.add_paragraph(words)
    _in_own_words(paragraph)
    paragraph.add_run(scheme + rest)
    for run in paragraph.runs:
        run.font.size = _SMALL


def _side_by_side(file: Any, versions: Sequence[Version]) -> None:
    table = file.add_table(rows=1, cols=len(versions))
    _ordered(table, versions[0].language)
    for cell, version in zip(table.rows[0].cells, versions, strict=True):
        named = cell.paragraphs[0]
        named.add_run(version.title).bold = True
        _directed(named, version.language)
        _fill(cell, cell.add_paragraph(), version)


def _evidence(file: Any, fact: Fact) -> None:
    line = f"[{fact.code}] {fact.told} ({fact.get_status_display()}) "
    paragraph = file.add_paragraph(without_controls(line), style="List Bullet")
    for number, source in enumerate(fact.sources.all()):
        named = f"{source} – " if source.address else source.place
        paragraph.add_run(without_controls(f"{'; ' if number else ''}{named}"))
        if source.address:
            _link(paragraph, source.address)
    for run in paragraph.runs:
        run.font.size = _SMALL
    _directed(paragraph, fact.told_language)


def _link(paragraph: Any, address: str) -> None:
    link = OxmlElement("w:hyperlink")
    known_as = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link.set(qn("r:id"), known_as)
    run = paragraph.add_run(address)
    run.font.size, run.font.underline = _SMALL, True
    link.append(run._element)  # noqa: SLF001 – python-docx writes no links
    paragraph._p.append(link)  # noqa: SLF001


def _fill(place: Any, first: Any, version: Version) -> None:
    """Write summary and text of a version, the summary into a paragraph that is there."""
    first.add_run(without_controls(version.summary))
    _directed(first, version.language)
    counting = None
    for part in version.parts:
        if part.kind == "table":
            _table(place, part.rows, version.language)
            continue
        paragraph = _paragraph(place, part.text, version.language, style=_STYLES.get(part.kind))
        if part.kind == "numbered":
            if part.number == 1 or counting is None:
                counting = _count_from(paragraph, part.number)
            paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = counting  # noqa: SLF001


def _count_from(paragraph: Any, number: int) -> int:
    """Return the id of a list of its own: of one style Word would count through the document."""
    numbering = paragraph.part.numbering_part.element
    style = paragraph.style.element.pPr.numPr.numId.val
    made = numbering.add_num(numbering.num_having_numId(style).abstractNumId.val)
    made.add_lvlOverride(ilvl=0).add_startOverride(number)
    return int(made.numId)


def _table(place: Any, rows: Sequence[Sequence[str]], language: str) -> None:
    table = place.add_table(rows=len(rows), cols=max(map(len, rows)))
    table.style = "Table Grid"
    _ordered(table, language)
    head = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001
    head.append(OxmlElement("w:tblHeader"))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.paragraphs[0].add_run(without_controls(text))
            _directed(cell.paragraphs[0], language)


def _ordered(table: Any, language: str) -> None:
    """Put the first column on the side where the language begins."""
    if direction(language) == "rtl":
        table._tbl.tblPr.get_or_add_bidiVisual()  # noqa: SLF001


def _paragraph(place: Any, text: str, language: str, style: str | None = None) -> Any:
    paragraph = place.add_paragraph(without_controls(text), style=style)
    _directed(paragraph, language)
    return paragraph


def _in_own_words(paragraph: Any) -> None:
    """Mark what is said in the reader's language, not in that of a work."""
    _directed(paragraph, language_only(get_language()))


def _directed(paragraph: Any, language: str) -> None:
    """Mark language and direction, by which Word chooses fonts, order and spelling."""
    from_right = direction(language) == "rtl"
    if from_right:
        paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for run in paragraph.runs:
        properties = run._element.get_or_add_rPr()  # noqa: SLF001 – python-docx has no API for it
        if from_right:
            properties.append(OxmlElement("w:rtl"))
        mark = OxmlElement("w:lang")
        mark.set(qn(_script_of(language)), language)
        properties.append(mark)


def _script_of(language: str) -> str:
    """Return the attribute of `w:lang` for a language (ECMA-376, 17.3.2.20)."""
    if direction(language) == "rtl":
        return "w:bidi"
    return "w:eastAsia" if language_only(language) in _EAST_ASIAN else "w:val"

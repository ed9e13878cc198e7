"""Text of slides: titles, text boxes, tables, groups, diagrams, and the speaker's notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy
from knowledge.files.readers.recognising import Recogniser

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DEEPEST = 20


def read(path: Path, limits: Limits, recogniser: Recogniser) -> Iterator[Part]:
    """Yield the slides in their order, hidden ones too: they are counted by PowerPoint."""
    import pptx

    deck = pptx.Presentation(str(path))
    for number, slide in enumerate(deck.slides, start=1):
        texts = [one for shape in slide.shapes for one in _texts(shape, slide.part, 0)]
        if slide.has_notes_slide:
            notes = slide.notes_slide.notes_text_frame
            texts.append(notes.text if notes is not None else "")
        text = tidy("\n\n".join(one for one in texts if one.strip()).replace("\v", "\n"))
        yield Part(number=number, kind="slide", text=text)


def _texts(shape: Any, part: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if hasattr(shape, "shapes"):
        for inner in shape.shapes:
            yield from _texts(inner, part, depth + 1)
    elif getattr(shape, "has_table", False):
        for row in shape.table.rows:
            yield "\t".join(" ".join(cell.text.split()) for cell in row.cells)
    elif getattr(shape, "has_chart", False):
        yield _chart(shape.chart)
    elif shape.has_text_frame:
        yield shape.text_frame.text
    else:
        yield from _diagram(shape, part)


def _chart(chart: Any) -> str:
    """Return a chart's title and the names of what it shows."""
    title = chart.chart_title.text_frame.text if chart.has_title else ""
    names = [str(series.name) for plot in chart.plots for series in plot.series]
    categories = [str(one) for plot in chart.plots for one in plot.categories]
    return "\n".join(one for one in (title, ", ".join(names), ", ".join(categories)) if one)


def _diagram(shape: Any, part: Any) -> Iterator[str]:
    """Yield what stands in a SmartArt diagram, whose text lies in a part of its own."""
    for ids in shape._element.iter(f"{_DIAGRAM}relIds"):  # noqa: SLF001 – python-pptx has no diagrams
        from lxml import etree

        data = part.related_part(ids.get(f"{_RELATIONS}dm")).blob
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(data, parser)
        for paragraph in root.iter(f"{_DRAWING}p"):
            yield "".join(run.text or "" for run in paragraph.iter(f"{_DRAWING}t"))

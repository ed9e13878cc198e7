"""Text of PDF files, page by page, in reading order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy, unwrap, without_repeated_lines
from knowledge.files.readers.recognising import Recogniser
from knowledge.files.readers.spans import text_of_page

_DOTS = 200
"""An inch, at which a page is recognised."""
_LARGEST_SIDE = 4000
_AT_ONCE = 5000
"""Pages until the file is opened anew: PDFium keeps what it has read of an open file."""


def read(path: Path, limits: Limits, recogniser: Recogniser) -> Iterator[Part]:
    """Yield the pages; those without text are recognised where that is possible."""
    parts = []
    for number, page in enumerate(_pages(path, limits.pages), start=1):
        text, recognised = tidy(text_of_page(page)), False
        if not any(map(str.isalnum, text)) and recogniser.is_there:
            side = max(page.get_size()) or 1
            bitmap = page.render(scale=min(_DOTS / 72, _LARGEST_SIDE / side))
            text = tidy(recogniser.text_of(bitmap.to_pil()))
            recognised = bool(text)
        parts.append(Part(number=number, kind="page", text=text, recognised=recognised))
    for part in without_repeated_lines(parts):
        yield Part(
            number=part.number, kind=part.kind, text=unwrap(part.text), recognised=part.recognised
        )


def _pages(path: Path, most: int) -> Iterator[Any]:
    import pypdfium2 as pdfium

    first, count = 0, 1
    while first < count:
        document = pdfium.PdfDocument(path)
        count = min(len(document), most)
        for number in range(first, min(first + _AT_ONCE, count)):
            page = document[number]
            yield page
            page.close()
        document.close()
        first += _AT_ONCE

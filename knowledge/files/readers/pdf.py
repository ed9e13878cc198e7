"""Text of PDF files, page by page, in reading order."""

from collections.abc import Iterator
from pathlib import Path

from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy, unwrap, without_repeated_lines
from knowledge.files.readers.recognising import Recogniser
from knowledge.files.readers.spans import text_of_page

_DOTS = 200
"""An inch, at which a page is recognised."""
_LARGEST_SIDE = 4000


def read(path: Path, limits: Limits, recogniser: Recogniser) -> Iterator[Part]:
    """Yield the pages; those without text are recognised where that is possible."""
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(path)
    parts = []
    for number in range(1, min(len(document), limits.pages) + 1):
        page = document[number - 1]
        text, recognised = tidy(text_of_page(page)), False
        if not any(map(str.isalnum, text)) and recogniser.is_there:
            side = max(page.get_size()) or 1
            bitmap = page.render(scale=min(_DOTS / 72, _LARGEST_SIDE / side))
            text = tidy(recogniser.text_of(bitmap.to_pil()))
            recognised = bool(text)
        page.close()
        parts.append(Part(number=number, kind="page", text=text, recognised=recognised))
    document.close()
    for part in without_repeated_lines(parts):
        yield Part(
            number=part.number, kind=part.kind, text=unwrap(part.text), recognised=part.recognised
        )

"""A page of a PDF file, or a picture, as a small WebP. Runs in the child process only."""

import io
from pathlib import Path
from typing import Any

from knowledge.files.kinds import PDF
from knowledge.files.limits import Limits
from knowledge.files.refusal import Problem, Refused

WIDEST = 900
"""Pixels."""
_HIGHEST = 2700
_QUALITY = 60


def draw(path: Path, media_type: str, number: int, limits: Limits) -> bytes:
    """Return a page as WebP.

    Raises Refused where there is no such page, or it cannot be drawn.
    """
    if media_type == PDF.media_type:
        image = _page(path, number)
    else:
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = limits.pixels
        image = Image.open(path)
        image.draft("RGB", (2 * WIDEST, 2 * _HIGHEST))
    image.thumbnail((WIDEST, _HIGHEST))
    written = io.BytesIO()
    image.convert("RGB").save(written, "WEBP", quality=_QUALITY)
    return written.getvalue()


def _page(path: Path, number: int) -> Any:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(path)
    if not 1 <= number <= len(document):
        raise Refused(Problem.BROKEN)
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(WIDEST / max(width, 1), _HIGHEST / max(height, 1))
    return page.render(scale=scale).to_pil()

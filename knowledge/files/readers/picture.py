"""Text in a picture, where it can be recognised."""

from collections.abc import Iterator
from pathlib import Path

from knowledge.files.limits import Limits
from knowledge.files.parts import Part, tidy
from knowledge.files.readers.recognising import Recogniser


def read(path: Path, limits: Limits, recogniser: Recogniser) -> Iterator[Part]:
    """Yield the picture as one part."""
    text = ""
    if recogniser.is_there:
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = limits.pixels
        with Image.open(path) as image:
            text = tidy(recogniser.text_of(image))
    yield Part(number=1, kind="picture", text=text, recognised=bool(text))

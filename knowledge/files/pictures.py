"""Pictures: whole, of one type, not too large. Pure."""

import warnings
from pathlib import Path

from knowledge.files.containers import has_zip_end
from knowledge.files.kinds import JPEG, PNG, WEBP, Kind
from knowledge.files.limits import Limits
from knowledge.files.refusal import Problem, Refused

_FORMATS = {"PNG": PNG, "JPEG": JPEG, "WEBP": WEBP}
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_TAIL = 70_000
_HEAD = 1024


def check_picture(path: Path, limits: Limits) -> Kind:
    """Return which type a picture is.

    Raises Refused.
    """
    from PIL import Image, UnidentifiedImageError

    _check_frame(path)
    Image.MAX_IMAGE_PIXELS = limits.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=list(_FORMATS)) as image:
                kind = _FORMATS[image.format or ""]
                image.verify()
            with Image.open(path, formats=list(_FORMATS)) as image:
                image.draft("RGB", (1, 1))  # JPEG: every block is read, few are kept
                image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused(Problem.TOO_MANY_PIXELS) from error
    except MemoryError:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError) as error:
        raise Refused(Problem.BROKEN) from error
    return kind


def _check_frame(path: Path) -> None:
    """Refuse what follows the end of a picture, and a second file inside it.

    Telephones write further pictures behind a JPEG; there only archives are refused.
    """
    size = path.stat().st_size
    with path.open("rb") as opened:
        head = opened.read(_HEAD)
        opened.seek(max(0, size - _TAIL))
        tail = opened.read()
    if b"%PDF-" in head or has_zip_end(tail):
        raise Refused(Problem.POLYGLOT)
    if head.startswith(b"\x89PNG") and not tail.endswith(_PNG_END):
        raise Refused(Problem.POLYGLOT if _PNG_END in tail else Problem.BROKEN)
    if head.startswith(b"RIFF"):
        stated = int.from_bytes(head[4:8], "little") + 8
        if size > stated + stated % 2:
            raise Refused(Problem.POLYGLOT)

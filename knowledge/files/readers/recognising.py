"""Text recognised in pictures by Tesseract, where it is installed."""

import io
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

_DATA = {
    "en": "eng", "vi": "vie", "th": "tha", "ja": "jpn", "fr": "fra", "lo": "lao", "km": "khm",
    "id": "ind", "ms": "msa", "my": "mya", "tl": "fil", "zh": "chi_sim", "ko": "kor", "pt": "por",
    "es": "spa", "sw": "swa", "ar": "ara", "am": "amh",
}  # fmt: skip
"""BCP 47 code → name of Tesseract's language data."""
_SECONDS_A_PAGE = 120


class Recogniser:
    """Recognises text in the languages that a file is likely to be in."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._program = shutil.which("tesseract")
        self._languages = self._installed(languages) if self._program else []

    @property
    def is_there(self) -> bool:
        """Whether pictures can be read at all."""
        return bool(self._languages)

    def text_of(self, image: Any) -> str:
        """Return the text in a picture; empty where none is recognised."""
        written = io.BytesIO()
        image.convert("L").save(written, "PNG")
        done = self._run(["stdin", "stdout", "-l", "+".join(self._languages)], written.getvalue())
        return done.decode("utf-8", "replace")

    def _installed(self, languages: Sequence[str]) -> list[str]:
        lines = self._run(["--list-langs"], b"").decode("utf-8", "replace").split("\n")[1:]
        there = {line.strip() for line in lines}
        wanted = [_DATA[code] for code in languages if code in _DATA]
        return [name for name in wanted if name in there] or (["eng"] if "eng" in there else [])

    def _run(self, options: Sequence[str], given: bytes) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 – the arguments are ours
                [str(self._program), *options],
                input=given, capture_output=True, timeout=_SECONDS_A_PAGE, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return b""
        return done.stdout if done.returncode == 0 else b""

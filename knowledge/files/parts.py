"""The text of a page, slide or sheet as it leaves the child process; how it is tidied. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

_COMPATIBILITY_LETTERS = re.compile("[\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefc]+")
"""Ligatures and presentation forms, which stand for letters."""
_SARA_AM = re.compile("([\u0e48-\u0e4b]?)\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_LAO_AM = re.compile("([\u0ec8-\u0ecb]?)\u0ecd([\u0ec8-\u0ecb]?)\u0eb2")
_BROKEN_WORD = re.compile(
    "(?<=[^\\W\\d_])[\u00ad\u0002\ufffe] ?\n(?=[^\\W\\d_])([^\\s\u00ad\u0002\ufffe]+) ?"
)
"""A hyphen that only ends a line; PDFium writes U+0002 or U+FFFE for one that it is sure of."""
_DROPPED = re.compile("[\u00ad\u0000-\u0008\u000b\u000c\u000e-\u001f\ufeff\ufffe\uffff]")
_BLANKS = re.compile("[ \u00a0\u2000-\u200a\u202f\u3000]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
_BETWEEN_UNSPACED = re.compile(f"(?<={_UNSPACED})\n(?={_UNSPACED})")
_ENDS = re.compile(r"[.!?:;…。！？។၊။؟]['\"”»’)\]]*$")
_BEGINS_ANEW = re.compile(r"^(?:[•●▪◦‣·*\-–—]\s|\(?\d{1,3}[.)]\s|[a-zđ]\)\s|[IVX]{1,4}\.\s)")
_SHORT = 0.7
"""Of the longest line: one that is shorter ends its paragraph."""
_DIGITS = re.compile(r"\d+")
_FEWEST_PAGES = 4
_MOST_PAGES = 0.6
_EDGE = 2
"""Lines at the top and at the bottom of a page that may repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page, slide or sheet."""

    number: int
    """From 1."""
    kind: str
    """A value of `FilePart.Kind`."""
    text: str
    name: str = ""
    recognised: bool = False


def tidy(text: str) -> str:
    """Return a text in NFC with the letters that were meant, without marks of typesetting."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _BROKEN_WORD.sub("\\1\n", text)  # the line ends after the word
    text = _COMPATIBILITY_LETTERS.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    text = _DROPPED.sub("", text)
    # PDF files often hold SARA AM as its two halves, which NFC does not join.
    text = _SARA_AM.sub("\\1\\2\u0e33", text)
    text = _LAO_AM.sub("\\1\\2\u0eb3", text)
    text = unicodedata.normalize("NFC", text)
    lines = (_BLANKS.sub(" ", line).strip(" ") for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def unwrap(text: str) -> str:
    """Return a text whose paragraphs are lines again, after a page has broken them.

    Scripts without spaces between words are joined without one.
    """
    lines = text.split("\n")
    longest = max(map(len, lines), default=0)
    joined: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and line and not _BEGINS_ANEW.match(line):
            joined[-1] += "\n" + line
        else:
            joined.append(line)
        goes_on = bool(line) and len(line) >= longest * _SHORT and not _ENDS.search(line)
    return "\n".join(_BETWEEN_UNSPACED.sub("", one).replace("\n", " ") for one in joined)


def without_repeated_lines(parts: Sequence[Part]) -> list[Part]:
    """Return the pages without the running heads and feet that most of them have.

    The number of the page in them differs: "Page 3 of 12".
    """
    if len(parts) < _FEWEST_PAGES:
        return list(parts)
    found = Counter(key for part in parts for key in _edges(part))
    repeated = {key for key, times in found.items() if times >= len(parts) * _MOST_PAGES}
    return [replace(part, text=_without(part, repeated)) for part in parts]


def _edges(part: Part) -> set[str]:
    lines = [line for line in part.text.split("\n") if line.strip()]
    return {_key(line, part.number) for line in (*lines[:_EDGE], *lines[-_EDGE:])}


def _key(line: str, number: int) -> str:
    """Return what is the same in a line on every page.

    Only the page's own number is taken out, so that "Table 3" and "Table 4" stay two lines; of a
    line that is nothing but numbers any, as printed numbers may begin elsewhere.
    """
    if not any(map(str.isalpha, line)):
        return _DIGITS.sub("#", line.strip())
    return re.sub(rf"(?<!\d){number}(?!\d)", "#", line.strip())


def _without(part: Part, repeated: set[str]) -> str:
    lines = part.text.strip("\n").split("\n")
    for at in (0, -1):
        for _ in range(_EDGE):
            while lines and not lines[at].strip():
                lines.pop(at)
            if lines and _key(lines[at], part.number) in repeated:
                lines.pop(at)
    return "\n".join(lines)

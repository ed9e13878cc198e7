"""A text with one sentence marked, as HTML; of a long text what is around the sentence."""

import re
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

_MOST_SHOWN = 30_000
"""Characters of a part on one page; a whole book may be one part."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is shown of a text."""

    text: str
    start: int
    """Of the marked sentence; equal to `end` where nothing is marked."""
    end: int
    is_cut: bool

    def as_html(self) -> SafeString:
        """Return the text, escaped."""
        return _marked(self.text, self.start, self.end, first=True)

    def as_rows(self) -> list[list[SafeString]]:
        """Return the lines as rows of cells; a sentence may reach over several."""
        rows, at, first = [], 0, True
        for line in self.text.split("\n"):
            cells = []
            for cell in line.split("\t"):
                cells.append(_marked(cell, self.start - at, self.end - at, first=first))
                first = first and "<mark" not in cells[-1]
                at += len(cell) + 1
            rows.append(cells)
        return rows


def window_around(text: str, sentence: str) -> Window:
    """Return the text around a sentence, wherever lines are broken in it."""
    words = sentence.split()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    start, end = found.span() if found else (0, 0)
    first = max(0, start - _MOST_SHOWN // 3) if len(text) > _MOST_SHOWN else 0
    last = max(first + _MOST_SHOWN, end)
    return Window(text[first:last], start - first, end - first, len(text) > last - first)


def _marked(text: str, start: int, end: int, *, first: bool) -> SafeString:
    """Return a text as HTML with what lies between two places marked; the first mark has an id."""
    start, end = max(0, start), max(0, end)
    if not text[start:end]:
        return format_html("{}", text)
    opened = SafeString('<mark id="mark">' if first else "<mark>")
    return format_html("{}{}{}</mark>{}", text[:start], opened, text[start:end], text[end:])

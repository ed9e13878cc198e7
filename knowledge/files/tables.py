"""Tables as text with separators: Unicode, no markup. Pure."""

import codecs
import re
from pathlib import Path

from knowledge.files.refusal import Problem, Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARKUP = re.compile(r"<(?:html|script|svg|!doctype|\?xml|\?php|body|iframe)\b", re.IGNORECASE)
_SEPARATORS = (",", ";", "\t", "|")
_HEAD = 4096


def encoding_of(head: bytes) -> str:
    """Return the encoding by the byte order mark; UTF-8 without one."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def table_text(path: Path) -> str:
    """Return the text of a table.

    Raises Refused when it is not text in Unicode.
    """
    raw = path.read_bytes()
    try:
        return raw.decode(encoding_of(raw))
    except UnicodeDecodeError as error:
        raise Refused(Problem.NOT_UNICODE) from error


def check_table(path: Path) -> None:
    """Raise Refused when a file is no table as text."""
    text = table_text(path)
    if _CONTROL.search(text):
        raise Refused(Problem.WRONG_TYPE)
    if text.lstrip().startswith("<") or _MARKUP.search(text[:_HEAD]):
        raise Refused(Problem.WRONG_TYPE)
    if not text.strip():
        raise Refused(Problem.EMPTY)
    first = text.lstrip().split("\n", 1)[0]
    if text.count("\n") > 1 and not any(mark in first for mark in _SEPARATORS):
        # One column is a table too, of short cells; running text is not.
        lines = text.split("\n")
        if sum(map(len, lines)) / len(lines) > 200:
            raise Refused(Problem.WRONG_TYPE)

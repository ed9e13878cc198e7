"""XML parts of office documents: well formed, without document types, fetching nothing. Pure.

The rules on document types are those of defusedxml; those on relationships follow ECMA-376,
part 2 (Open Packaging Conventions).
"""

import re
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from knowledge.files.refusal import Problem, Refused

_CHUNK = 64 * 1024
_RUNNING_SCHEMES = ("javascript:", "vbscript:", "mhtml:", "data:", "ms-")
"""Of links that would start something instead of opening a page."""
_FETCHING_FIELDS = re.compile(
    r"^\s*(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT)\b", re.IGNORECASE
)
_LINKS = frozenset({"ddeLink", "oleLink", "externalBook"})
_OBJECTS = frozenset({"oleObj", "oleObject", "OLEObject"})
_MACRO_TYPES = ("macroenabled", "vbaproject", "macrosheet", "vbadata")
_EMBEDDED_TYPES = ("oleobject", "activex")


def check_part(opened: IO[bytes]) -> None:
    """Raise Refused when an XML part holds what it must not."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    part = _Part()
    parser.StartDoctypeDeclHandler = _refuse_markup
    parser.EntityDeclHandler = _refuse_markup
    parser.StartElementHandler = part.start
    parser.EndElementHandler = part.end
    parser.CharacterDataHandler = part.text
    try:
        while chunk := opened.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refused(Problem.BROKEN) from error


def content_types(opened: IO[bytes]) -> dict[str, str]:
    """Return part name → content type of the part list; extensions as "*.xml".

    Raises Refused when it cannot be read or names macros or embedded objects.
    """
    found: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        key = attributes.get("PartName") or f"*.{attributes.get('Extension', '')}".lower()
        if "ContentType" in attributes:
            found[key] = attributes["ContentType"].strip()

    _parse(opened, start)
    for kind in found.values():
        lowered = kind.lower()
        if any(name in lowered for name in _MACRO_TYPES):
            raise Refused(Problem.MACROS)
        if any(name in lowered for name in _EMBEDDED_TYPES):
            raise Refused(Problem.EMBEDDED)
    return found


def main_parts(opened: IO[bytes]) -> list[str]:
    """Return what the package's own relationships name as its main part."""
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").lstrip("/"))

    _parse(opened, start)
    return found


def _parse(opened: IO[bytes], start: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_markup
    parser.StartElementHandler = start
    try:
        parser.ParseFile(opened)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refused(Problem.BROKEN) from error


def _refuse_markup(*_: object) -> None:
    raise Refused(Problem.MARKUP)


class _Part:
    """What is looked at while a part is parsed: relationships, links, fields."""

    def __init__(self) -> None:
        self._field = ""
        self._in_field = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "Relationship":
            _check_relationship(attributes)
        elif local in _LINKS:
            raise Refused(Problem.EXTERNAL)
        elif local in _OBJECTS:
            raise Refused(Problem.EMBEDDED)
        elif local == "fldSimple":
            _check_field(_value(attributes, "instr"))
        elif local == "fldChar":
            # Word cuts a field's instruction into any number of runs.
            self._field = ""
        elif local == "instrText":
            self._in_field = True

    def text(self, text: str) -> None:
        if self._in_field:
            self._field += text
            _check_field(self._field)

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "instrText":
            self._in_field = False


def _value(attributes: dict[str, str], local: str) -> str:
    return next((v for k, v in attributes.items() if k.rpartition(":")[2] == local), "")


def _check_field(instruction: str) -> None:
    if _FETCHING_FIELDS.match(instruction):
        raise Refused(Problem.EXTERNAL)


def _check_relationship(attributes: dict[str, str]) -> None:
    kind = attributes.get("Type", "").rpartition("/")[2].lower()
    target = "".join(attributes.get("Target", "").split()).lower()
    if kind in {"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet"}:
        raise Refused(Problem.MACROS)
    if kind in {"oleobject", "control", "activexcontrolbinary"}:
        raise Refused(Problem.EMBEDDED)
    if attributes.get("TargetMode", "").lower() != "external":
        return
    if kind != "hyperlink":
        raise Refused(Problem.EXTERNAL)
    if target.startswith(_RUNNING_SCHEMES):
        raise Refused(Problem.ACTIVE)

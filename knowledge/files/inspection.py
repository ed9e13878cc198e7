"""What a file is, by its content, and whether it is taken. Pure."""

from pathlib import Path

import puremagic

from knowledge.files.containers import kind_inside
from knowledge.files.kinds import CONTAINERS, CSV, KINDS, PDF, PICTURES, Kind, kind_named
from knowledge.files.limits import Limits
from knowledge.files.pdfs import check_pdf
from knowledge.files.pictures import check_picture
from knowledge.files.refusal import Problem, Refused
from knowledge.files.tables import check_table

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED_STREAM = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream that a protected office document is kept in ([MS-OFFCRYPTO], 2.3.4)."""


def inspect(path: Path, extension: str, limits: Limits) -> Kind:
    """Return the kind of a file whose name ends in `extension`.

    Raises Refused when it is not taken.
    """
    size = path.stat().st_size
    if size == 0:
        raise Refused(Problem.EMPTY)
    if size > limits.largest:
        raise Refused(Problem.TOO_LARGE)
    named = kind_named(extension)
    if named is None:
        raise Refused(Problem.UNKNOWN_TYPE)
    with path.open("rb") as opened:
        head = opened.read(_HEAD)
    _check_signature(path, head, named)
    try:
        found = _inspected(path, named, limits)
    except MemoryError as error:
        raise Refused(Problem.TOO_HARD) from error
    if found is not named:
        raise Refused(Problem.WRONG_TYPE)
    return found


def _inspected(path: Path, named: Kind, limits: Limits) -> Kind:
    if named in CONTAINERS:
        return kind_inside(path, limits)
    if named in PICTURES:
        return check_picture(path, limits)
    if named is PDF:
        check_pdf(path, limits)
    else:
        check_table(path)
    return named


def _check_signature(path: Path, head: bytes, named: Kind) -> None:
    """Refuse a file whose first bytes belong to another type than its name says."""
    if head.startswith(_OLE):
        protected = named in CONTAINERS and _holds(path, _PROTECTED_STREAM)
        raise Refused(Problem.ENCRYPTED if protected else Problem.WRONG_TYPE)
    if named is CSV:
        if _signatures(head) & _TAKEN_AS_BYTES or head.startswith((b"MZ", b"\x7fELF")):
            raise Refused(Problem.WRONG_TYPE)
        return
    if named is PDF and b"%PDF-" in head[:1024]:
        return  # where exactly it stands is looked at later
    if not _signatures(head) & _expected(named):
        raise Refused(Problem.WRONG_TYPE)


def _signatures(head: bytes) -> set[str]:
    """Return the endings of all types whose files begin so."""
    try:
        return {match.extension.lstrip(".").lower() for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return set()


def _expected(named: Kind) -> set[str]:
    endings = set(named.extensions)
    return endings | {"zip", "docx", "pptx", "xlsx"} if named in CONTAINERS else endings


_TAKEN_AS_BYTES = {one for kind in KINDS if kind is not CSV for one in kind.extensions} | {
    "zip", "gz", "7z", "rar", "exe", "elf", "gif", "html", "svg", "xml", "rtf", "class", "swf",
}  # fmt: skip


def _holds(path: Path, wanted: bytes) -> bool:
    with path.open("rb") as opened:
        return wanted in opened.read(8 * 1024 * 1024)

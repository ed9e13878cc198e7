"""Zip containers and the office documents in them. Pure.

Nothing is unpacked to disk. Every entry is read once, as a stream: what its head claims and what
comes out must agree.
"""

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from knowledge.files import markup
from knowledge.files.kinds import CONTAINERS, Kind
from knowledge.files.limits import Limits
from knowledge.files.refusal import Problem, Refused

_CHUNK = 256 * 1024
_END = b"PK\x05\x06"
_LONGEST_END = 22 + 65_535
"""End record with the longest comment (APPNOTE 6.3.10, 4.3.16)."""
_LOCAL_HEAD = 30
_LONGEST_GAP = 24
"""Between two entries: the data descriptor (4.3.9)."""
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SMALL = 20 * 1024 * 1024
"""Unpacked bytes below which the ratio says nothing: empty tables pack very well."""
_DEEPEST = 2
_BAD_NAME = re.compile(r"[\x00-\x1f\\]|^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)")
_MACRO_NAME = re.compile(r"(?:^|/)(?:vbaproject\.bin|vbadata\.xml)$|/macrosheets/", re.IGNORECASE)
_EMBEDDED_NAME = re.compile(r"(?:^|/)(?:embeddings/[^/]*\.bin|activex/)", re.IGNORECASE)
_PACKAGE_NAME = re.compile(r"(?:^|/)embeddings/[^/]+\.(?:docx|pptx|xlsx)$", re.IGNORECASE)
_XML_NAME = re.compile(r"\.(?:xml|rels|vml|svg)$", re.IGNORECASE)


@dataclass
class _Budget:
    """What is still allowed, over all containers of a file."""

    entries: int
    unpacked: int


def kind_inside(path: Path, limits: Limits) -> Kind:
    """Return which office document a zip container is.

    Raises Refused.
    """
    with path.open("rb") as opened:
        return _check(opened, limits, _Budget(limits.entries, limits.unpacked), depth=0)


def has_zip_end(tail: bytes) -> bool:
    """Return True when the last bytes of a file hold the end of a zip archive."""
    return _END in tail[-_LONGEST_END:]


def _check(opened: BinaryIO, limits: Limits, budget: _Budget, *, depth: int) -> Kind:
    size = opened.seek(0, 2)
    _check_frame(opened, size)
    try:
        with zipfile.ZipFile(opened) as archive:
            entries = archive.infolist()
            budget.entries -= len(entries)
            budget.unpacked -= sum(entry.file_size for entry in entries)
            if budget.entries < 0 or budget.unpacked < 0:
                raise Refused(Problem.BOMB)
            _check_entries(entries)
            _check_layout(opened, entries, archive.start_dir)
            _check_ratio(entries, size, limits)
            kind = _kind(archive)
            for entry in entries:
                _check_entry(archive, entry, limits, budget, depth=depth)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        raise Refused(Problem.BROKEN) from error
    except (ValueError, RuntimeError, OverflowError) as error:  # zipfile on hostile heads
        raise Refused(Problem.BROKEN) from error
    return kind


def _check_frame(opened: BinaryIO, size: int) -> None:
    """Refuse anything before the first entry and after the end record."""
    opened.seek(max(0, size - _LONGEST_END))
    tail = opened.read()
    at = tail.rfind(_END)
    if at < 0:
        raise Refused(Problem.BROKEN)
    if len(tail) - at < 22 or tail[at + 20 : at + 22] != b"\x00\x00" or len(tail) - at != 22:
        raise Refused(Problem.POLYGLOT)
    opened.seek(0)
    head = opened.read(1024)
    if not head.startswith(b"PK\x03\x04") or b"%PDF-" in head:
        raise Refused(Problem.POLYGLOT)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        lowered = name.lower()
        if _BAD_NAME.search(name) or lowered in names:
            raise Refused(Problem.PATHS)
        names.add(lowered)
        if entry.flag_bits & _ENCRYPTED:
            raise Refused(Problem.ENCRYPTED)
        if entry.compress_type not in _METHODS:
            raise Refused(Problem.BROKEN)
        if _MACRO_NAME.search(name):
            raise Refused(Problem.MACROS)
        if _EMBEDDED_NAME.search(name):
            raise Refused(Problem.EMBEDDED)


def _check_layout(opened: BinaryIO, entries: list[zipfile.ZipInfo], directory: int) -> None:
    """Refuse entries that share bytes (bombs) or leave room for something else (polyglots)."""
    at = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if not at <= entry.header_offset <= at + _LONGEST_GAP:
            raise Refused(Problem.BOMB if entry.header_offset < at else Problem.POLYGLOT)
        opened.seek(entry.header_offset)
        head = opened.read(_LOCAL_HEAD)
        name_length, extra_length = struct.unpack("<HH", head[26:30])
        at = entry.header_offset + _LOCAL_HEAD + name_length + extra_length + entry.compress_size
    if not at <= directory <= at + _LONGEST_GAP:
        raise Refused(Problem.BOMB if directory < at else Problem.POLYGLOT)


def _check_ratio(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _SMALL and unpacked > size * limits.ratio:
        raise Refused(Problem.BOMB)


def _kind(archive: zipfile.ZipFile) -> Kind:
    """Return the kind by the content type of the main part that the package names."""
    names = set(archive.namelist())
    if "[Content_Types].xml" not in names or "_rels/.rels" not in names:
        raise Refused(Problem.UNKNOWN_TYPE)
    with archive.open("[Content_Types].xml") as opened:
        types = markup.content_types(opened)
    with archive.open("_rels/.rels") as opened:
        mains = markup.main_parts(opened)
    if len(mains) != 1 or mains[0] not in names:
        raise Refused(Problem.BROKEN)
    main = types.get(f"/{mains[0]}", "")
    kind = next((one for one in CONTAINERS if one.main_part == main), None)
    if kind is None:
        raise Refused(Problem.UNKNOWN_TYPE)
    return kind


def _check_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits, budget: _Budget, *, depth: int
) -> None:
    if entry.is_dir():
        return
    if _XML_NAME.search(entry.filename):
        with archive.open(entry) as opened:
            markup.check_part(opened)
        return
    with archive.open(entry) as opened:
        head = opened.read(4)
        if not head.startswith(b"PK\x03\x04"):
            _drain(opened)
            return
    if depth + 1 >= _DEEPEST or not _PACKAGE_NAME.search(entry.filename):
        raise Refused(Problem.BOMB)
    with archive.open(entry) as opened:  # seekable: the table behind a chart
        _check(opened, limits, budget, depth=depth + 1)  # type: ignore[arg-type]


def _drain(opened: IO[bytes]) -> None:
    """Read to the end: a wrong length or checksum raises BadZipFile."""
    while opened.read(_CHUNK):
        pass

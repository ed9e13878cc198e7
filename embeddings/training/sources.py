"""Where the training data came from: the tables of `SOURCES.md` beside the files."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from embeddings.training.config import TrainingConfig
from embeddings.training.data import source_files, source_name

_COPYLEFT = re.compile(r"\b(?:A|L)?GPL|BY-SA|ODbL|share-?alike", re.IGNORECASE)
_ADDRESS = re.compile(r"<?https?://\S+|\b[\w.-]+\.(?:org|com|net|io|co)/\S+")
_POINTER = re.compile(r"as (?P<name>[\w-]+)")
_LONGEST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of training data."""

    name: str
    origin: str
    licence: str

    @property
    def is_copyleft(self) -> bool:
        """Whether the licence asks that derived works carry it too."""
        return bool(_COPYLEFT.search(self.licence))


def training_files(data_dir: Path, kind: str, *, config: TrainingConfig) -> list[Path]:
    """Return the files of `data_dir/kind` whose licences suit the recipe, in a fixed order.

    Raises:
        FileNotFoundError: The directory is not training data.
    """
    paths = source_files(data_dir, kind)
    if config.sources.copyleft:
        return paths
    used = {source.name for source in used_sources(data_dir, config=config)}
    return [path for path in paths if source_name(path) in used]


def used_sources(data_dir: Path, *, config: TrainingConfig) -> list[Source]:
    """Return the entries of `list_sources` whose licences suit the recipe."""
    return [
        source
        for source in list_sources(data_dir)
        if config.sources.copyleft or not source.is_copyleft
    ]


def list_sources(data_dir: Path) -> list[Source]:
    """Return one entry per parallel and retrieval file, in file order.

    A file that no table of `SOURCES.md` names is listed as undocumented, never left out.
    """
    document = data_dir / "SOURCES.md"
    described: dict[str, Source] = {}
    if document.exists():
        for source in _table_rows(document.read_text(encoding="utf-8")):
            described.setdefault(source.name, source)
    names = [
        source_name(path)
        for kind in ("parallel", "retrieval")
        for path in source_files(data_dir, kind)
    ]
    return [
        described.get(name, Source(name=name, origin="not documented", licence="not documented"))
        for name in dict.fromkeys(names)
    ]


def _table_rows(text: str) -> Iterator[Source]:
    """Yield the rows of every Markdown table that has a licence column."""
    header: list[str] = []
    known: dict[str, Source] = {}
    previous = Source(name="", origin="", licence="")
    for line in text.splitlines():
        if not line.startswith("|"):
            header = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not header:
            header = [cell.lower() for cell in cells]
        licence = _column(header, "licence")
        origin = _column(header, "repository")
        if licence is None or origin is None or len(cells) <= max(licence, origin):
            continue
        previous = _written_out(
            Source(name="", origin=_short(cells[origin]), licence=_short(cells[licence])),
            known=known,
            previous=previous,
        )
        for name in re.split(r"[,\s]+", cells[0].replace("`", "")):
            known[name] = dataclasses.replace(previous, name=name.removesuffix(".jsonl.zst"))
            yield known[name]


def _written_out(source: Source, *, known: Mapping[str, Source], previous: Source) -> Source:
    """Return the source with "same" and "as another-source" replaced by what they point at."""
    pointer = _POINTER.fullmatch(source.origin) or _POINTER.fullmatch(source.licence)
    template = known.get(pointer["name"], previous) if pointer else previous
    return dataclasses.replace(
        source,
        origin=template.origin if _refers(source.origin) else source.origin,
        licence=template.licence if _refers(source.licence) else source.licence,
    )


def _refers(cell: str) -> bool:
    """Tell whether a cell only points at another row."""
    return cell == "same" or bool(_POINTER.fullmatch(cell))


def _column(header: list[str], start: str) -> int | None:
    """Return the position of the first column whose title begins with a word."""
    return next((index for index, cell in enumerate(header) if cell.startswith(start)), None)


def _short(cell: str) -> str:
    """Return a cell without addresses and not longer than a line or two."""
    plain = " ".join(_ADDRESS.sub("", cell).replace("`", "").split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1].rsplit(" ", 1)[0] + " …"

"""Collection files → checked values. Pure: no Django, no database.

`collection/<kind>/<slug>/work.yaml` describes a work, `<lang>.md` beside it holds each language
version: front matter (title, summary, …), then Markdown with citation marks like [@VN-21].
"""

import csv
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent
KINDS = ("programme", "policy", "lesson", "case_study", "workshop")
MARK = re.compile(r"@([A-Z0-9]+-\d+)")


class CollectionError(Exception):
    """A file of the collection is missing something or contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFile:
    """One language version of a work."""

    language: str
    title: str
    summary: str
    markdown: str
    cells: Mapping[str, str] = field(default_factory=dict)
    """Aspect → what the comparison tables say of it."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Further front matter: issuer, lead_body, unit."""

    @property
    def codes(self) -> frozenset[str]:
        """The fact codes that the text and the cells cite."""
        return frozenset(MARK.findall("\n".join([self.markdown, *self.cells.values()])))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFile:
    """One work of the collection."""

    slug: str
    kind: str
    programme: str
    country: str
    """ISO 3166-1 alpha-2 in lower case, empty for international works."""
    dated: str
    dated_fact: str
    """Code of the fact that says the date; empty without a date."""
    themes: Sequence[str]
    original: str
    facts: frozenset[str]
    versions: Mapping[str, VersionFile]
    policy: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    workshop: Mapping[str, Any] = field(default_factory=dict)

    def fingerprint(self, language: str) -> str:
        """Return a hash of all that one language version is made from."""
        version = self.versions[language]
        material = [
            self.kind, self.programme, self.country, self.dated, self.dated_fact, list(self.themes), self.original,
            dict(self.policy), dict(self.profile), version.title, version.summary,
            version.markdown, dict(version.extra), dict(version.cells),
        ]  # fmt: skip
        if self.workshop:
            material.append(dict(self.workshop))
        text = json.dumps(material, ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def read_collection(root: Path = ROOT / "collection") -> list[WorkFile]:
    """Return all works, programmes first, workshops in the order of their days.

    Raises CollectionError on the first fault.
    """
    works = [read_work(path.parent) for path in sorted(root.glob("*/*/work.yaml"))]
    return sorted(
        works,
        key=lambda work: (
            KINDS.index(work.kind),
            str(work.workshop.get("starts_on", "")),
            work.slug,
        ),
    )


def read_work(directory: Path) -> WorkFile:
    """Return the work in a directory; raise CollectionError if it contradicts itself."""
    try:
        data = yaml.safe_load((directory / "work.yaml").read_text(encoding="utf-8"))
        work = WorkFile(
            slug=directory.name,
            kind=data["kind"],
            programme=data["programme"],
            country=str(data.get("country") or "").lower(),
            dated=str(data.get("date") or ""),
            dated_fact=data.get("date_fact") or "",
            themes=tuple(data["themes"]),
            original=data["original"],
            facts=frozenset(data["facts"]),
            versions={path.stem: read_version(path) for path in sorted(directory.glob("*.md"))},
            policy=data.get("policy") or {},
            profile=data.get("profile") or {},
            workshop=data.get("workshop") or {},
        )
    except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
        raise CollectionError(f"{directory.name}: {error!r}") from error
    _check(work, directory)
    return work


def _check(work: WorkFile, directory: Path) -> None:
    if work.kind not in KINDS or work.kind != directory.parent.name:
        raise CollectionError(f"{work.slug}: kind {work.kind!r} does not match its folder")
    if work.original not in work.versions:
        raise CollectionError(f"{work.slug}: no text in its original language {work.original}")
    if bool(work.dated) != bool(work.dated_fact) or {work.dated_fact} - work.facts - {""}:
        raise CollectionError(f"{work.slug}: the date needs a date_fact that the text cites")
    for version in work.versions.values():
        if difference := version.codes ^ work.facts:
            raise CollectionError(
                f"{work.slug}.{version.language}: facts in the text and in work.yaml differ: "
                f"{', '.join(sorted(difference))}"
            )


def read_version(path: Path) -> VersionFile:
    """Return one language version; raise CollectionError without title or summary."""
    try:
        _, front, markdown = path.read_text(encoding="utf-8").split("---\n", 2)
        given = dict(yaml.safe_load(front).items())
        cells = {aspect: _text(text) for aspect, text in (given.pop("cells", None) or {}).items()}
        data = {key: str(value) for key, value in given.items() if value}
        return VersionFile(
            language=path.stem,
            title=data.pop("title"),
            summary=data.pop("summary"),
            markdown=markdown.strip(),
            cells=cells,
            extra=data,
        )
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise CollectionError(f"{path}: {error!r}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a cell is no text: {value!r}")
    return value


def read_table(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a tab-separated file of this package."""
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def optional_date(value: object) -> dt.date | None:
    """Return a date out of YAML, None for nothing."""
    if value is None or isinstance(value, dt.date):
        return value
    raise CollectionError(f"not a date: {value!r}")

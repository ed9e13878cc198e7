"""What the collection promises, checked on its files: sources, codes, links, languages, lengths, copies.

Pure but for language detection: no database.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError

from content_seed.parse import KINDS, MARK, ROOT, VersionFile, WorkFile, read_table
from content_seed.statements import all_faults
from content_seed.vocabulary import address_in, note_of, places_of, status_of
from content_seed.workshops import workshop_faults
from embeddings.language import detect_language, folded_runs
from embeddings.passages import CITATION, cited_codes, without_citations
from knowledge.models import Fact, Source

SHORTEST, LONGEST = 250, 900
"""Words of a text."""
_CHARACTERS_PER_WORD = {"th": 5, "lo": 5, "km": 5, "my": 5, "ja": 2, "zh": 2}
_HEADINGS = 3
_SHINGLE = 5
_COPY = 0.35
"""Share of runs of words that two works of one language may have in common."""
_POLICY_KEYS = {"number", "issued", "in_force_from", "in_force_until", "amends", "replaces"}
_PROFILE_KEYS = {"started", "aliases"}
_BIG_FIGURE = re.compile(r"(?<![\w/.,-])(?:\d{1,3}(?:[.,\u00a0\u202f ]\d{3})+|\d+(?:[.,]\d+)?\s?%)")
"""Numbers with thousands, and percentages: what a reader would quote."""

Facts = Mapping[str, Mapping[str, str]]
Check = Callable[[Sequence[WorkFile], Facts], Iterator[str]]


def problems(works: Sequence[WorkFile]) -> list[str]:
    """Return all faults of the collection, each in one line; empty when it keeps its promises."""
    facts = {row["code"]: row for row in read_table("facts.tsv")}
    return [fault for check in CHECKS for fault in check(works, facts)]


def table(works: Sequence[WorkFile]) -> list[list[str]]:
    """Return works by programme, kind and language, a head and a row of sums included."""
    languages = [code for code, _ in Counter(_languages(works)).most_common()]
    head = ["programme", *KINDS, "works", *languages]
    rows = []
    for programme in [*sorted({work.programme for work in works}), ""]:
        of_it = [work for work in works if not programme or work.programme == programme]
        kinds = Counter(work.kind for work in of_it)
        versions = Counter(_languages(of_it))
        cells = [
            *(kinds[kind] for kind in KINDS),
            len(of_it),
            *(versions[one] for one in languages),
        ]
        rows.append([programme or "all", *(str(cell or "·") for cell in cells)])
    return [head, *rows]


def words(version: VersionFile) -> float:
    """Return how many words a text has; letters are counted where words are not spaced."""
    text = re.sub(r"\[@[^\]]*\]|[#|*-]", " ", version.markdown)
    per_word = _CHARACTERS_PER_WORD.get(version.language)
    return len("".join(text.split())) / per_word if per_word else len(text.split())


def _languages(works: Sequence[WorkFile]) -> Iterator[str]:
    return (language for work in works for language in work.versions)


def _versions(works: Sequence[WorkFile]) -> Iterator[tuple[str, WorkFile, VersionFile]]:
    for work in works:
        for version in work.versions.values():
            yield f"{work.slug}.{version.language}", work, version


def _codes_and_marks(works: Sequence[WorkFile], facts: Facts) -> Iterator[str]:
    for name, _, version in _versions(works):
        text = "\n".join([version.markdown, *version.cells.values()])
        if broken := set(cited_codes(text)) ^ version.codes:
            yield f"{name}: marks that the portal does not read: {', '.join(sorted(broken))}"
        if unknown := version.codes - set(facts):
            yield f"{name}: no such fact: {', '.join(sorted(unknown))}"


def _sources(works: Sequence[WorkFile], facts: Facts) -> Iterator[str]:
    cited = set().union(*(work.facts for work in works)) & set(facts)
    for code in sorted(cited):
        row = facts[code]
        is_sourced = status_of(row) == Fact.Status.SOURCED
        if is_sourced and not list(places_of(row, facts)) and not note_of(row):
            yield f"{code}: called sourced, but nothing says where it was read"
    for code, row in facts.items():
        if row["status"] == "sourced" and code not in cited:
            yield f"{code}: sourced, but no work uses it"
    firm = {code for code, row in facts.items() if row["status"] == "sourced"}
    for work in works:
        if len(work.facts & firm) <= len(work.facts) / 2:
            yield f"{work.slug}: rests on weak or unverified facts"


def _listed_sources(_: Sequence[WorkFile], facts: Facts) -> Iterator[str]:
    """Find descriptions of web pages that no fact names, that come twice, or cannot be loaded."""
    named = {address_in(place) for row in facts.values() for place in places_of(row, facts)}
    listed = list(read_table("sources.tsv"))
    for address, count in Counter(row["address"] for row in listed).items():
        if address not in named:
            yield f"sources.tsv: no fact names {address}"
        if count > 1:
            yield f"sources.tsv: {count} rows for {address}"
    for row in listed:
        try:
            Source(**row).clean_fields()
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                yield f"sources.tsv: {row['address']}: {field}: {' '.join(messages)}"


def _figures(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    """Find paragraphs, items and tables with a figure one would quote and no citation."""
    for name, _work, version in _versions(works):
        for block in _blocks(version.markdown):
            if CITATION.search(block):
                continue
            if found := _BIG_FIGURE.search(block):
                yield f"{name}: no source near {found[0]!r}: {block[:60]}"


def _blocks(markdown: str) -> Iterator[str]:
    """Yield paragraphs, items and whole tables; a table may cite in its head."""
    for part in re.split(r"\n\s*\n", markdown):
        if part.lstrip().startswith("|"):
            yield part
        else:
            yield from re.split(r"\n(?=\s*(?:[-*]|\d+\.)\s)", part)


def _links(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    slugs = {kind: {work.slug for work in works if work.kind == kind} for kind in KINDS}
    for slug, count in Counter(work.slug for work in works).items():
        if count > 1:
            yield f"{slug}: {count} works have this name"
    for work in works:
        if work.programme not in slugs["programme"]:
            yield f"{work.slug}: no programme {work.programme}"
        for name in (*work.policy.get("amends", ()), *work.policy.get("replaces", ())):
            if name not in slugs["policy"]:
                yield f"{work.slug}: no policy {name}"


def _descriptions(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    themes = {row["code"] for row in read_table("themes.tsv")}
    countries = {"", *(row["code"] for row in read_table("countries.tsv"))}
    for work in works:
        if not work.themes or set(work.themes) - themes:
            yield f"{work.slug}: themes {', '.join(work.themes) or 'missing'}"
        if work.country not in countries:
            yield f"{work.slug}: no country {work.country}"
        if not re.fullmatch(r"(\d{4}(-\d{2}(-\d{2})?)?)?", work.dated):
            yield f"{work.slug}: no date: {work.dated}"
        if set(work.policy) - _POLICY_KEYS or set(work.profile) - _PROFILE_KEYS:
            yield f"{work.slug}: unknown keys in work.yaml"


def _workshops(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    yield from workshop_faults(works)


def _languages_told(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    for name, _work, version in _versions(works):
        prose = [line for line in version.markdown.splitlines() if line and line[0] not in "#|-"]
        text = without_citations(" ".join(prose))
        detected = detect_language(text, declared=version.language)
        if detected != version.language:
            yield f"{name}: reads as {detected}"


def _lengths(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    for name, _work, version in _versions(works):
        if not SHORTEST <= (count := words(version)) <= LONGEST:
            yield f"{name}: {count:.0f} words"
        if len(re.findall(r"^## ", version.markdown, re.MULTILINE)) < _HEADINGS:
            yield f"{name}: fewer than {_HEADINGS} headings"
        if re.search(r"^# ", version.markdown, re.MULTILINE):
            yield f"{name}: a heading of the first order"
        if not 10 <= len(version.title) <= 255:
            yield f"{name}: title of {len(version.title)} characters"
        if not 20 <= len(version.summary) <= 400:
            yield f"{name}: summary of {len(version.summary)} characters"


def _translations(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    for name, work, version in _versions(works):
        if _shape(version) != _shape(work.versions[work.original]):
            yield f"{name}: other headings than the original"
        if _cell_codes(version) != _cell_codes(work.versions[work.original]):
            yield f"{name}: other cells than the original"


def _shape(version: VersionFile) -> list[str]:
    return [line.split(" ")[0] for line in version.markdown.splitlines() if line.startswith("#")]


def _cell_codes(version: VersionFile) -> dict[str, frozenset[str]]:
    return {aspect: frozenset(MARK.findall(text)) for aspect, text in version.cells.items()}


def _copies(works: Sequence[WorkFile], _: Facts) -> Iterator[str]:
    """Find works of one language that share many runs of words: one work told twice."""
    by_language: dict[str, list[tuple[str, frozenset[tuple[str, ...]]]]] = {}
    for name, _work, version in _versions(works):
        runs = folded_runs(without_citations(version.markdown))
        shingles = frozenset(zip(*(runs[shift:] for shift in range(_SHINGLE)), strict=False))
        by_language.setdefault(version.language, []).append((name, shingles))
    pairs = chain.from_iterable(combinations(texts, 2) for texts in by_language.values())
    for (one, first), (other, second) in pairs:
        smaller = min(len(first), len(second))
        if smaller and len(first & second) / smaller > _COPY:
            yield f"{one}: repeats much of {other}"


def _indicators(works: Sequence[WorkFile], facts: Facts) -> Iterator[str]:
    """Find indicators whose fact is missing or does not state the figure."""
    programmes = {work.slug for work in works if work.kind == "programme"}
    for path in sorted(ROOT.glob("indicators/*.yaml")):
        for entry in _entries(path):
            if entry.get("programme") and entry["programme"] not in programmes:
                yield f"{entry['code']}: no programme {entry['programme']}"
            for value in entry["values"]:
                row = facts.get(value["fact"])
                if row is None:
                    yield f"{entry['code']}: no such fact: {value['fact']}"
                else:
                    for figure in (value["value"], value.get("to", value["value"])):
                        if not _states(row["fact"], figure):
                            yield f"{entry['code']}: {value['fact']} does not state {figure}"


def _statements(_: Sequence[WorkFile], facts: Facts) -> Iterator[str]:
    """Find translations of facts that are missing or have other numbers."""
    return all_faults(facts)


def _lineage_and_names(works: Sequence[WorkFile], facts: Facts) -> Iterator[str]:
    """Find facts and programmes of lineage and names that do not exist."""
    programmes = {work.slug for work in works if work.kind == "programme"}
    named = {
        "lineage.yaml": lambda entry: [entry["origin"], entry["heir"]],
        "names.yaml": lambda entry: entry["programmes"],
    }
    for name, slugs_of in named.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        if unknown := set(MARK.findall(text)) - set(facts):
            yield f"{name}: no such fact: {', '.join(sorted(unknown))}"
        slugs = {slug for entry in _entries(ROOT / name) for slug in slugs_of(entry)}
        if missing := slugs - programmes:
            yield f"{name}: no programme {', '.join(sorted(missing))}"


def _entries(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return entries


_SCALES = {"": 1, "crore": 1e7, "lakh": 1e5, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_NUMBER = re.compile(
    rf"(\d[\d,]*(?:\.\d+)?)(?:\s?[-–]\s?\d[\d,.]*)?(?:\s+({'|'.join(filter(None, _SCALES))}))?"
)
_IN_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _states(statement: str, value: float) -> bool:
    """Return whether an English statement has the number, in digits or words, its scale included."""
    starts = (match.start() for match in re.finditer(r"(?<![\d.,])\d", statement))
    found = [match for start in starts if (match := _NUMBER.match(statement, start))]
    stated = [float(one[1].replace(",", "")) * _SCALES[one[2] or ""] for one in found]
    spelt = re.findall(r"[a-z]+", statement.lower())
    stated += [number for number, word in enumerate(_IN_WORDS, start=1) if word in spelt]
    return any(math.isclose(one, float(value)) for one in stated)


CHECKS: Sequence[Check] = (
    _codes_and_marks,
    _sources,
    _listed_sources,
    _figures,
    _links,
    _descriptions,
    _workshops,
    _languages_told,
    _lengths,
    _translations,
    _copies,
    _indicators,
    _statements,
    _lineage_and_names,
)

"""Text to measure with: real passages and questions in many languages where they are at hand.

The rows of the training data are used when its directory is there; else sentences of the starter
collection are mixed into as many passages as wanted. Both are the same at every run.
"""

import random
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "training"
_SHORTEST = 40
_SEED = 1489
_SENTENCE = re.compile(r"(?<=[.!?។။。])\s*")
_NOT_PROSE = re.compile(r"\[@[^\]]*\]|[#|*_<>]")


class Text(NamedTuple):
    """A passage or a question."""

    language: str
    text: str


def passages(count: int, data: Path = DATA) -> list[Text]:
    """Return so many different passages; fewer only where the data have no more."""
    source = _of_the_data(data) if data.is_dir() else _of_the_collection()
    found: dict[str, str] = {}
    for language, text in source:
        if len(found) == count:
            break
        prose = " ".join(_NOT_PROSE.sub("", text).split())
        if len(prose) >= _SHORTEST:
            found.setdefault(prose, language)
    mixed = [Text(language, text) for text, language in found.items()]
    random.Random(_SEED).shuffle(mixed)  # noqa: S311 – an order, no secret
    return mixed


def questions(count: int, data: Path = DATA) -> list[Text]:
    """Return so many different questions of people, in several languages in turn."""
    by_language: dict[str, list[str]] = {}
    for language, text in _questions_of_the_data(data) if data.is_dir() else _needs():
        asked = by_language.setdefault(language, [])
        if len(asked) < count:
            asked.append(text)
    numbers = random.Random(_SEED)  # noqa: S311
    for asked in by_language.values():
        numbers.shuffle(asked)
    turns = (
        Text(language, asked[number])
        for number in range(count)
        for language, asked in sorted(by_language.items())
        if number < len(asked)
    )
    return list(islice(turns, count))


def _files(data: Path, kind: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield (name of the file, row) of all files of a kind, a row of each in turn."""
    from embeddings.training.data import read_rows

    readers = {path.name: read_rows(path) for path in sorted((data / kind).glob("*.jsonl.zst"))}
    while readers:
        for name, rows in list(readers.items()):
            row = next(rows, None)
            if row is None:
                del readers[name]
            else:
                yield name, row


def _of_the_data(data: Path) -> Iterator[Text]:
    for _, row in _files(data, "retrieval"):
        yield Text(str(row["lang"]).rsplit("-", maxsplit=1)[-1], str(row["passage"]))
    for _, row in _files(data, "parallel"):
        for language, text in row.items():
            if isinstance(text, str) and len(text) >= _SHORTEST:
                yield Text(language, text)


def _questions_of_the_data(data: Path) -> Iterator[Text]:
    for _, row in islice(_files(data, "retrieval"), 200_000):
        yield Text(str(row["lang"]).split("-")[0], str(row["query"]))


def _of_the_collection() -> Iterator[Text]:
    """Yield passages of three sentences out of different works, without end."""
    sentences: dict[str, list[str]] = {}
    for path in sorted((ROOT / "content_seed" / "collection").glob("*/*/*.md")):
        text = path.read_text(encoding="utf-8")
        sentences.setdefault(path.stem, []).extend(filter(None, _SENTENCE.split(text)))
    numbers = random.Random(_SEED)  # noqa: S311
    while True:
        for language, known in sorted(sentences.items()):
            yield Text(language, " ".join(numbers.choices(known, k=3)))


def _needs() -> Iterator[Text]:
    from content_seed.evaluate import read_needs, relevance_files

    for name in relevance_files():
        for need in read_needs(name):
            yield Text(need.language, need.query)

"""Text to measure with: real passages and questions in many languages where they are at hand.

The rows of the training data are used when its directory is there; else sentences of the starter
collection are mixed into as many passages as wanted. Both are the same at every run, and the first
passages of many are the same as those of few, so that a portal can be filled further.
"""

import random
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "training"
_SHORTEST = 40
_ROWS_WITH_QUESTIONS = 200_000
_NEEDS_SHARE = 4
"""One question in so many is a need of the starter collection, where there are enough."""
_SEED = 1489
_SENTENCE = re.compile(r"(?<=[.!?។။。])\s*")
_NOT_PROSE = re.compile(r"\[@[^\]]*\]|[#|*_<>]")


class Text(NamedTuple):
    """A passage or a question."""

    language: str
    text: str


def passages(count: int, data: Path = DATA) -> list[Text]:
    """Return so many different passages; fewer only where the data have no more."""
    found: dict[str, str] = {}
    for language, text in _of_the_data(data) if data.is_dir() else _of_the_collection():
        if len(found) >= count:
            break
        prose = " ".join(_NOT_PROSE.sub("", text).split())
        if len(prose) >= _SHORTEST:
            found.setdefault(prose, language)
    return [Text(language, text) for text, language in found.items()]


def questions(count: int, data: Path = DATA) -> list[Text]:
    """Return so many different questions of people; none of them is a passage.

    The languages take turns, and every few questions one is a need of the starter collection.
    """
    needs = _in_turns(_needs())
    asked = _in_turns(_questions_of_the_data(data)) if data.is_dir() else []
    of_needs = count if not asked else count // _NEEDS_SHARE
    mixed = dict.fromkeys([*needs[:of_needs], *asked, *needs[of_needs:]])
    chosen = list(islice(mixed, count))
    random.Random(_SEED).shuffle(chosen)  # noqa: S311 – an order, no secret
    return chosen


def _in_turns(texts: Iterable[Text]) -> list[Text]:
    """Return the texts mixed, one of each language after the other as long as they last."""
    by_language: dict[str, list[Text]] = {}
    for text in texts:
        by_language.setdefault(text.language, []).append(text)
    numbers = random.Random(_SEED)  # noqa: S311
    for own in by_language.values():
        numbers.shuffle(own)
    longest = max(map(len, by_language.values()), default=0)
    return [
        own[number]
        for number in range(longest)
        for _, own in sorted(by_language.items())
        if number < len(own)
    ]


def _files(data: Path, kind: str) -> Iterator[dict[str, object]]:
    """Yield the rows of all files of a kind, one of each file in turn."""
    from embeddings.training.data import read_rows

    readers = [read_rows(path) for path in sorted((data / kind).glob("*.jsonl.zst"))]
    while readers:
        for reader in list(readers):
            row = next(reader, None)
            if row is None:
                readers.remove(reader)
            else:
                yield row


def _of_the_data(data: Path) -> Iterator[Text]:
    for row in _files(data, "retrieval"):
        yield Text(str(row["lang"]).rsplit("-", maxsplit=1)[-1], str(row["passage"]))
    for row in _files(data, "parallel"):
        for language, text in row.items():
            if isinstance(text, str):
                yield Text(language, text)


def _questions_of_the_data(data: Path) -> Iterator[Text]:
    for row in islice(_files(data, "retrieval"), _ROWS_WITH_QUESTIONS):
        yield Text(str(row["lang"]).split("-")[0], str(row["query"]))


def _of_the_collection() -> Iterator[Text]:
    """Yield passages of three sentences out of different works, without end."""
    sentences: dict[str, list[str]] = {}
    for path in sorted((ROOT / "content_seed" / "collection").glob("*/*/*.md")):
        text = path.read_text(encoding="utf-8").split("---\n", 2)[-1]
        sentences.setdefault(path.stem, []).extend(filter(None, _SENTENCE.split(text)))
    numbers = random.Random(_SEED)  # noqa: S311
    while True:
        for language, known in sorted(sentences.items()):
            yield Text(language, " ".join(numbers.choices(known, k=3)))


def _needs() -> Iterator[Text]:
    from content_seed.parse import read_table

    for path in sorted((ROOT / "content_seed" / "relevance").glob("*.tsv")):
        for row in read_table(f"relevance/{path.name}"):
            yield Text(row["query_lang"], row["query"])

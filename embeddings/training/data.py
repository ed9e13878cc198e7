"""Reading the training files: parallel rows, retrieval rows, and which of them are held back.

Held-back retrieval rows are for measuring only. Rows of one language are held back at the end of
each file, where whole articles stand together. Rows across languages are few and sorted by language,
so there it is the English side, shared by all languages, that decides. No row of any file that
shares a text with a held-back one is trained on.
"""

import hashlib
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

HELD_BACK_SHARE = 0.02
"""The last rows of each retrieval file, as a share of its rows in one language."""
HELD_BACK_CROSS_SHARE = 0.1
"""Share of the English texts whose rows across languages are held back, in every language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalRow:
    """One question and the passage that answers it."""

    query_language: str
    passage_language: str
    query: str
    passage: str

    @property
    def is_crossing(self) -> bool:
        """Whether question and passage are in two languages."""
        return self.query_language != self.passage_language


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a zstandard-compressed JSON-lines file."""
    with path.open("rb") as compressed:
        stream = zstandard.ZstdDecompressor().stream_reader(compressed)
        for line in io.TextIOWrapper(stream, encoding="utf-8"):
            yield json.loads(line)


def source_files(data_dir: Path, kind: str) -> list[Path]:
    """Return the files of `data_dir/kind` in a fixed order.

    Raises:
        FileNotFoundError: There are none, so the directory is not training data.
    """
    paths = sorted((data_dir / kind).glob("*.jsonl.zst"))
    if not paths:
        raise FileNotFoundError(f"no *.jsonl.zst in {data_dir / kind}")
    return paths


def data_fingerprint(data_dir: Path) -> str:
    """Return a short hash of the names and sizes of all training files."""
    listing = [
        f"{path.parent.name}/{path.name}:{path.stat().st_size}"
        for kind in ("parallel", "retrieval")
        for path in source_files(data_dir, kind)
    ]
    return hashlib.sha256("\n".join(listing).encode()).hexdigest()[:8]


def source_name(path: Path) -> str:
    """Return the name of the source a file holds."""
    return path.name.removesuffix(".jsonl.zst")


def parallel_rows(path: Path, *, languages: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield language → text of each row, in file order, keeping only the wanted languages.

    Every row is yielded, even an empty one, so that positions stay those of the document.
    """
    for row in read_rows(path):
        yield {code: text for code, text in row.items() if code in languages and text.strip()}


def retrieval_rows(path: Path) -> list[RetrievalRow]:
    """Return all rows of one retrieval file, in file order."""
    rows = []
    for row in read_rows(path):
        query_language, _, passage_language = row["lang"].partition("-")
        rows.append(
            RetrievalRow(
                query_language=query_language,
                passage_language=passage_language or query_language,
                query=row["query"],
                passage=row["passage"],
            )
        )
    return rows


def held_back_retrieval(path: Path) -> list[RetrievalRow]:
    """Return the rows of one retrieval file that are for measuring."""
    rows = retrieval_rows(path)
    same = [row for row in rows if not row.is_crossing]
    kept = same[len(same) - _held_back_count(len(same)) :]
    return kept + [row for row in rows if _is_held_back_crossing(row)]


def measured_texts(data_dir: Path) -> frozenset[str]:
    """Return every question and passage that is held back in any file."""
    return frozenset(
        text
        for path in source_files(data_dir, "retrieval")
        for row in held_back_retrieval(path)
        for text in (row.query, row.passage)
    )


def training_retrieval(
    path: Path, *, languages: Collection[str], measured: Collection[str]
) -> list[RetrievalRow]:
    """Return the rows of one retrieval file that may be trained on.

    Args:
        path: The file.
        languages: Rows of other languages are left out.
        measured: What `measured_texts` returns; rows with one of these texts are left out.
    """
    return [
        row
        for row in retrieval_rows(path)
        if row.passage not in measured
        and row.query not in measured
        and {row.query_language, row.passage_language} <= set(languages)
    ]


def _held_back_count(count: int) -> int:
    """Return how many of the last `count` rows of a file are held back."""
    return max(1, round(count * HELD_BACK_SHARE)) if count else 0


def _is_held_back_crossing(row: RetrievalRow) -> bool:
    """Tell whether a row across languages is held back: its English side decides."""
    if not row.is_crossing:
        return False
    english = row.query if row.query_language == "en" else row.passage
    digest = hashlib.sha256(english.encode()).digest()
    return int.from_bytes(digest[:4], "big") < HELD_BACK_CROSS_SHARE * 2**32

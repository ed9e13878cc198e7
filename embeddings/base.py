"""The base of a view: everything about many passages, built in bulk from their rows or read again.

Built in memory where they are few. Where they are many it is built into a directory and mapped from
there, so that the processes of a machine share one copy and a start takes no longer than a look at
the files (`embeddings.snapshot`).
"""

import json
import mmap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from embeddings.arrays import FileArray, GrowingArray, Parts
from embeddings.columns import DocumentEntry, PassageColumns, PassageEntry, expiry
from embeddings.conf import EmbeddingsConfig
from embeddings.dense import (
    DenseBase,
    DenseBaseBuilder,
    Vectors,
    kind_for,
    map_base,
    sample_size,
    write_base,
)
from embeddings.encoders.base import Encoder
from embeddings.language import folded_words
from embeddings.lexical import LexicalText, Segment, spelt, tags_of
from embeddings.models import Passage
from embeddings.records import (
    CONTENTS,
    RECORD_ARRAYS,
    PassageRecord,
    RecordArrays,
    Tokens,
    contents_of,
    counts_of,
    subword_codes,
    word_codes,
)
from embeddings.store import searched_text
from embeddings.terms import TERM_ARRAYS, TermCounts, TermCountsBuilder

_BLOCK = 5_000
_DOCUMENTS, _DENSE, _LEXICAL, _FACTS = "documents.jsonl", "dense.faiss", "lexical", "facts.json"
_PLACE_ARRAYS = {"rows": "<i8", "positions": "<i4", "languages": "<u1"}
_CITED_ARRAYS = {"cited_counts": "<u2", "cited": "<u4"}
_TOKEN_KINDS = ("subwords", "words")
_ARRAYS = {
    **RECORD_ARRAYS,
    **_PLACE_ARRAYS,
    **_CITED_ARRAYS,
    **{f"{kind}_{n}": t for kind in _TOKEN_KINDS for n, t in TERM_ARRAYS.items()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a view begins with; the tail comes on top."""

    columns: PassageColumns
    records: RecordArrays
    dense: DenseBase | None
    """None without an encoder."""
    lexical: Segment
    counts: tuple[TermCounts, TermCounts]
    """Of subwords and of words."""
    languages: list[str]
    """Language number − 1 → code, as `counts` uses them."""


class StoredPassage(NamedTuple):
    """What a view reads of a row, in the order that the database gives it."""

    pk: int
    document_key: str
    position: int
    work: str
    language: str
    is_original: bool
    title: str
    facets: str
    """JSON; only one passage of a document needs it read."""
    notes: str
    """JSON."""
    dated: str
    scope: str
    visible_until: datetime | None
    encoder_id: str
    vector: bytes
    record: bytes
    words: str


class ReadPassage(NamedTuple):
    """A row with its record."""

    row: StoredPassage
    record: PassageRecord
    words: str
    cited: Tokens
    """A number for each code that it cites, the same in every language."""
    has_vector: bool


def read_passages(rows: QuerySet[Passage], encoder: Encoder | None) -> Iterator[list[ReadPassage]]:
    """Yield the passages of one document after another.

    Args:
        rows: Ordered so that documents lie together, their passages by position.
        encoder: A row of another one, or from before records were kept, has no vector here; it is
            found by its words.
    """
    fields = [
        Cast(F(name), TextField()) if name in {"facets", "notes"} else name
        for name in StoredPassage._fields
    ]
    stored = rows.values_list(*fields).iterator(chunk_size=_BLOCK)
    blocks = iter(lambda: list(map(StoredPassage._make, islice(stored, _BLOCK))), [])
    read = (passage for block in blocks for passage in _read_block(block, encoder))
    for _, passages in groupby(read, key=lambda one: one.row.document_key):
        yield list(passages)


def _read_block(block: Sequence[StoredPassage], encoder: Encoder | None) -> Iterator[ReadPassage]:
    own = {
        row.pk
        for row in block
        if encoder is not None and row.encoder_id == encoder.encoder_id and row.record
    }
    foreign = [row.pk for row in block if row.pk not in own]
    texts = (
        {pk: searched_text(row) for pk, row in Passage.objects.in_bulk(foreign).items()}
        if foreign
        else {}
    )
    for row in block:
        if encoder is not None and row.pk in own:
            record = PassageRecord.unpack(bytes(row.record), encoder.dimensions)
            yield ReadPassage(row, record, row.words, _cited_in(row.notes), has_vector=True)
        elif row.pk in texts:
            yield _without_vectors(row, texts[row.pk], encoder)


def _without_vectors(row: StoredPassage, text: str, encoder: Encoder | None) -> ReadPassage:
    words = folded_words(text)
    record = PassageRecord(
        codes=np.empty((0, encoder.dimensions if encoder is not None else 1), np.int8),
        scales=np.empty(0, np.float32),
        sentences=0,
        subwords=subword_codes(encoder.subwords(text) if encoder is not None else []),
        words=word_codes(words),
        title_words=len(folded_words(row.title)),
    )
    return ReadPassage(row, record, " ".join(words), _cited_in(row.notes), has_vector=False)


@lru_cache(maxsize=100)
def _cited_in(notes: str) -> Tokens:
    """Return a number for each code that notes explain; most passages have none."""
    return word_codes(list(json.loads(notes)))


def entry_of(row: StoredPassage) -> DocumentEntry:
    """Return what the columns hold of the document of a row."""
    return DocumentEntry(
        key=row.document_key,
        work=row.work,
        language=row.language,
        is_original=row.is_original,
        facets=json.loads(row.facets),
        dated=row.dated,
        scope=row.scope,
        visible_until=expiry(row.visible_until.timestamp() if row.visible_until else None),
        title=row.title,
    )


def passage_entries(passages: Sequence[ReadPassage]) -> list[PassageEntry]:
    """Return what the columns hold of the passages of a document."""
    return [PassageEntry(one.row.pk, one.row.position, one.cited) for one in passages]


def lexical_texts(entry: DocumentEntry, passages: Sequence[ReadPassage]) -> list[LexicalText]:
    """Return what the lexical index holds of the passages of a document."""
    tags = " ".join(tags_of(entry.facets, entry.scope))
    subwords = spelt([read.record.subwords for read in passages])
    return [
        LexicalText(
            subwords=spelt_subwords,
            words=read.words,
            tags=tags,
            title="" if read.row.position else entry.title,
        )
        for read, spelt_subwords in zip(passages, subwords, strict=True)
    ]


def vectors_of(passages: Sequence[ReadPassage], dimensions: int) -> Vectors:
    """Return the vectors of some rows, shape (len(passages), dimensions); zeros where none is."""
    empty = bytes(2 * dimensions)
    joined = b"".join(bytes(one.row.vector) if one.has_vector else empty for one in passages)
    return np.frombuffer(joined, "<f2").astype(np.float32).reshape(len(passages), dimensions)


class BaseBuilder:
    """Takes in documents, in the order of their slots, and makes a base of them.

    Args:
        encoder: Whose vectors and tokens these are; None when there is none.
        dense: What takes the vectors in; None without an encoder.
        directory: An empty directory to build into; None builds in memory.
    """

    def __init__(
        self,
        encoder: Encoder | None = None,
        dense: DenseBaseBuilder | None = None,
        directory: Path | None = None,
    ) -> None:
        self._encoder = encoder
        self._dense = dense
        self._directory = directory
        self._columns = PassageColumns()
        self._documents = (
            None if directory is None else (directory / _DOCUMENTS).open("w", encoding="utf-8")
        )
        self._languages: dict[str, int] = {}
        self._block: list[ReadPassage] = []
        self._block_languages: list[int] = []
        self._arrays = ArrayFiles(directory)
        self._builders = (TermCountsBuilder(), TermCountsBuilder())
        self._count = 0
        lexical = None
        if directory is not None:
            lexical = directory / _LEXICAL
            lexical.mkdir()
        self._segment = Segment(lexical, bulk=True)

    def add(self, passages: Sequence[ReadPassage]) -> None:
        """Take in the passages of one document, in order."""
        entry = entry_of(passages[0].row)
        language = self._languages.setdefault(entry.language, len(self._languages) + 1)
        if self._documents is not None:
            self._documents.write(_line(entry, len(passages)))
        else:
            self._columns.add(entry, passage_entries(passages))
        self._segment.write(enumerate(lexical_texts(entry, passages), self._count))
        self._count += len(passages)
        self._block.extend(passages)
        self._block_languages.extend([language] * len(passages))
        if len(self._block) >= _BLOCK:
            self._write_block()

    def _write_block(self) -> None:
        block, self._block = self._block, []
        numbers, self._block_languages = np.array(self._block_languages, np.int64), []
        records = [read.record for read in block]
        arrays = counts_of(records)
        for builder, kind in zip(self._builders, _TOKEN_KINDS, strict=True):
            tokens = [np.empty(0, np.uint32), *(getattr(record, kind) for record in records)]
            lengths = arrays[f"{kind[:-1]}_counts"].astype(np.int64)
            builder.add(np.concatenate(tokens), lengths, numbers)
        self._arrays.append(CONTENTS, contents_of(records))
        arrays["rows"] = np.array([read.row.pk for read in block])
        arrays["positions"] = np.array([read.row.position for read in block])
        arrays["languages"] = numbers
        arrays["cited_counts"] = np.array([len(read.cited) for read in block])
        arrays["cited"] = np.concatenate([np.empty(0, np.uint32), *(read.cited for read in block)])
        for name, values in arrays.items():
            self._arrays.append(name, values.astype(_ARRAYS[name]))
        if self._encoder is not None and self._dense is not None:
            self._dense.add(vectors_of(block, self._encoder.dimensions))

    def finish(self) -> Base:
        """Return the base; in a directory all its files are complete then."""
        self._write_block()
        for builder, kind in zip(self._builders, _TOKEN_KINDS, strict=True):
            for name, values in builder.finish().items():
                self._arrays.append(f"{kind}_{name}", values)
        self._segment.finish()
        dense = None if self._dense is None else self._dense.finish()
        facts = {
            "languages": list(self._languages),
            "passages": [dict(builder.passages) for builder in self._builders],
            "lengths": [builder.length for builder in self._builders],
            "dense": None if dense is None else {"kind": dense.kind, "scale": dense.scale},
            "dimensions": 1 if self._encoder is None else self._encoder.dimensions,
        }
        if self._directory is not None and self._documents is not None:
            self._documents.close()
            if dense is not None:
                write_base(dense, self._directory / _DENSE)
            write_json(self._directory / _FACTS, facts)
            self._arrays.close()
            return read_base(self._directory)
        arrays = {name: self._arrays.get(name, type_) for name, type_ in _ARRAYS.items()}
        contents = GrowingArray("<u4")
        contents.extend(self._arrays.get(CONTENTS, "<u4"))
        return _base(facts, arrays, contents, self._columns, dense, self._segment)


def build(encoder: Encoder | None, config: EmbeddingsConfig, directory: Path | None = None) -> Base:
    """Return a base of all rows as one statement sees them; documents lie together in it.

    Documents are written whole, under the writers' lock, so the rows of one have consecutive ids.
    """
    dense = None if encoder is None else _dense_builder(encoder, config)
    builder = BaseBuilder(encoder, dense, directory)
    for passages in read_passages(Passage.objects.order_by("pk"), encoder):
        builder.add(passages)
    return builder.finish()


def _dense_builder(encoder: Encoder, config: EmbeddingsConfig) -> DenseBaseBuilder:
    """Return what makes a dense index for as many vectors as there are rows."""
    rows = np.fromiter(Passage.objects.order_by("pk").values_list("pk", flat=True), np.int64)
    kind = kind_for(len(rows), int8_from=config.int8_from, ivf_from=config.ivf_from)
    wanted = rows[:: max(1, len(rows) // max(sample_size(len(rows)), 1))]
    own = Passage.objects.filter(encoder_id=encoder.encoder_id)
    vectors = [
        bytes(vector)
        for first in range(0, len(wanted), _BLOCK)
        for vector in own.filter(pk__in=wanted[first : first + _BLOCK].tolist()).values_list(
            "vector", flat=True
        )
    ]
    # One of zeros where no row has any yet: after an update that brings another encoder.
    sample = np.frombuffer(b"".join(vectors) or bytes(2 * encoder.dimensions), "<f2")
    sample = sample.astype(np.float32).reshape(-1, encoder.dimensions)
    return DenseBaseBuilder(sample=sample, count=len(rows), kind=kind)


def read_base(directory: Path) -> Base:
    """Return the base that a directory holds; raises OSError or ValueError when it is damaged."""
    facts = json.loads((directory / _FACTS).read_text(encoding="utf-8"))
    arrays = {name: map_array(directory / name, type_) for name, type_ in _ARRAYS.items()}
    shared: dict[Any, Any] = {}
    with (directory / _DOCUMENTS).open(encoding="utf-8") as lines:
        documents = [_document(line, shared) for line in lines]
    columns = PassageColumns()
    columns.add_all(
        [document for document, _ in documents],
        np.array([passages for _, passages in documents], np.int64),
        arrays["rows"],
        arrays["positions"],
        arrays["cited"],
        arrays["cited_counts"].astype(np.int64),
    )
    dense = None
    if facts["dense"] is not None:
        dense = map_base(directory / _DENSE, **facts["dense"])
    contents = FileArray(directory / CONTENTS, "<u4")
    return _base(facts, arrays, contents, columns, dense, Segment(directory / _LEXICAL))


def _base(
    facts: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    contents: Parts,
    columns: PassageColumns,
    dense: DenseBase | None,
    lexical: Segment,
) -> Base:
    subwords, words = (
        TermCounts(
            keys=arrays[f"{kind}_keys"],
            counts=arrays[f"{kind}_counts"],
            passages=Counter({int(language): count for language, count in passages.items()}),
            length=length,
        )
        for kind, passages, length in zip(
            _TOKEN_KINDS, facts["passages"], facts["lengths"], strict=True
        )
    )
    return Base(
        columns=columns,
        records=RecordArrays(
            facts["dimensions"], {name: arrays[name] for name in RECORD_ARRAYS}, contents
        ),
        dense=dense,
        lexical=lexical,
        counts=(subwords, words),
        languages=facts["languages"],
    )


def _line(entry: DocumentEntry, passages: int) -> str:
    """Return a document, with how many passages it has, as a line of JSON."""
    until = None if np.isinf(entry.visible_until) else entry.visible_until
    facets = {name: list(values) for name, values in entry.facets.items()}
    fields = [
        entry.key, entry.work, entry.language, entry.is_original, facets, entry.dated,
        entry.scope, until, entry.title, passages,
    ]  # fmt: skip
    return _compact(fields) + "\n"


def _document(line: str, shared: dict[Any, Any]) -> tuple[DocumentEntry, int]:
    """Return what `_line` wrote; what many documents have alike is kept once, in `shared`."""
    key, work, language, is_original, facets, dated, scope, until, title, passages = json.loads(
        line
    )

    def once(value: Any) -> Any:
        return shared.setdefault(value, value)

    document = DocumentEntry(
        key=key,
        work=work,
        language=once(language),
        is_original=is_original,
        facets={once(name): once(tuple(values)) for name, values in facets.items()},
        dated=once(dated),
        scope=scope,
        visible_until=expiry(until),
        title=title,
    )
    return document, passages


class ArrayFiles:
    """Flat arrays written a block at a time, to files of a directory or in memory."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._files: dict[str, Any] = {}
        self._parts: dict[str, list[NDArray[Any]]] = {}

    def append(self, name: str, values: NDArray[Any]) -> None:
        """Append values to an array."""
        if self._directory is None:
            self._parts.setdefault(name, []).append(values)
            return
        if name not in self._files:
            self._files[name] = (self._directory / name).open("wb")
        self._files[name].write(values.tobytes())

    def get(self, name: str, dtype: str) -> NDArray[Any]:
        """Return what was appended so far."""
        if self._directory is None:
            joined: NDArray[Any] = np.concatenate(
                [np.empty(0, dtype), *self._parts.get(name, [])]
            ).astype(dtype, copy=False)
            return joined
        if name in self._files:
            self._files[name].flush()
        return map_array(self._directory / name, dtype)

    def close(self) -> None:
        """Close the files; what was never appended to becomes an empty one."""
        for file in self._files.values():
            file.close()
        if self._directory is not None:
            for name in (*_ARRAYS, CONTENTS):
                (self._directory / name).touch()


def map_array(path: Path, dtype: str) -> NDArray[Any]:
    """Return a file as a read-only array without reading it; an absent or empty one is empty."""
    if not path.exists() or not path.stat().st_size:
        return np.empty(0, dtype)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, dtype)


def write_json(path: Path, content: object) -> None:
    """Write a value as compact JSON."""
    path.write_text(_compact(content), encoding="utf-8")


def _compact(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

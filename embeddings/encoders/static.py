"""The bundled encoder: a token table, a mean and nothing else, so it runs without PyTorch.

Its vectors equal `SentenceTransformer(path).encode(texts, normalize_embeddings=True)` in single
precision. The table is memory-mapped: worker processes share one copy and start at once.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.encoders.base import Encoder, Vectors, unit_rows
from embeddings.encoders.model_files import ModelError, find_model
from embeddings.encoders.subwords import LexicalTokenizer
from embeddings.encoders.unigram import UnigramTokenizer
from embeddings.pieces import PieceTable
from embeddings.records import Tokens

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
DETAILS_FILE = "encoder.json"
"""What sentence-transformers has no field for: `{"name": str, "score_floor": float | null}`."""

TABLE_NAME, FACTORS_NAME = "embeddings", "weights"
"""A table in the layout of model2vec, which sentence-transformers reads too: row times factor."""

_WHOLE_TABLE_NAME = "embedding.weight"
"""A table in the layout of sentence-transformers, without factors."""

_TYPES: dict[str, np.dtype[Any]] = {
    "I8": np.dtype("<i1"),
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
}
_TEXTS_AT_ONCE = 512
_TOKENS_AT_ONCE = 1024


class StaticEncoder(Encoder):
    """A static-embedding model directory in the sentence-transformers format.

    Args:
        path: The directory, with `model.safetensors` and `tokenizer.json` in it or in the
            sub-directory that its `modules.json` names.
        score_floor: Replaces the floor that was measured when the model was made.

    Raises:
        OSError: A file is missing or unreadable.
        ValueError: The weights are not a token table in one of the two layouts, or the vocabulary
            is not theirs.
    """

    def __init__(self, path: str | Path, *, score_floor: float | None = None) -> None:
        directory = _module_directory(Path(path))
        weights, tokenizer = directory / WEIGHTS_FILE, directory / TOKENIZER_FILE
        self._table, self._factors = _map_table(weights)
        self._tokenizer = _read_tokenizer(tokenizer)
        if self._tokenizer.size > len(self._table):
            raise ValueError(f"{path}: the vocabulary has more pieces than the table has rows")
        details = _read_details(Path(path) / DETAILS_FILE)
        name = str(details.get("name") or Path(path).resolve().name)
        self.dimensions = int(self._table.shape[1])
        self.pieces = PieceTable(self._table, self._factors)
        self.score_floor = details.get("score_floor") if score_floor is None else score_floor
        self.encoder_id = f"{name}-{_content_hash(weights, tokenizer)}"

    @classmethod
    def problem(cls, path: str | Path, **_: object) -> str | None:
        """Return in one sentence why the model at `path` will not load, or None."""
        directory = Path(path)
        if not directory.is_dir():
            return f"There is no model directory {path}."  # a name in a cache does not serve here
        if all((directory / name).is_file() for name in (WEIGHTS_FILE, TOKENIZER_FILE)):
            return None
        try:
            find_model(str(path), allow_download=False)
        except ModelError as error:
            return str(error)
        return None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per question; the same as for a passage."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per passage."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            block = self._tokenizer.ids(texts[start : start + _TEXTS_AT_ONCE])
            vectors[start : start + len(block)] = self._mean(block)
        return vectors

    def encode_with_subwords(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """Return vectors and the codes of lexical tokens out of one cut of each text."""
        if not texts or not isinstance(self._tokenizer, UnigramTokenizer):
            return super().encode_with_subwords(texts)
        ids = self._tokenizer.ids(texts)
        return self._mean(ids), list(map(self._tokenizer.codes, texts, ids))

    def subwords(self, text: str) -> list[str]:
        """Return the piece ids of a text; unknown spans become their characters."""
        return self._tokenizer.subwords(text)

    def _mean(self, ids: Sequence[list[int]]) -> Vectors:
        """Return unit vectors with the direction of the mean of each text's token vectors.

        That is the direction of their sum. Rows are fetched for many texts at once and summed by a
        product per text: measured at half the time of fetching for each, and a seventh of
        `np.add.reduceat`.
        """
        sums = np.zeros((len(ids), self.dimensions), dtype=np.float32)
        for block in _blocks(ids):
            flat = np.array([id_ for number in block for id_ in ids[number]], dtype=np.intp)
            for start in range(0, len(flat), _TOKENS_AT_ONCE):  # of a very long text
                part = flat[start : start + _TOKENS_AT_ONCE]
                rows, factors = self._table[part].astype(np.float32), self._factors[part]
                if len(block) == 1:
                    sums[block.start] += factors @ rows
                    continue
                end = 0
                for number in block:
                    begin, end = end, end + len(ids[number])
                    np.dot(factors[begin:end], rows[begin:end], out=sums[number])
        return unit_rows(sums)


def _blocks(ids: Sequence[list[int]]) -> Iterator[range]:
    """Yield runs of texts that have no more than `_TOKENS_AT_ONCE` tokens, or are one text."""
    first = tokens = 0
    for number, of_text in enumerate(ids):
        tokens += len(of_text)
        if tokens > _TOKENS_AT_ONCE and number > first:
            yield range(first, number)
            first, tokens = number, len(of_text)
    if first < len(ids):
        yield range(first, len(ids))


def _module_directory(path: Path) -> Path:
    """Return the directory of the static module inside a sentence-transformers directory."""
    modules = path / "modules.json"
    if not modules.exists():
        return path
    return path / str(json.loads(modules.read_text(encoding="utf-8"))[0]["path"])


def _read_details(path: Path) -> dict[str, float | None]:
    """Return our own settings of a model; a model made elsewhere has none."""
    if not path.exists():
        return {}
    details: dict[str, float | None] = json.loads(path.read_text(encoding="utf-8"))
    return details


def _read_tokenizer(path: Path) -> UnigramTokenizer | LexicalTokenizer:
    """Return the leaner of the two tokenizers that reads the file."""
    content = path.read_bytes()
    description = json.loads(content)
    if UnigramTokenizer.suits(description):
        return UnigramTokenizer(description)
    return LexicalTokenizer(Tokenizer.from_buffer(content))


def _map_table(path: Path) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Return the token table of a safetensors file and one factor for each of its rows."""
    tensors = _map_tensors(path)
    table = tensors.get(_WHOLE_TABLE_NAME, tensors.get(TABLE_NAME))
    if table is None or table.ndim != 2:
        raise ValueError(f"{path} holds no token table {_WHOLE_TABLE_NAME} or {TABLE_NAME}")
    factors = tensors.get(FACTORS_NAME, np.ones(len(table)))
    if factors.shape != (len(table),):
        raise ValueError(f"{path}: {FACTORS_NAME} does not hold one factor for each row")
    return table, factors.astype(np.float32)


def _map_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Map the tensors of a safetensors file by name, read-only.

    The format: an unsigned 64-bit length, that many bytes of JSON, then the tensors
    (safetensors documentation, "Format").
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    content = np.asarray(np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length))
    tensors = {}
    for name, entry in header.items():
        kind = _TYPES.get(entry["dtype"])
        if kind is None:
            raise ValueError(f"{path}: {name} is of the type {entry['dtype']}, not {list(_TYPES)}")
        data = content[slice(*entry["data_offsets"])]
        tensors[name] = data.view(kind).reshape(entry["shape"])
    return tensors


def _content_hash(*paths: Path) -> str:
    """Return a short hash of the contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:10]

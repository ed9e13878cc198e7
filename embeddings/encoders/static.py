"""The bundled encoder: a token table, a mean and nothing else, so it runs without PyTorch.

Its vectors equal `SentenceTransformer(path).float().encode(texts, normalize_embeddings=True)`. The
table is memory-mapped: worker processes share one copy and start at once.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.encoders.base import Encoder, Vectors, unit_rows
from embeddings.encoders.subwords import LexicalTokenizer

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
DETAILS_FILE = "encoder.json"
"""What sentence-transformers has no field for: `{"name": str, "score_floor": float | null}`."""

_WEIGHTS_NAME = "embedding.weight"
_TYPES: dict[str, np.dtype[Any]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
_BLOCK_TOKENS = 16_384


class StaticEncoder(Encoder):
    """A static-embedding model directory in the sentence-transformers format.

    Args:
        path: The directory, with `model.safetensors` and `tokenizer.json` in it or in the
            sub-directory that its `modules.json` names.

    Raises:
        OSError: A file is missing or unreadable.
        ValueError: The weights are not one float16 or float32 token table.
    """

    def __init__(self, path: str | Path) -> None:
        directory = _module_directory(Path(path))
        weights, tokenizer = directory / WEIGHTS_FILE, directory / TOKENIZER_FILE
        self._table = _map_table(weights)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._lexical = LexicalTokenizer(self._tokenizer)
        details = _read_details(Path(path) / DETAILS_FILE)
        name = str(details.get("name") or Path(path).resolve().name)
        self.dimensions = int(self._table.shape[1])
        self.score_floor = details.get("score_floor")
        self.encoder_id = f"{name}-{_content_hash(weights, tokenizer)}"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per question; the same as for a passage."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per passage."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        sums = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        counts = np.array([len(encoding) for encoding in encodings], dtype=np.int64)
        for first, last in _blocks(counts):
            filled = first + np.nonzero(counts[first:last])[0]
            if not len(filled):
                continue
            ids = np.concatenate([encodings[row].ids for row in filled])
            starts = np.cumsum(counts[filled]) - counts[filled]
            rows = self._table[ids].astype(np.float32)
            sums[filled] = np.add.reduceat(rows, starts) / counts[filled][:, None]
        return unit_rows(sums)

    def subwords(self, text: str) -> list[str]:
        """Return the piece ids of a text; unknown spans become their characters."""
        return self._lexical.subwords(text)


def _blocks(counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Cut texts into runs of a bounded number of tokens, so a large batch needs little memory."""
    ends = np.cumsum(counts)
    blocks = []
    first = 0
    while first < len(counts):
        done = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, done + _BLOCK_TOKENS, side="right"))
        last = max(last, first + 1)
        blocks.append((first, last))
        first = last
    return blocks


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


def _map_table(path: Path) -> NDArray[np.floating]:
    """Map the token table of a safetensors file, read-only.

    The format: an unsigned 64-bit length, that many bytes of JSON, then the tensors
    (safetensors documentation, "Format").
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    entry = header.get(_WEIGHTS_NAME)
    if entry is None or entry["dtype"] not in _TYPES or len(entry["shape"]) != 2:
        raise ValueError(f"{path} holds no float16 or float32 table named {_WEIGHTS_NAME}")
    table = np.memmap(
        path,
        dtype=_TYPES[entry["dtype"]],
        mode="r",
        offset=8 + length + entry["data_offsets"][0],
        shape=tuple(entry["shape"]),
    )
    return np.asarray(table)


def _content_hash(*paths: Path) -> str:
    """Return a short hash of the contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:10]

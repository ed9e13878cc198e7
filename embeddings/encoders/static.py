"""The bundled encoder: a token table, a mean and nothing else, so it runs without PyTorch.

Its vectors equal `SentenceTransformer(path).float().encode(texts, normalize_embeddings=True)`. The
table is memory-mapped: worker processes share one copy and start at once.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.encoders.base import Encoder, Vectors, unit_rows, well_formed
from embeddings.encoders.subwords import LexicalTokenizer

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
DETAILS_FILE = "encoder.json"
"""What sentence-transformers has no field for: `{"name": str, "score_floor": float | null}`."""

_WEIGHTS_NAME = "embedding.weight"
_TYPES: dict[str, np.dtype[Any]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
_BLOCK = 512


class StaticEncoder(Encoder):
    """A static-embedding model directory in the sentence-transformers format.

    Args:
        path: The directory, with `model.safetensors` and `tokenizer.json` in it or in the
            sub-directory that its `modules.json` names.
        score_floor: Replaces the floor that was measured when the model was made.

    Raises:
        OSError: A file is missing or unreadable.
        ValueError: The weights are not one float16 or float32 token table.
    """

    def __init__(self, path: str | Path, *, score_floor: float | None = None) -> None:
        directory = _module_directory(Path(path))
        weights, tokenizer = directory / WEIGHTS_FILE, directory / TOKENIZER_FILE
        self._table = _map_table(weights)
        self._tokenizer = Tokenizer.from_buffer(tokenizer.read_bytes())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        details = _read_details(Path(path) / DETAILS_FILE)
        name = str(details.get("name") or Path(path).resolve().name)
        self.dimensions = int(self._table.shape[1])
        self.score_floor = details.get("score_floor") if score_floor is None else score_floor
        self.encoder_id = f"{name}-{_content_hash(weights, tokenizer)}"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per question; the same as for a passage."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per passage."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = [well_formed(text) for text in texts[start : start + _BLOCK]]
            encodings = self._tokenizer.encode_batch_fast(block, add_special_tokens=False)
            for row, encoding in enumerate(encodings, start=start):
                if ids := encoding.ids:
                    # The sum has the direction of the mean, and only the direction is kept.
                    vectors[row] = self._table[ids].sum(axis=0, dtype=np.float32)
        return unit_rows(vectors)

    def subwords(self, text: str) -> list[str]:
        """Return the piece ids of a text; unknown spans become their characters."""
        return self._lexical.subwords(text)

    @cached_property
    def _lexical(self) -> LexicalTokenizer:
        """The lexical tokenizer, made on first use so that encoding alone starts faster."""
        return LexicalTokenizer(self._tokenizer)


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

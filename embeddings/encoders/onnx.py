"""A sentence model as one ONNX file, for machines that should not load PyTorch.

Needs the package onnxruntime. `python -m embeddings.training.student --onnx` writes such a model.
"""

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from embeddings.encoders.base import Encoder, Vectors, unit_rows, well_formed
from embeddings.encoders.subwords import LexicalTokenizer

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
INPUT = "input_ids"
"""The graph takes the ids of one text, shape (1, tokens), and returns its vector, (1, dimensions)."""


class OnnxEncoder(Encoder):
    """A directory with `model.onnx` and the `tokenizer.json` that says where texts are cut off.

    Args:
        path: The directory.
        score_floor: Cosine below which nothing is relevant, measured for this model.

    Raises:
        ImportError: onnxruntime is not installed.
        OSError: A file is missing or unreadable.
        ValueError: A file is broken.
    """

    def __init__(self, path: str | Path, *, score_floor: float | None = None) -> None:
        import onnxruntime

        directory = Path(path)
        model, tokenizer = (directory / name for name in (MODEL_FILE, TOKENIZER_FILE))
        content, description = model.read_bytes(), tokenizer.read_bytes()
        self._tokenizer = Tokenizer.from_buffer(description)
        self._lexical = LexicalTokenizer(self._tokenizer)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the worker processes share the cores already
        try:
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors have no common root
            raise ValueError(f"{model} cannot be loaded: {error}") from error
        self.dimensions = int(self._session.get_outputs()[0].shape[-1])
        self.score_floor = score_floor
        digest = hashlib.sha256(content + description).hexdigest()
        self.encoder_id = f"{directory.resolve().name}-{digest[:10]}"

    @classmethod
    def problem(cls, path: str | Path, **_: object) -> str | None:
        """Return why the model cannot be used, from its files alone, or None."""
        if find_spec("onnxruntime") is None:
            return "The package onnxruntime is not installed."
        missing = [
            name for name in (MODEL_FILE, TOKENIZER_FILE) if not (Path(path) / name).is_file()
        ]
        return f"There is no {missing[0]} in {path}." if missing else None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per question; the same as for a passage."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per passage.

        One text at a time: int8 arithmetic scales by the largest value of a batch, so in company a
        text would get another vector than alone.
        """
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            if self.knows(text):
                ids = self._tokenizer.encode(well_formed(text)).ids
                row[:] = self._session.run(None, {INPUT: np.array([ids], dtype=np.int64)})[0][0]
        return unit_rows(vectors)

    def subwords(self, text: str) -> list[str]:
        """Return the piece ids of a text; unknown spans become their characters."""
        return self._lexical.subwords(text)

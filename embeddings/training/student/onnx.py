"""A trained student as an int8 ONNX model, about a quarter of its size."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from torch import Tensor

from embeddings.encoders.onnx import INPUT, MODEL_FILE, TOKENIZER_FILE
from embeddings.training.export import publish


def export_onnx(student: Path, output: Path) -> None:
    """Write the directory that OnnxEncoder loads.

    sentence-transformers' own ONNX route needs optimum-onnx, which wants transformers below 4.58.

    Args:
        student: A trained student in the sentence-transformers format.
        output: Replaced only when everything succeeded.

    Raises:
        OSError: The student is incomplete.
    """
    model = SentenceTransformer(str(student), device="cpu", local_files_only=True)
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(model.max_seq_length)
    with TemporaryDirectory() as scratch:
        full, staged = Path(scratch) / "full.onnx", Path(scratch) / "staged"
        staged.mkdir()
        torch.onnx.export(
            _Sentence(model).eval(),
            (torch.ones((1, 5), dtype=torch.int64),),
            full,
            input_names=[INPUT],
            dynamic_shapes={"ids": {1: torch.export.Dim("tokens", max=model.max_seq_length)}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        # A scale per output channel, not per matrix: measurably nearer to the full vectors.
        quantize_dynamic(full, staged / MODEL_FILE, weight_type=QuantType.QInt8, per_channel=True)
        tokenizer.save(str(staged / TOKENIZER_FILE), pretty=False)
        shutil.copy(student / "README.md", staged)
        publish(staged, output)


class _Sentence(torch.nn.Module):
    """The whole student as one graph: the ids of one text in, its vector out."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self._bert: Any = model[0].model

    def forward(self, ids: Tensor) -> Tensor:
        """Return the mean of the token vectors, shape (1, dimensions)."""
        hidden: Tensor = self._bert(input_ids=ids).last_hidden_state
        return hidden.mean(dim=1)

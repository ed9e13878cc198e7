"""The finished model as a sentence-transformers directory with float16 weights."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer

from embeddings.encoders.static import DETAILS_FILE, TOKENIZER_FILE, StaticEncoder

_TOLERANCE = 1e-3
_PROBES = [
    "Mỗi xã một sản phẩm",
    "หนึ่งตำบล หนึ่งผลิตภัณฑ์",
    "一村一品運動",
    "One village, one product, 1979",
    "",
    "☃𓀀",
]


class ExportError(RuntimeError):
    """The exported directory gives different vectors in the two runtimes."""


def export_model(tokenizer: Tokenizer, table: NDArray[np.float32], directory: Path) -> None:
    """Write a directory that both sentence-transformers and StaticEncoder load.

    Args:
        tokenizer: The tokenizer, with its normaliser.
        table: Token vectors, shape (vocabulary, dimensions).
        directory: Replaced if it exists.

    Raises:
        ExportError: The two runtimes disagree by more than 0.001 in a component.
    """
    shutil.rmtree(directory, ignore_errors=True)
    scaled = table / np.abs(table).max(initial=1e-12)  # far from the limits of float16
    module = StaticEmbedding(tokenizer, embedding_weights=torch.from_numpy(scaled).half())
    model = SentenceTransformer(modules=[module], device="cpu")
    model.save(str(directory), create_model_card=False)
    # The library writes the vocabulary indented, at twice the size.
    tokenizer.save(str(directory / TOKENIZER_FILE), pretty=False)
    for path in directory.iterdir():
        path.chmod(0o644)
    difference = runtime_difference(directory, _PROBES)
    if not difference <= _TOLERANCE:
        raise ExportError(f"{directory}: the runtimes differ by {difference}")


def runtime_difference(directory: Path, texts: Sequence[str]) -> float:
    """Return the largest difference of a component between sentence-transformers and ours.

    Compared in float32: in float16 sentence-transformers cannot normalise a zero vector and
    answers NaN for a text without known tokens.
    """
    model = SentenceTransformer(str(directory), device="cpu").float()
    expected = model.encode(list(texts), normalize_embeddings=True)
    return float(np.abs(StaticEncoder(directory).encode_passages(texts) - expected).max())


def write_details(directory: Path, *, name: str, score_floor: float | None) -> None:
    """Store what StaticEncoder reads beside the weights."""
    details = {"name": name, "score_floor": score_floor}
    (directory / DETAILS_FILE).write_text(json.dumps(details, indent=2) + "\n", encoding="utf-8")


def publish(staged: Path, output: Path) -> None:
    """Put a finished directory in place of an older one."""
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(staged, output)

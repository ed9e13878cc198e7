"""The finished model as a sentence-transformers directory, one byte for each weight."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer

from embeddings.encoders.static import (
    DETAILS_FILE,
    FACTORS_NAME,
    TABLE_NAME,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    StaticEncoder,
)

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
    # The library writes the settings. Its weights would take four bytes each, and its vocabulary
    # is indented, at twice the size.
    module = StaticEmbedding(tokenizer, embedding_weights=np.zeros((1, 1), np.float32))
    model = SentenceTransformer(modules=[module], device="cpu")
    model.save(str(directory), create_model_card=False)
    save_file(quantise(table), directory / WEIGHTS_FILE)
    tokenizer.save(str(directory / TOKENIZER_FILE), pretty=False)
    for path in directory.iterdir():
        path.chmod(0o644)
    difference = runtime_difference(directory, _PROBES)
    if not difference <= _TOLERANCE:
        raise ExportError(f"{directory}: the runtimes differ by {difference}")


def quantise(table: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
    """Return whole numbers from -127 to 127 and one factor for each row; zero rows stay zero.

    The layout of model2vec, which sentence-transformers folds into a float32 table when it loads.
    """
    factors = np.abs(table).max(axis=1) / np.float32(127)
    numbers = np.rint(table / np.where(factors > 0, factors, 1)[:, None])
    return {TABLE_NAME: numbers.astype(np.int8), FACTORS_NAME: factors.astype(np.float32)}


def runtime_difference(directory: Path, texts: Sequence[str]) -> float:
    """Return the largest difference of a component between sentence-transformers and ours."""
    model = SentenceTransformer(str(directory), device="cpu")
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

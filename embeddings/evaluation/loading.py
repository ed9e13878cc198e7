"""From a directory to the encoder in it; the network is never asked."""

import json
from pathlib import Path

from embeddings.encoders.base import Encoder
from embeddings.encoders.model_files import find_model
from embeddings.encoders.sentence_transformer import SentenceTransformerEncoder
from embeddings.encoders.static import StaticEncoder
from embeddings.errors import EncoderUnavailable

_STATIC = "StaticEmbedding"
_HARMLESS = {_STATIC, "Normalize"}
"""Modules that `StaticEncoder` itself stands for."""


def encoder_at(
    path: Path, *, query_prompt: str | None = None, passage_prompt: str | None = None
) -> Encoder:
    """Return the encoder of a model directory: a static one without PyTorch, any other with it.

    Args:
        path: A directory in the sentence-transformers format.
        query_prompt: Text put before every question; None for the model's own.
        passage_prompt: Text put before every passage, likewise.

    Raises:
        EncoderUnavailable: There is no such directory, or no encoder in it can be loaded.
    """
    if not path.is_dir():
        raise EncoderUnavailable(f"There is no model directory {path}.")
    try:
        find_model(str(path), allow_download=False)
        if not (query_prompt or passage_prompt) and _is_static(path):
            return StaticEncoder(path)
        return SentenceTransformerEncoder(
            path, query_prompt=query_prompt, passage_prompt=passage_prompt
        )
    except Exception as error:  # the libraries raise of every kind
        raise EncoderUnavailable(str(error)) from error


def _is_static(path: Path) -> bool:
    """Return whether the model, whose files are complete, is a token table and a mean only."""
    modules = json.loads((path / "modules.json").read_text(encoding="utf-8"))
    kinds = [module["type"].rpartition(".")[2] for module in modules]
    return kinds[0] == _STATIC and set(kinds) <= _HARMLESS

"""Any sentence-transformers model as an encoder; PyTorch is imported when one is built.

Offline unless told otherwise, and code that a model brings along is never run.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from embeddings.encoders.base import Encoder, Vectors, well_formed
from embeddings.encoders.model_files import ModelError, find_model
from embeddings.encoders.subwords import LexicalTokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEncoder(Encoder):
    """A model by directory or by name, with the prompts it was trained for.

    Args:
        model: Directory, or name in the model registry, which is then looked up in the local cache.
        query_prompt: Text put before every question, such as `"query: "`; None for the prompt that
            the model itself names, which many that need one do not.
        passage_prompt: Text put before every passage, likewise.
        score_floor: Cosine below which nothing is relevant, measured for this model.
        allow_download: Whether a model that is not in the cache may be fetched over the network.

    Raises:
        ModelError: The model is not there, or cannot be loaded, or has no fast tokenizer.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        score_floor: float | None = None,
        allow_download: bool = False,
    ) -> None:
        self._model = _load(str(model), allow_download=allow_download)
        self._query_prompt = self._prompt(query_prompt, "query")
        self._passage_prompt = self._prompt(passage_prompt, "document", "passage")
        dimensions = self._model.get_embedding_dimension()
        if dimensions is None:
            raise ModelError(f"{model} does not say how long its vectors are.")
        self.dimensions = dimensions
        self.score_floor = score_floor
        # A transformers tokenizer wraps the one of the `tokenizers` library; a static model is one.
        tokenizer = getattr(self._model.tokenizer, "backend_tokenizer", self._model.tokenizer)
        if not isinstance(tokenizer, Tokenizer):
            raise ModelError(f"{model} has no fast tokenizer, so no lexical tokens can be made.")
        self._lexical = LexicalTokenizer(tokenizer)
        name = str(model).rstrip("/").rpartition("/")[2]
        prompts = repr((self._query_prompt, self._passage_prompt))
        self.encoder_id = f"{name}-{_content_hash(self._model, tokenizer, prompts)}"

    @classmethod
    def problem(cls, model: str | Path, *, allow_download: bool = False, **_: object) -> str | None:
        """Return why the model cannot be used, from its files alone, or None."""
        try:
            find_model(str(model), allow_download=allow_download)
        except ModelError as error:
            return str(error)
        return None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per question."""
        return self._encode(texts, prompt=self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per passage."""
        return self._encode(texts, prompt=self._passage_prompt)

    def subwords(self, text: str) -> list[str]:
        """Return the piece ids of a text; unknown spans become their characters."""
        return self._lexical.subwords(text)

    def _prompt(self, given: str | None, *names: str) -> str:
        """Return the given prompt, or the first that the model has under one of the names."""
        if given is not None:
            return given
        own = self._model.prompts
        return next((str(own[name]) for name in names if own.get(name)), "")

    def _encode(self, texts: Sequence[str], *, prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        encoded = self._model.encode(
            [well_formed(text) for text in texts],
            prompt=prompt,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        vectors = np.asarray(encoded, dtype=np.float32)
        # Prompts and start tokens give even an empty text a direction, which means nothing.
        vectors[[not self.knows(text) for text in texts]] = 0.0
        return vectors


def _load(model: str, *, allow_download: bool) -> "SentenceTransformer":
    """Load a model on the CPU in single precision; whatever goes wrong is a ModelError."""
    directory = find_model(model, allow_download=allow_download)
    import torch
    from sentence_transformers import SentenceTransformer

    # Weights that a checkpoint lacks, such as an unused pooler, are drawn at random; the seed keeps
    # the content hash the same in every process.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        try:
            loaded = SentenceTransformer(
                str(directory or model), device="cpu", local_files_only=directory is not None
            )
        except Exception as error:  # the libraries raise of every kind
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ModelError(f"{model} cannot be loaded: {reason}") from error
    # Half precision is slow on a CPU and turns the zero vector of an empty text into NaN.
    return loaded.float()


def _content_hash(model: "SentenceTransformer", tokenizer: Tokenizer, prompts: str) -> str:
    """Return a short hash of everything that shapes the vectors."""
    import torch

    digest = hashlib.sha256(tokenizer.to_str().encode() + prompts.encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:10]

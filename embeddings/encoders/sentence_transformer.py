"""Any sentence-transformers model as an encoder; PyTorch is imported when one is built."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from embeddings.encoders.base import Encoder, Vectors, well_formed
from embeddings.encoders.subwords import LexicalTokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEncoder(Encoder):
    """A model by directory or by name, with the prompts it was trained for.

    Args:
        model: Directory, or name in the model registry.
        query_prompt: Text put before every question, such as `"query: "`.
        passage_prompt: Text put before every passage.
        score_floor: Cosine below which nothing is relevant, measured for this model.

    Raises:
        OSError: The model cannot be found.
        ValueError: It does not say how long its vectors are.
        TypeError: Its tokenizer is not a fast one, so no lexical tokens can be made.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        query_prompt: str = "",
        passage_prompt: str = "",
        score_floor: float | None = None,
    ) -> None:
        from sentence_transformers import SentenceTransformer

        # Half precision is slow on a CPU and turns the zero vector of an empty text into NaN.
        self._model = SentenceTransformer(str(model), device="cpu").float()
        self._query_prompt = query_prompt
        self._passage_prompt = passage_prompt
        dimensions = self._model.get_embedding_dimension()
        if dimensions is None:
            raise ValueError(f"{model} does not say how long its vectors are")
        self.dimensions = dimensions
        self.score_floor = score_floor
        # A transformers tokenizer wraps the one of the `tokenizers` library; a static model is one.
        tokenizer = getattr(self._model.tokenizer, "backend_tokenizer", self._model.tokenizer)
        if not isinstance(tokenizer, Tokenizer):
            raise TypeError(f"{model} has no fast tokenizer")
        self._lexical = LexicalTokenizer(tokenizer)
        name = str(model).rstrip("/").rpartition("/")[2]
        prompts = repr((query_prompt, passage_prompt))
        self.encoder_id = f"{name}-{_content_hash(self._model, tokenizer, prompts)}"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per question."""
        return self._encode(texts, prompt=self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per passage."""
        return self._encode(texts, prompt=self._passage_prompt)

    def subwords(self, text: str) -> list[str]:
        """Return the piece ids of a text; unknown spans become their characters."""
        return self._lexical.subwords(text)

    def _encode(self, texts: Sequence[str], *, prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self._model.encode(
            [well_formed(text) for text in texts],
            prompt=prompt or None,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def _content_hash(model: "SentenceTransformer", tokenizer: Tokenizer, prompts: str) -> str:
    """Return a short hash of everything that shapes the vectors."""
    import torch

    digest = hashlib.sha256(tokenizer.to_str().encode() + prompts.encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:10]

"""Lexical tokens out of a subword tokenizer, for an index that splits at white space."""

import json
from collections.abc import Sequence

from tokenizers import Tokenizer

from embeddings.encoders.base import well_formed

_SPACE = "▁"
"""A bare space as Unigram vocabularies write it; it says nothing about a text."""


class LexicalTokenizer:
    """Cuts a text into piece ids; what the vocabulary does not know becomes single characters.

    Works on a copy: the tokenizer given is neither truncated nor padded differently afterwards.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        description = tokenizer.to_str()
        self._tokenizer = Tokenizer.from_str(description)
        self.size = self._tokenizer.get_vocab_size()
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._unknown_id = _unknown_id(self._tokenizer, description)
        self._unknown_name = (
            None if self._unknown_id is None else self._tokenizer.id_to_token(self._unknown_id)
        )

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the piece ids of each text."""
        encodings = self._tokenizer.encode_batch_fast(
            [well_formed(text) for text in texts], add_special_tokens=False
        )
        return [encoding.ids for encoding in encodings]

    def subwords(self, text: str) -> list[str]:
        """Return the tokens in order: `"412"` for a piece, `"u☃"` for an unknown character."""
        text = well_formed(text)
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        tokens: list[str] = []
        for id_, piece, span in zip(encoding.ids, encoding.tokens, encoding.offsets, strict=True):
            if id_ == self._unknown_id:
                # Unigram says what it does not know; WordPiece says only where it stood.
                known = piece if piece != self._unknown_name else self._normal(text[slice(*span)])
                tokens += [f"u{char}" for char in known if not char.isspace()]
            elif piece != _SPACE:
                tokens.append(str(id_))
        return tokens

    def _normal(self, span: str) -> str:
        """Return a span normalised as the tokenizer does."""
        normalizer = self._tokenizer.normalizer
        return str(normalizer.normalize_str(span)) if normalizer else span


def _unknown_id(tokenizer: Tokenizer, description: str) -> int | None:
    """Return the id of the unknown piece; byte-level vocabularies have none."""
    model = json.loads(description)["model"]
    if "unk_id" in model:
        unknown: int | None = model["unk_id"]
        return unknown
    return tokenizer.token_to_id(model["unk_token"]) if model.get("unk_token") else None

"""Lexical tokens out of a subword tokenizer, for an index that splits at white space."""

import json

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
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._unknown_id = _unknown_id(self._tokenizer, description)

    def subwords(self, text: str) -> list[str]:
        """Return the tokens in order: `"412"` for a piece, `"u☃"` for an unknown character."""
        text = well_formed(text)
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        tokens: list[str] = []
        for id_, piece, span in zip(encoding.ids, encoding.tokens, encoding.offsets, strict=True):
            if id_ == self._unknown_id:
                tokens += [f"u{char}" for char in self._normal(text[slice(*span)])]
            elif piece != _SPACE:
                tokens.append(str(id_))
        return tokens

    def _normal(self, span: str) -> str:
        """Return a span normalised as the tokenizer does, without white space."""
        normalizer = self._tokenizer.normalizer
        normal: str = normalizer.normalize_str(span) if normalizer else span
        return "".join(normal.split())


def _unknown_id(tokenizer: Tokenizer, description: str) -> int | None:
    """Return the id of the unknown piece; byte-level vocabularies have none."""
    model = json.loads(description)["model"]
    if "unk_id" in model:
        unknown: int | None = model["unk_id"]
        return unknown
    return tokenizer.token_to_id(model["unk_token"]) if model.get("unk_token") else None

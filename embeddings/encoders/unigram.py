"""A Unigram vocabulary read by sentencepiece, which needs a fraction of the memory of `tokenizers`.

The description stays the one `tokenizer.json`, and the ids stay those of `tokenizers`: its
normaliser prepares the text; pieces and scores are handed to sentencepiece at load. sentencepiece
adds scores in single precision, so where two cuts of a word are equally good it may take the other
one (in one of 100,000 sentences, and then mostly the same pieces in another order).
"""

import json
import re
import struct
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any, cast

import numpy as np
import sentencepiece
from tokenizers import Tokenizer

from embeddings.encoders.base import well_formed
from embeddings.records import Tokens, subword_codes

_SPACE = "▁"
"""Stands before each word; alone it is a bare space, which says nothing about a text."""

_NO_CHARACTER = "\uffff"
"""Stands for the name of the unknown piece where a text contains it."""

_METASPACE = {"type": "Metaspace", "replacement": _SPACE, "prepend_scheme": "always", "split": True}

# A space only at its beginning, or the split into words would matter. NUL ends a string for
# sentencepiece, and the lengths in `_model_proto` must fit into seven bits.
_PIECE = re.compile(f"(?!\\Z){_SPACE}?[^{_SPACE}\0{_NO_CHARACTER}]{{0,28}}")

# A few words at a time: in the sum over a long text the last digits of a score would get lost.
_PART = re.compile(f".{{1,100}}(?={_SPACE}|\\Z)|.[^{_SPACE}]*", re.DOTALL)

_VERBATIM = bytes.fromhex("1a06 1800 2000 2800")
"""`normalizer_spec`: no prefix is added, no white space removed, no white space replaced."""

_STRIP = {"type": "Strip", "strip_left": True, "strip_right": True}
_WHITE_SPACE = {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}
_ODD_SPACE = re.compile(r"\s{2,}|[^\S ]")
"""White space that is not already one space."""
_SIMPLE_REGEX = re.compile(r"\[[^\[\]\\]+\]")
_FAMILIAR = re.compile(
    "[\n -~\u00a0-\u03a2\u03a4-\u052f\u0600-\u06ff\u0e00-\u0edf\u1000-\u109f\u1200-\u137f\u1780-\u17ff\u1ea0-\u1ef9\u2010-\u2027\u2030-\u205e\u20ac\u2122\u2190-\u21ff\u3000-\u303f\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff65]*"
)
"""Scripts whose characters Python and `tokenizers` have known for long, without odd white space.

Nor a capital sigma, whose small form depends on its place in Python only."""
_PLAIN = re.compile(
    "[\n -~\u00c0-\u00ff\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]*"
)
"""What Latin texts are mostly made of, and what most steps leave as it is."""
_FEW_PARTS = 16


class UnigramTokenizer:
    """Cuts texts into the pieces of a Unigram vocabulary; may be shared between threads.

    Args:
        description: The content of a `tokenizer.json` for which `suits` is true.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        model = description["model"]
        pieces, self._unknown_id = model["vocab"], model["unk_id"]
        self.size = len(pieces)
        self._unknown_name = pieces[self._unknown_id][0]
        self._space_id = next(id_ for id_, (piece, _) in enumerate(pieces) if piece == _SPACE)
        self._processor = sentencepiece.SentencePieceProcessor(
            model_proto=_model_proto(pieces, unknown_id=self._unknown_id)
        )
        small = {**model, "vocab": [pieces[self._unknown_id]], "unk_id": 0}
        tokenizer = Tokenizer.from_str(json.dumps({**description, "model": small}))
        self._normalize = _normalizer(description["normalizer"], tokenizer.normalizer)

    @staticmethod
    def suits(description: dict[str, Any]) -> bool:
        """Return whether sentencepiece would cut texts as the tokenizer that is described.

        Files of other releases and broken ones lack some part; whether they can be read is left to
        the `tokenizers` library.
        """
        try:
            model = description["model"]
            pieces = [piece for piece, _ in model["vocab"]]
            return (
                model["type"] == "Unigram"
                and model["vocab"][model["unk_id"]][1] == 0.0
                and not model["byte_fallback"]
                and not description["added_tokens"]
                and description["normalizer"] is not None
                and description["pre_tokenizer"] == _METASPACE
                and _SPACE in pieces
                and len(set(pieces)) == len(pieces)
                and all(map(_PIECE.fullmatch, pieces))
            )
        except (IndexError, KeyError, TypeError, ValueError):
            return False

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the piece ids of each text."""
        parts = [self._parts(text) for text in texts]
        cut = iter(self._cut([part for of_text in parts for part in of_text]))
        return [[id_ for _ in of_text for id_ in next(cut)] for of_text in parts]

    def subwords(self, text: str) -> list[str]:
        """Return the tokens in order: `"412"` for a piece, `"u☃"` for an unknown character."""
        (ids,) = self.ids([text])
        return self.named(text, ids)

    def named(self, text: str, ids: Sequence[int]) -> list[str]:
        """Return the tokens of a text whose piece ids are known."""
        if self._unknown_id not in ids:  # nearly always; the pieces' names need not be made
            return [str(id_) for id_ in ids if id_ != self._space_id]
        return self._named_with_unknown(text, ids)

    def codes(self, text: str, ids: Sequence[int]) -> Tokens:
        """Return `subword_codes` of a text's tokens, where it can without writing them out."""
        if self._unknown_id in ids:
            return subword_codes(self._named_with_unknown(text, ids))
        return np.array([id_ for id_ in ids if id_ != self._space_id], np.uint32)

    def _named_with_unknown(self, text: str, ids: Sequence[int]) -> list[str]:
        tokens: list[str] = []
        pieces = self._cut(self._parts(text), return_type=str)
        for id_, piece in zip(ids, chain.from_iterable(pieces), strict=True):
            if id_ == self._unknown_id:
                span = piece.replace(_NO_CHARACTER, self._unknown_name)
                tokens += [f"u{char}" for char in span if not char.isspace()]
            elif piece != _SPACE:
                tokens.append(str(id_))
        return tokens

    def _cut(self, parts: list[str], **options: Any) -> Iterable[list[Any]]:
        """Return the pieces of each part.

        Of a list sentencepiece makes work for threads, and waits for them to wake up.
        """
        if len(parts) > _FEW_PARTS:
            return cast("list[list[Any]]", self._processor.encode(parts, **options))
        return map(partial(self._processor.encode, **options), parts)

    def _parts(self, text: str) -> list[str]:
        """Return the normalised text, spaces as Metaspace writes them, in parts of a few words."""
        normal = self._normalize(well_formed(text))
        # `tokenizers` takes the name of the unknown piece, where someone typed it, for unknown.
        normal = normal.replace(self._unknown_name, _NO_CHARACTER).replace(" ", _SPACE)
        if normal and not normal.startswith(_SPACE):
            normal = _SPACE + normal
        return _PART.findall(normal)


def _normalizer(description: dict[str, Any], exact: Any) -> Callable[[str], str]:
    """Return what normalises texts: plain Python where that is sure to do the same, only faster.

    The normaliser of `tokenizers` keeps track of where each character came from, and costs more
    than the cutting. Characters younger than this Python are left to it.
    """
    described = description.get("normalizers", [description])
    if described[-2:] == [_WHITE_SPACE, _STRIP]:
        known = [*map(_step, described[:-2]), _single_spaces]
    else:
        known = list(map(_step, described))
    steps = [step for step in known if step is not None]
    plain = "".join(filter(_PLAIN.fullmatch, map(chr, range(0x2000))))
    of_plain = [step for step in steps if step(plain) != plain]

    def normalize(text: str) -> str:
        if len(steps) < len(known) or _FAMILIAR.fullmatch(text) is None:
            return str(exact.normalize_str(text))
        for step in of_plain if _PLAIN.fullmatch(text) else steps:
            text = step(text)
        return text

    return normalize


def _single_spaces(text: str) -> str:
    """Return the text stripped, with one space for any white space; a third of the cost of both."""
    return " ".join(text.split())


def _step(description: dict[str, Any]) -> Callable[[str], str] | None:
    """Return one step in plain Python, None where it is of another kind."""
    if description == _STRIP:
        return str.strip
    if description == _WHITE_SPACE:
        return partial(_ODD_SPACE.sub, " ")
    if description["type"] == "NFKC":
        return partial(unicodedata.normalize, "NFKC")
    if description["type"] == "Lowercase":
        return str.lower
    pattern = description.get("pattern", {}).get("Regex", "")
    if description["type"] == "Replace" and _SIMPLE_REGEX.fullmatch(pattern):
        content = description["content"].replace("\\", r"\\")
        return partial(re.compile(pattern).sub, content)
    return None


def _model_proto(pieces: list[tuple[str, float]], *, unknown_id: int) -> bytes:
    """Return pieces and scores as a `ModelProto` (sentencepiece_model.proto of sentencepiece).

    Written by hand: four fields do not justify protobuf as a dependency.
    """
    parts = []
    for id_, (piece, score) in enumerate(pieces):
        name = piece.encode()
        body = b"\x0a%c%b\x15%b" % (len(name), name, struct.pack("<f", score))
        if id_ == unknown_id:
            body += b"\x18\x02"
        parts.append(b"\x0a%c%b" % (len(body), body))
    return b"".join([*parts, _VERBATIM])

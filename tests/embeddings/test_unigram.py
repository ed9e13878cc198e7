import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from embeddings.encoders.subwords import LexicalTokenizer
from embeddings.encoders.unigram import UnigramTokenizer

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = sorted((ROOT / "content_seed" / "collection").glob("**/*.md"))
BUNDLED = next(ROOT.glob("embeddings/models/*/tokenizer.json"))

# Whole numbers, so that equally good cuts are equal in every precision; but "co" is a little worse
# than its letters, less than single precision can tell at the end of a long text.
PIECES = [
    *[("<unk>", 0.0), ("▁", -3.0), ("▁the", -4.0), ("the", -5.0), ("th", -5.0), ("▁th", -5.0)],
    *[("▁ไทย", -6.0), ("ไท", -7.0), ("村村", -8.0), ("مرحبا", -8.0), ("0", -9.0), ("00", -15.0)],
    *[("co", -5.0002), ("c", -2.5), ("o", -2.5)],
    *[(char, -9.0) for char in "aehtnuk<>ไทย村مرحبا▁1ſ\u0301\u200d" if char != "▁"],
]


def build_tokenizer(*, strips: bool = False) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(PIECES, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\u200b\u00ad]"), ""),
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"\s+"), " "),
            *([normalizers.Strip()] if strips else []),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer


def description() -> dict[str, Any]:
    return json.loads(build_tokenizer().to_str())


REFERENCE = LexicalTokenizer(build_tokenizer())
OURS = UnigramTokenizer(description())

STRIPPED = build_tokenizer(strips=True)
WORD_BY_WORD = (UnigramTokenizer(json.loads(STRIPPED.to_str())), LexicalTokenizer(STRIPPED))

fragments = st.sampled_from(
    [
        *["<unk>", "<UNK>", "▁", " ", "   ", "\0", "\ud800", "\u200b", "\u202e", "\u2028", "\x1c"],
        *[
            "the",
            "THE",
            "ไทย",
            "村村村",
            "مرحبا",
            "☃",
            "👩‍👩‍👧",
            "ﬁ",
            "①",
            "¼",
            "İ",
            "Σ",
            "00000",
            "각",
        ],
    ]
)
# U+FFFF is no character: here it stands for the name of the unknown piece.
characters = st.characters(exclude_characters="\uffff", exclude_categories=[])
texts = st.lists(fragments | characters | st.text(characters, max_size=5), max_size=40).map("".join)


@given(texts)
@example("")
@example("▁")
@example("<unk>☃<unk>")
@example("a\0the\0")
@example("the " * 5000 + "co")
@example("ไทย村" * 2000)
@example("☃" * 5000)
def test_ids_and_lexical_tokens_are_those_of_the_tokenizers_library(text: str) -> None:
    assert OURS.ids([text]) == REFERENCE.ids([text])
    assert OURS.subwords(text) == REFERENCE.subwords(text)
    ours, reference = WORD_BY_WORD
    assert ours.ids([text]) == reference.ids([text])
    assert ours.subwords(text) == reference.subwords(text)


def test_the_bundled_vocabulary_cuts_the_collection_as_the_tokenizers_library_does() -> None:
    content = BUNDLED.read_bytes()
    assert UnigramTokenizer.suits(json.loads(content))
    ours = UnigramTokenizer(json.loads(content))
    reference = LexicalTokenizer(Tokenizer.from_buffer(content))
    pages = [path.read_text(encoding="utf-8") for path in COLLECTION]
    lines = [line for page in pages for line in page.splitlines()]
    assert ours.ids(lines) == reference.ids(lines)
    for line in lines[::20]:
        assert ours.subwords(line) == reference.subwords(line)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made["model"].update(type="BPE"),
        lambda made: made["model"].update(unk_id=None),
        lambda made: made["model"].update(byte_fallback=True),
        lambda made: made["model"].pop("byte_fallback"),
        lambda made: made["model"]["vocab"].append(["the", -9.0]),
        lambda made: made.pop("model"),
        lambda made: made["model"]["vocab"].append(["a▁b", -9.0]),
        lambda made: made["model"]["vocab"].append(["a\0b", -9.0]),
        lambda made: made["model"]["vocab"].append(["a" * 40, -9.0]),
        lambda made: made["model"]["vocab"].remove(["▁", -3.0]),
        lambda made: made["model"]["vocab"][0].__setitem__(1, -2.0),
        lambda made: made["added_tokens"].append({"id": 0, "content": "<unk>"}),
        lambda made: made.update(normalizer=None),
        lambda made: made["pre_tokenizer"].update(prepend_scheme="never"),
        lambda made: made.update(pre_tokenizer={"type": "Whitespace"}),
    ],
)
def test_other_tokenizers_are_left_to_the_tokenizers_library(
    change: Callable[[dict[str, Any]], object],
) -> None:
    made = description()
    assert UnigramTokenizer.suits(made)
    change(made)
    assert not UnigramTokenizer.suits(made)

"""The subword vocabulary: learnt by sentencepiece, shipped as one `tokenizer.json`.

There is one normaliser. It prepares the text sentencepiece learns from and it is stored in
`tokenizer.json`, so training, `tokenizers` and sentence-transformers cut a text alike.
"""

import io
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from embeddings.training.config import TrainingConfig
from embeddings.training.data import (
    measured_texts,
    parallel_rows,
    source_name,
    training_retrieval,
)
from embeddings.training.sources import training_files

UNKNOWN = "<unk>"
UNKNOWN_ID = 0
_SPACE = "▁"

# Zero-width characters and the soft hyphen: writers of Khmer, Lao, Burmese and Thai use them at
# will as word boundaries, so the same sentence comes with and without.
_INVISIBLE = "[\u00ad\u200b-\u200f\u2060\ufeff]"
# Tatweel, short vowels and the dagger alef: ornaments that a typed question rarely carries.
_ARABIC_MARKS = "[\u0640\u064b-\u0655\u0670]"
_ARABIC_ALEF = "[\u0622\u0623\u0625\u0671]"
_MAX_LINE = 400
# Scores in steps of 1/1024: their sums are exact in single precision too, so that sentencepiece,
# which computes in it, and `tokenizers` prefer the same cut.
_STEPS = 1024


def build_normalizer() -> normalizers.Normalizer:
    """Return the text normalisation of the encoder: NFKC, lower case, no ornaments."""
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(_INVISIBLE), ""),
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(_ARABIC_MARKS), ""),
            normalizers.Replace(Regex(_ARABIC_ALEF), "\u0627"),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )


def fold(text: str) -> str:
    """Return the text as someone types it who leaves out diacritics (`đường` → `duong`)."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def silent_ids(tokenizer: Tokenizer) -> frozenset[int]:
    """Return the pieces that mean nothing and keep the zero vector: unknown, and a bare space.

    Zero rows leave the direction of a mean unchanged, so such pieces do not disturb.
    """
    space = tokenizer.token_to_id(_SPACE)
    return frozenset({UNKNOWN_ID} if space is None else {UNKNOWN_ID, space})


def train_tokenizer(texts: Iterable[str], *, config: TrainingConfig) -> Tokenizer:
    """Learn a Unigram vocabulary from texts and return the finished tokenizer.

    Args:
        texts: Raw texts, already balanced over the languages.
        config: The recipe; only `tokenizer` is read.

    Raises:
        RuntimeError: sentencepiece cannot make a vocabulary, for example from too few texts.
    """
    normalizer = build_normalizer()
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line for text in texts for line in _lines(text, normalizer)),
        model_writer=model,
        model_type="unigram",
        vocab_size=config.tokenizer.vocabulary_size,
        character_coverage=config.tokenizer.character_coverage,
        normalization_rule_name="identity",
        hard_vocab_limit=False,
        shuffle_input_sentence=False,
        max_sentence_length=8192,
        num_threads=2,
        unk_id=UNKNOWN_ID,
        unk_piece=UNKNOWN,
        bos_id=-1,
        eos_id=-1,
        pad_id=-1,
        minloglevel=1,
    )
    return _tokenizer_from_sentencepiece(model.getvalue())


def balanced_texts(data_dir: Path, *, config: TrainingConfig) -> Iterator[str]:
    """Yield a seeded sample of the training texts, balanced over languages and sources."""
    rng = np.random.default_rng(config.seed)
    for code, sample in _weighted_texts(data_dir, config=config).items():
        folded_share = config.tokenizer.folded_share.get(code, 0.0)
        wanted = config.tokenizer.characters.get(code, config.tokenizer.characters_per_language)
        weights = np.array([weight for _, weight in sample])
        # Sampling without replacement by weight (Efraimidis and Spirakis, 2006).
        for index in np.argsort(rng.exponential(size=len(sample)) / weights):
            if wanted <= 0:
                break
            text = sample[index][0]
            wanted -= len(text)
            yield text
            if rng.random() < folded_share:
                yield fold(text)


def _weighted_texts(
    data_dir: Path, *, config: TrainingConfig
) -> dict[str, list[tuple[str, float]]]:
    """Return language → its parallel texts and retrieval passages, each with its weight."""
    texts: dict[str, list[tuple[str, float]]] = {code: [] for code in config.languages}
    for path in training_files(data_dir, "parallel", config=config):
        rows = list(parallel_rows(path, languages=config.languages))
        weight = config.sources.row_weight(source_name(path), rows=len(rows))
        for row in rows:
            for code, text in row.items():
                texts[code].append((text, weight))
    measured = measured_texts(data_dir)
    for path in training_files(data_dir, "retrieval", config=config):
        pairs = training_retrieval(path, languages=config.languages, measured=measured)
        passages = {pair.passage: pair.passage_language for pair in pairs}
        weight = config.sources.row_weight(source_name(path), rows=len(passages))
        for passage, code in passages.items():
            texts[code].append((passage, weight))
    return texts


def _lines(text: str, normalizer: normalizers.Normalizer) -> Iterator[str]:
    """Yield the normalised text in pieces that sentencepiece accepts."""
    normal = normalizer.normalize_str(text)
    for start in range(0, len(normal), _MAX_LINE):
        yield normal[start : start + _MAX_LINE]


def _tokenizer_from_sentencepiece(model: bytes) -> Tokenizer:
    """Return a `tokenizers` tokenizer with the pieces and scores of a sentencepiece model."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    pieces = [
        (processor.IdToPiece(index), round(processor.GetScore(index) * _STEPS) / _STEPS)
        for index in range(processor.GetPieceSize())
    ]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN_ID, byte_fallback=False))
    tokenizer.normalizer = build_normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=_SPACE, prepend_scheme="always")
    return tokenizer

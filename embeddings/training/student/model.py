"""The student itself: a BERT of random weights over the token table of a static encoder."""

from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tokenizers import Tokenizer, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from embeddings.training.student.config import StudentConfig

START = "<s>"
PADDING = "<pad>"
_DEVIATION = 0.05
"""Of the token table: well above the position table's 0.02, so that words count for more."""


def static_tokenizer(static: Path) -> Tokenizer:
    """Return the tokenizer of a static encoder."""
    return Tokenizer.from_file(str(static / "tokenizer.json"))


def build_student(static: Path, *, config: StudentConfig, directory: Path) -> SentenceTransformer:
    """Return an untrained student; the same static encoder and recipe give the same weights.

    Args:
        static: A static encoder in the sentence-transformers format.
        config: The recipe.
        directory: Where the parts are written, to be read by sentence-transformers.

    Raises:
        ValueError: The number of heads does not divide the dimensions.
    """
    source: Any = SentenceTransformer(str(static), device="cpu", local_files_only=True)[0]
    table = source.embedding.weight.detach().float()
    tokenizer = _with_start_token(static_tokenizer(static))
    torch.manual_seed(config.recipe.seed)
    # No dropout: the sampler drops tokens already, and the two passes of a step must agree.
    bert = BertModel(
        BertConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=table.shape[1],
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            intermediate_size=config.intermediate,
            max_position_embeddings=config.max_tokens,
            type_vocab_size=1,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=tokenizer.token_to_id(PADDING),
        )
    )
    words = bert.embeddings.word_embeddings.weight
    with torch.no_grad():
        words[: len(table)] = table * (_DEVIATION / table.std())
    bert.save_pretrained(directory)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token=START,
        pad_token=PADDING,
        model_max_length=config.max_tokens,
    ).save_pretrained(directory)
    modules = [Transformer(str(directory)), Pooling(table.shape[1], "mean"), Normalize()]
    return SentenceTransformer(modules=modules, device="cpu")


def _with_start_token(tokenizer: Tokenizer) -> Tokenizer:
    """Return the tokenizer with a token before every text, so that none is empty."""
    tokenizer.add_special_tokens([START, PADDING])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A", special_tokens=[(START, tokenizer.token_to_id(START))]
    )
    return tokenizer

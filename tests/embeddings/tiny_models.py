"""Models of the hub families as tiny networks of random weights; nothing is ever downloaded."""

from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

TEXTS = ["một xã một sản phẩm", "one village one product", "nước sạch"]
"""What the vocabularies are made for."""
CHARACTERS = sorted(set("".join(TEXTS) + "querypassage:") - {" "})
HOSTILE = ["", " \n", "☃𓀀", "\ud800 village", "\x00", "village " * 3000, "<s></s>[CLS]", "\u202e"]
E5_PROMPTS = {"query_prompt": "query: ", "passage_prompt": "passage: "}


def unigram() -> Tokenizer:
    """A vocabulary as those of XLM-RoBERTa: Unigram, `<s>` before and `</s>` after every text."""
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(f"▁{word}", -3.0) for word in ("village", "một", "product")]
    pieces += [(char, -5.0) for char in CHARACTERS]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def word_pieces() -> Tokenizer:
    """A vocabulary as that of BERT."""
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "village", *CHARACTERS]
    names += [f"##{char}" for char in CHARACTERS]
    vocabulary = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def build(family: str, directory: Path) -> Path:
    """Write a tiny model of a family: same classes, pooling and modules, random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Transformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
    from transformers import (
        BertConfig,
        BertModel,
        PreTrainedTokenizerFast,
        XLMRobertaConfig,
        XLMRobertaModel,
    )

    torch.manual_seed(2)
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    shape |= {"intermediate_size": 64, "max_position_embeddings": 66}
    special: dict[str, str] = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>"}
    tokenizer = word_pieces() if family == "labse" else unigram()
    size = tokenizer.get_vocab_size()
    pooling, last = "cls", [Normalize()]
    if family == "labse":
        special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]"}
        network = BertModel(BertConfig(vocab_size=size, **shape))
        last = [Dense(32, 24), Normalize()]
    elif family == "e5-small":
        pooling = "mean"
        network = BertModel(BertConfig(vocab_size=size, pad_token_id=1, **shape))
    else:
        pooling = "cls" if family == "bge-m3" else "mean"
        network = XLMRobertaModel(XLMRobertaConfig(vocab_size=size, **shape))
    parts = directory.with_name(f"{directory.name}-parts")
    network.save_pretrained(parts)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, **special
    ).save_pretrained(parts)
    modules = [Transformer(str(parts)), Pooling(32, pooling), *last]
    model = SentenceTransformer(modules=modules, device="cpu")
    model.save(str(directory), create_model_card=False)
    return directory

import json
import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from embeddings.encoders.fake import FakeEncoder
from embeddings.encoders.static import StaticEncoder
from embeddings.records import TokenRuns, subword_codes

TEXTS = {
    "en": "One village, one product: 6,210 products in 2019",
    "vi": "Mỗi xã một sản phẩm, đường làng",
    "th": "หนึ่งตำบล หนึ่งผลิตภัณฑ์",
    "ja": "一村一品運動の三原則",
    "fr": "L’accès à l’eau potable",
    "lo": "ໜຶ່ງເມືອງໜຶ່ງຜະລິດຕະພັນ",
    "km": "ភូមិមួយផលិតផលមួយ",
    "id": "Satu desa satu produk",
    "ms": "Satu daerah satu industri",
    "my": "တစ်ရွာတစ်ထုတ်ကုန်",
    "tl": "Isang bayan, isang produkto",
    "zh": "一乡一品，农村发展",
    "ko": "한 마을 한 상품 운동",
    "pt": "Uma aldeia, um produto",
    "es": "Un pueblo, un producto",
    "sw": "Kijiji kimoja, bidhaa moja",
    "ar": "قَرية واحدة، مُنتَج واحد",
    "am": "አንድ መንደር አንድ ምርት",
}
AWKWARD = ["", "   ", "☃𓀀", "nước ☃ sạch", "\u200b", "2,500.75%", "ﬁne ①", "<unk>☃", "a\0b", "▁"]
ROOT = Path(__file__).resolve().parents[2]
BUNDLED = next(path.parent for path in ROOT.glob("embeddings/models/*/tokenizer.json"))
RESIDENT_LIMIT_MB = 170


@pytest.fixture(scope="module")
def model_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model in the shipped format: every character of the texts is a piece."""
    export = pytest.importorskip("embeddings.training.export")
    from embeddings.training.tokenizer import build_normalizer, silent_ids

    joined = "".join(TEXTS.values())
    normal = build_normalizer().normalize_str(joined).replace(" ", "")
    words = ["▁one", "▁village", "▁san", "một", "▁"]
    pieces = [("<unk>", 0.0), *((piece, -3.0) for piece in words)]
    pieces += [(char, -6.0) for char in sorted(set(normal) - {"▁"})]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = build_normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    table = np.random.default_rng(1).normal(size=(len(pieces), 32)).astype(np.float32)
    table[sorted(silent_ids(tokenizer))] = 0.0
    directory = tmp_path_factory.mktemp("model") / "tiny-static-32"
    export.export_model(tokenizer, table, directory)
    export.write_details(directory, name="tiny-static-32", score_floor=0.25)
    return directory


@pytest.fixture(scope="module")
def encoder(model_directory: Path) -> StaticEncoder:
    return StaticEncoder(model_directory)


def sentence_transformers_vectors(directory: Path, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(directory), device="cpu").float()
    return model.encode(texts, normalize_embeddings=True)


def copy_with_weights(model: Path, target: Path, tensors: dict[str, np.ndarray]) -> Path:
    """Return a copy of a model directory with other weights."""
    shutil.copytree(model, target)
    save_file(tensors, target / "model.safetensors")
    return target


def test_vectors_equal_those_of_sentence_transformers(
    model_directory: Path, encoder: StaticEncoder
) -> None:
    texts = [*TEXTS.values(), *AWKWARD, " ".join(TEXTS.values()) * 300]
    expected = sentence_transformers_vectors(model_directory, texts)
    np.testing.assert_allclose(encoder.encode_passages(texts), expected, atol=1e-4)


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_table_as_sentence_transformers_writes_it_is_read_too(
    model_directory: Path, tmp_path: Path, encoder: StaticEncoder, kind: type
) -> None:
    stored = load_file(model_directory / "model.safetensors")
    table = (stored["embeddings"] * stored["weights"][:, None]).astype(kind)
    copy = copy_with_weights(model_directory, tmp_path / "copy", {"embedding.weight": table})
    texts = [*TEXTS.values(), *AWKWARD]
    vectors = StaticEncoder(copy).encode_passages(texts)
    np.testing.assert_allclose(vectors, sentence_transformers_vectors(copy, texts), atol=1e-5)
    np.testing.assert_allclose(vectors, encoder.encode_passages(texts), atol=1e-3)


def test_a_model_with_another_kind_of_vocabulary_is_read_too(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    pieces = {piece: id_ for id_, piece in enumerate(["[UNK]", "vil", "##lage", "sản", "water"])}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    module = StaticEmbedding(tokenizer, embedding_dim=16)
    SentenceTransformer(modules=[module], device="cpu").save(str(tmp_path))
    encoder = StaticEncoder(tmp_path)
    texts = ["Village water", "VILLAGE sản ☃", "\ud800", ""]
    np.testing.assert_allclose(
        encoder.encode_passages(texts),
        sentence_transformers_vectors(tmp_path, ["Village water", "VILLAGE sản ☃", "?", ""]),
        atol=1e-5,
    )
    assert encoder.subwords("Village ＲＥＤ") == ["1", "2", "ur", "ue", "ud"]


def test_weights_are_one_byte_each_and_stay_in_the_file(encoder: StaticEncoder) -> None:
    assert encoder._table.dtype == np.int8
    assert not encoder._table.flags.owndata


def test_rows_keep_their_size_and_zero_rows_stay_zero() -> None:
    export = pytest.importorskip("embeddings.training.export")
    table = np.random.default_rng(2).normal(size=(50, 8)).astype(np.float32)
    table *= np.logspace(-6, 6, 50, dtype=np.float32)[:, None]
    table[7] = 0.0
    stored = export.quantise(table)
    restored = stored["embeddings"] * stored["weights"][:, None]
    largest = np.abs(table).max(axis=1, keepdims=True)
    assert (np.abs(restored - table) <= largest / 254 * 1.001).all()
    assert not restored[7].any()


def test_the_sentence_transformer_encoder_agrees_with_the_static_one(
    model_directory: Path, encoder: StaticEncoder
) -> None:
    from embeddings.encoders.sentence_transformer import SentenceTransformerEncoder

    other = SentenceTransformerEncoder(model_directory)
    texts = [*TEXTS.values(), *AWKWARD]
    assert other.dimensions == encoder.dimensions
    np.testing.assert_allclose(
        other.encode_queries(texts), encoder.encode_queries(texts), atol=1e-5
    )
    assert [other.subwords(text) for text in texts] == [encoder.subwords(text) for text in texts]
    assert other.encode_passages([]).shape == (0, 32)


def test_prompts_change_the_vectors_and_the_id(model_directory: Path) -> None:
    from embeddings.encoders.sentence_transformer import SentenceTransformerEncoder

    plain = SentenceTransformerEncoder(model_directory)
    prompted = SentenceTransformerEncoder(model_directory, query_prompt="một ")
    assert plain.encoder_id != prompted.encoder_id
    text = ["village"]
    assert not np.allclose(plain.encode_queries(text), prompted.encode_queries(text))
    np.testing.assert_allclose(plain.encode_passages(text), prompted.encode_passages(text))


def test_a_process_that_only_encodes_is_small() -> None:
    """With the bundled model, no PyTorch and no Django, after as many texts as a long-lived one."""
    code = (
        "import json, sys; from embeddings.encoders.static import StaticEncoder;"
        "encoder = StaticEncoder(sys.argv[1]); texts = json.load(sys.stdin);"
        "encoder.encode_passages(texts * 20); [encoder.subwords(text) for text in texts];"
        "print(json.dumps([open('/proc/self/statm').read().split()[1], sorted(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(BUNDLED)],
        input=json.dumps([f"{text} {number}" for text in TEXTS.values() for number in range(30)]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    pages, modules = json.loads(done.stdout)
    assert int(pages) * resource.getpagesize() / 2**20 < RESIDENT_LIMIT_MB
    heavy = {"torch", "sentence_transformers", "transformers", "django", "safetensors"}
    assert not heavy & set(modules)


def test_threads_share_one_encoder(encoder: StaticEncoder) -> None:
    texts = [f"{text} {number}" for number in range(40) for text in TEXTS.values()]
    expected, lexical = encoder.encode_passages(texts), list(map(encoder.subwords, texts))
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda _: encoder.encode_passages(texts), range(8)))
        tokens = list(pool.map(lambda _: list(map(encoder.subwords, texts)), range(8)))
    assert all(np.array_equal(each, expected) for each in vectors)
    assert all(each == lexical for each in tokens)


def test_vectors_are_float32_and_of_unit_length(encoder: StaticEncoder) -> None:
    vectors = encoder.encode_passages(list(TEXTS.values()))
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_texts_without_known_tokens_are_zero_vectors(encoder: StaticEncoder) -> None:
    vectors = encoder.encode_queries(["", " \n\t ", "☃𓀀", "\u200b"])
    assert not vectors.any()
    assert encoder.encode_queries([]).shape == (0, encoder.dimensions)


def test_a_text_has_the_same_vector_alone_and_in_a_large_batch(encoder: StaticEncoder) -> None:
    texts = [*TEXTS.values(), *AWKWARD, "một " * 20_000] * 3
    together = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_one_cut_gives_the_vectors_and_codes_of_each_text_alone(encoder: StaticEncoder) -> None:
    texts = [*AWKWARD, *TEXTS.values(), "một " * 3000, *TEXTS.values()]
    vectors, codes = encoder.encode_with_subwords(texts * 20)
    assert len(vectors) == len(codes) == len(texts) * 20
    last = slice(-len(texts), None)
    for text, vector, of_text in zip(texts, vectors[last], codes[last], strict=True):
        np.testing.assert_allclose(vector, encoder.encode_passages([text])[0], atol=1e-6)
        np.testing.assert_array_equal(of_text, subword_codes(encoder.subwords(text)))


def test_an_empty_text_among_others_is_a_zero_row_without_codes(encoder: StaticEncoder) -> None:
    vectors, codes = encoder.encode_with_subwords(["", "village", "  ", "một " * 3000, "", "san"])
    assert vectors.any(axis=1).tolist() == [False, True, False, True, False, True]
    assert [len(of_text) > 0 for of_text in codes] == [False, True, False, True, False, True]


def test_nothing_to_encode_gives_no_rows_and_no_codes(encoder: StaticEncoder) -> None:
    vectors, codes = encoder.encode_with_subwords([])
    assert (vectors.shape, codes) == ((0, encoder.dimensions), [])


def test_codes_of_another_kind_of_vocabulary_are_those_of_its_subwords(tmp_path: Path) -> None:
    pieces = {piece: id_ for id_, piece in enumerate(["[UNK]", "vil", "##lage", "sản"])}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    save_file({"embedding.weight": np.eye(4, dtype=np.float32)}, tmp_path / "model.safetensors")
    vectors, codes = StaticEncoder(tmp_path).encode_with_subwords(["village", "sản ☃", ""])
    assert [of_text.tolist() for of_text in codes[::2]] == [[1, 2], []]
    assert codes[1].tolist() == subword_codes(["3", "u☃"]).tolist()
    assert vectors.any(axis=1).tolist() == [True, True, False]


@pytest.mark.parametrize("count", [1023, 1024, 1025, 2048, 2049, 5000])
def test_a_long_text_is_the_mean_of_all_its_tokens(
    model_directory: Path, encoder: StaticEncoder, count: int
) -> None:
    stored = load_file(model_directory / "model.safetensors")
    table = stored["embeddings"].astype(np.float64) * stored["weights"][:, None]
    words = np.random.default_rng(count).choice(["one", "village", "san"], count)
    (ids,) = encoder._tokenizer.ids([" ".join(words)])
    assert len(ids) == count
    mean = table[ids].mean(axis=0)
    expected = mean / np.linalg.norm(mean)
    short, long = ["village", "san"], " ".join(words)
    found = encoder.encode_passages([*short, long, *short])
    np.testing.assert_allclose(found[2], expected, atol=1e-5)
    np.testing.assert_allclose(found[[0, 1, 3, 4]], encoder.encode_passages(short * 2), atol=1e-6)


def test_unknown_characters_do_not_disturb_the_known_ones(encoder: StaticEncoder) -> None:
    known, disturbed = encoder.encode_queries(["một village", "một village☃☃"])
    assert float(known @ disturbed) > 0.9


def test_subwords_are_ids_and_unknown_spans_become_their_characters(
    encoder: StaticEncoder,
) -> None:
    tokens = encoder.subwords("village ☃𓀀")
    assert [token for token in tokens if token.startswith("u")] == ["u☃", "u𓀀"]
    assert all(token[0] == "u" or token.isdigit() for token in tokens)
    assert "0" not in tokens
    assert not any(character.isspace() for token in tokens for character in token)
    assert encoder.subwords("") == []
    assert encoder.subwords("☃") != encoder.subwords("𓀀")


def test_a_lone_surrogate_is_no_error(model_directory: Path, encoder: StaticEncoder) -> None:
    from embeddings.encoders.sentence_transformer import SentenceTransformerEncoder

    broken = "một \ud800 village"
    for each in (encoder, SentenceTransformerEncoder(model_directory), FakeEncoder()):
        assert each.encode_queries([broken]).any()
        assert each.subwords(broken)


def test_case_width_and_invisible_characters_make_no_difference(encoder: StaticEncoder) -> None:
    for left, right in [
        ("VILLAGE", "village"),
        ("ｖｉｌｌａｇｅ", "village"),
        ("ភូមិ\u200bមួយ", "ភូមិមួយ"),
        ("مُنتَج", "منتج"),
        ("أحمد", "احمد"),
    ]:
        assert encoder.subwords(left) == encoder.subwords(right)


def test_the_id_follows_the_content_and_the_details_are_read(
    model_directory: Path, encoder: StaticEncoder, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(model_directory, copy)
    assert StaticEncoder(copy).encoder_id == encoder.encoder_id
    assert encoder.encoder_id.startswith("tiny-static-32-")
    assert encoder.score_floor == 0.25
    assert StaticEncoder(copy, score_floor=0.4).score_floor == 0.4
    weights = copy / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert StaticEncoder(copy).encoder_id != encoder.encoder_id


def test_a_missing_directory_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="model"):
        StaticEncoder(tmp_path / "nothing")


def test_what_will_not_load_is_told_from_the_files(model_directory: Path, tmp_path: Path) -> None:
    assert StaticEncoder.problem(model_directory) is None
    assert StaticEncoder.problem("someone/model") == "There is no model directory someone/model."
    bare = tmp_path / "bare"
    bare.mkdir()
    assert "modules.json is missing" in str(StaticEncoder.problem(bare))
    for name in ("model.safetensors", "tokenizer.json"):
        shutil.copy(model_directory / name, bare)
    assert StaticEncoder.problem(bare, score_floor=0.3) is None
    assert StaticEncoder(bare).encode_queries(["village"]).any()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"model": {"type": "Unigram"}}'])
def test_a_broken_tokenizer_is_a_valueerror(
    model_directory: Path, tmp_path: Path, content: str
) -> None:
    copy = Path(shutil.copytree(model_directory, tmp_path / "copy"))
    (copy / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"Expecting value|Cannot instantiate"):
        StaticEncoder(copy)


@pytest.mark.parametrize(
    "tensors",
    [
        {"other": np.zeros((2, 4), dtype=np.float32)},
        {"embedding.weight": np.zeros((2, 4), dtype=np.float64)},
        {"embeddings": np.zeros(8, dtype=np.int8)},
        {"embeddings": np.zeros((2, 4), np.int8), "weights": np.zeros(3, np.float32)},
        {"embeddings": np.zeros((2, 4), np.int8), "mapping": np.zeros(9, np.int32)},
    ],
)
def test_weights_of_another_kind_are_refused(
    model_directory: Path, tmp_path: Path, tensors: dict[str, np.ndarray]
) -> None:
    copy = copy_with_weights(model_directory, tmp_path / "copy", tensors)
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        StaticEncoder(copy)


def test_the_fake_encoder_places_texts_by_concept() -> None:
    fake = FakeEncoder(concepts={"water": ["eau", "nước"], "craft": ["artisanat"]})
    question, near, far = fake.encode_queries(["L'EAU potable", "Nước sạch", "artisanat local"])
    assert question @ near > 0.7 > question @ far
    assert (
        fake.encoder_id
        == FakeEncoder(concepts={"water": ["eau", "nước"], "craft": ["artisanat"]}).encoder_id
    )
    assert not fake.encode_passages([""]).any()
    with pytest.raises(ValueError, match="axes"):
        FakeEncoder(concepts={"a": [], "b": []}, dimensions=2)


def test_a_vocabulary_longer_than_the_table_is_refused_at_load(
    model_directory: Path, tmp_path: Path
) -> None:
    """Else a question with the last piece would fail, and only that one."""
    directory = shutil.copytree(model_directory, tmp_path / "model")
    weights = load_file(directory / "model.safetensors")
    save_file({name: rows[:-1] for name, rows in weights.items()}, directory / "model.safetensors")
    with pytest.raises(ValueError, match="more pieces than the table has rows"):
        StaticEncoder(directory)


@pytest.mark.parametrize(
    ("question", "says_it", "does_not"),
    [
        ("loans for women", "Phụ nữ được vay vốn của quỹ.", "Đường làng được sửa năm ngoái."),
        ("quem dá as estrelas", "ดาวให้โดยคณะกรรมการ", "ตลาดเปิดทุกวันเสาร์"),
        ("ໃບຢັ້ງຢືນ", "The certification is valid for three years.", "The festival lasts a week."),
        ("تغليف العسل", "Pengemasan madu", "Jalan desa"),
        ("mkopo kwa wanawake", "女性への融資", "温泉の旅館"),
    ],
)
def test_the_token_table_is_a_dictionary(question: str, says_it: str, does_not: str) -> None:
    encoder = StaticEncoder(BUNDLED)
    assert encoder.pieces is not None
    codes = [subword_codes(encoder.subwords(text)) for text in (question, says_it, does_not)]
    runs = TokenRuns(np.concatenate(codes[1:]), np.cumsum([0, *map(len, codes[1:])]))
    said, unsaid = encoder.pieces.coverage(runs, dict.fromkeys(codes[0].tolist(), 1.0))
    assert said > 0.1 > unsaid

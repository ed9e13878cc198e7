"""Any sentence-transformers model as an encoder; the network is out of reach in every test."""

import json
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from embeddings.checks import check_configuration
from embeddings.conf import get_encoder
from embeddings.encoders.model_files import ModelError
from embeddings.encoders.sentence_transformer import SentenceTransformerEncoder
from embeddings.errors import EncoderUnavailable
from tests.embeddings.tiny_models import E5_PROMPTS, HOSTILE, TEXTS, build

BACKEND = "embeddings.encoders.sentence_transformer.SentenceTransformerEncoder"


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sockets that refuse, and a list of the attempts to use one."""
    attempts: list[str] = []

    def refuse(*arguments: Any, **_: Any) -> None:
        attempts.append(str(arguments[-1]))
        raise OSError("no network in this test")

    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    return attempts


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of downloaded models."""
    directory = tmp_path / "cache"
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(directory))
    return directory


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("families")
    return {name: build(name, root / name) for name in ("e5-small", "e5-base", "bge-m3", "labse")}


@pytest.fixture
def model(families: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of a model that a test may damage."""
    return Path(shutil.copytree(families["e5-base"], tmp_path / "model"))


@pytest.mark.parametrize("family", ["e5-small", "e5-base", "bge-m3", "labse"])
def test_every_family_gives_unit_vectors_and_survives_hostile_texts(
    families: dict[str, Path], family: str, reached: list[str]
) -> None:
    encoder = SentenceTransformerEncoder(families[family])
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.shape == (3, 24 if family == "labse" else 32) == (3, encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    hostile = encoder.encode_queries(HOSTILE)
    assert np.isfinite(hostile).all()
    assert not hostile[:3].any()
    np.testing.assert_allclose(np.linalg.norm(hostile[[3, 5]], axis=1), 1.0, atol=1e-5)
    assert encoder.encode_queries([]).shape == (0, encoder.dimensions)
    assert encoder.subwords("village ☃")[-1] == "u☃"
    assert reached == []


@pytest.mark.parametrize("family", ["e5-small", "e5-base"])
def test_a_question_and_a_passage_of_the_same_words_differ_by_their_prompts(
    families: dict[str, Path], family: str
) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformerEncoder(families[family], **E5_PROMPTS)
    queries, passages = encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)
    assert np.abs(queries - passages).max(axis=1).min() > 1e-3
    plain = SentenceTransformer(str(families[family]), device="cpu", local_files_only=True)
    expected = plain.encode([f"query: {text}" for text in TEXTS])
    np.testing.assert_allclose(queries, expected, atol=1e-5)
    np.testing.assert_allclose(passages, plain.encode([f"passage: {t}" for t in TEXTS]), atol=1e-5)


def test_prompts_that_the_model_names_itself_are_used_unless_others_are_given(
    model: Path,
) -> None:
    """As EmbeddingGemma does; a default prompt must not slip in where an empty one is asked for."""
    path = model / "config_sentence_transformers.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["prompts"] = {"query": "query: ", "document": "passage: "}
    config["default_prompt_name"] = "query"
    path.write_text(json.dumps(config), encoding="utf-8")
    own = SentenceTransformerEncoder(model)
    given = SentenceTransformerEncoder(model, **E5_PROMPTS)
    without = SentenceTransformerEncoder(model, query_prompt="", passage_prompt="")
    np.testing.assert_array_equal(own.encode_queries(TEXTS), given.encode_queries(TEXTS))
    np.testing.assert_array_equal(own.encode_passages(TEXTS), given.encode_passages(TEXTS))
    np.testing.assert_array_equal(without.encode_queries(TEXTS), without.encode_passages(TEXTS))
    assert own.encoder_id == given.encoder_id != without.encoder_id


def test_the_id_is_the_same_at_every_start_even_if_the_checkpoint_lacks_weights(
    model: Path,
) -> None:
    """The unused pooler is then drawn at random; a changing id would index everything anew."""
    import torch
    from safetensors.torch import load_file, save_file

    weights = load_file(model / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if "pooler" not in name}
    assert len(kept) < len(weights)
    save_file(kept, model / "model.safetensors", metadata={"format": "pt"})
    ids = set()
    for seed in (1, 2):
        torch.manual_seed(seed)
        ids.add(SentenceTransformerEncoder(model).encoder_id)
    assert len(ids) == 1


def test_threads_do_not_disturb_one_another(families: dict[str, Path]) -> None:
    encoder = SentenceTransformerEncoder(families["e5-small"])
    texts = [" ".join(TEXTS[: 1 + number % 3]) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: encoder.encode_queries([text])[0], texts))
    np.testing.assert_allclose(together, encoder.encode_queries(texts), atol=1e-5)


def put_in_cache(source: Path, cache: Path, name: str) -> Path:
    """Lay a model down as a download would."""
    root = cache / f"models--{name.replace('/', '--')}"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text("abc123")
    return Path(shutil.copytree(source, root / "snapshots" / "abc123"))


@pytest.mark.parametrize("allow_download", [False, True])
def test_a_name_is_found_in_the_cache_without_the_network(
    families: dict[str, Path], cache: Path, reached: list[str], *, allow_download: bool
) -> None:
    put_in_cache(families["e5-small"], cache, "someone/tiny-e5")
    encoder = SentenceTransformerEncoder("someone/tiny-e5", allow_download=allow_download)
    assert encoder.encoder_id.startswith("tiny-e5-")
    local = SentenceTransformerEncoder(families["e5-small"])
    np.testing.assert_array_equal(encoder.encode_queries(TEXTS), local.encode_queries(TEXTS))
    assert reached == []


def test_an_unknown_name_is_refused_without_asking_the_network(
    cache: Path, reached: list[str]
) -> None:
    with pytest.raises(ModelError) as refusal:
        SentenceTransformerEncoder("someone/no-such-model")
    assert str(refusal.value) == (
        "There is no directory someone/no-such-model, and no model of that name in the cache "
        f"{cache}; download it beforehand or set the option allow_download."
    )
    assert reached == []


def test_only_the_option_lets_the_library_ask_the_network(
    families: dict[str, Path], reached: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, object]] = []

    def refuse(model: str, *, local_files_only: bool, **_: object) -> None:
        asked.append((model, local_files_only))
        raise OSError("We could not connect.\nCheck your connection.")

    monkeypatch.setattr("sentence_transformers.SentenceTransformer", refuse)
    assert SentenceTransformerEncoder.problem("someone/new", allow_download=True) is None
    with pytest.raises(ModelError, match=r"^someone/new cannot be loaded: We could not connect\.$"):
        SentenceTransformerEncoder("someone/new", allow_download=True)
    with pytest.raises(ModelError):
        SentenceTransformerEncoder(families["labse"], allow_download=True)
    assert asked == [("someone/new", False), (str(families["labse"]), True)]
    assert reached == []


def remove(*names: str) -> Any:
    return lambda model: [(model / name).unlink() for name in names]


def write(name: str, text: str) -> Any:
    return lambda model: (model / name).write_text(text)


def bring_code(model: Path) -> None:
    """As gte-multilingual-base does."""
    config = {"model_type": "new", "auto_map": {"AutoModel": "someone/code--modeling.NewModel"}}
    (model / "config.json").write_text(json.dumps(config))


def bring_module(model: Path) -> None:
    path = model / "modules.json"
    modules = json.loads(path.read_text())
    modules[1]["type"] = "os.system"
    path.write_text(json.dumps(modules))


def split_weights(model: Path) -> None:
    (model / "model.safetensors").unlink()
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    (model / "model-1.safetensors").write_bytes(b"")


FAULTS = {
    "no model": (remove("modules.json"), "is no sentence-transformers model: modules.json is missing."),
    "broken modules": (write("modules.json", "[{"), "is no sentence-transformers model: modules.json cannot be read."),
    "no modules": (write("modules.json", "[]"), "is no sentence-transformers model: modules.json lists no modules."),
    "foreign module": (bring_module, "needs code that is not part of sentence-transformers: os.system."),
    "no config": (remove("config.json"), "cannot be loaded: config.json is missing."),
    "broken config": (write("config.json", "{"), "cannot be loaded: config.json cannot be read."),
    "empty config": (write("config.json", "{}"), "cannot be loaded: config.json names no model_type."),
    "own code": (bring_code, "cannot be loaded: it brings code of its own (trust_remote_code), which is never run here."),
    "no weights": (remove("model.safetensors"), "cannot be loaded: the weights (model.safetensors or pytorch_model.bin) are missing."),
    "half the weights": (split_weights, "cannot be loaded: model-2.safetensors is missing."),
    "no tokenizer": (remove("tokenizer.json"), "has no fast tokenizer: tokenizer.json is missing."),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_files_show_is_told_by_every_command_and_by_the_encoder(
    model: Path, fault: str, reached: list[str]
) -> None:
    damage, reason = FAULTS[fault]
    damage(model)
    sentence = f"{model} {reason}"
    encoder = {"BACKEND": BACKEND, "OPTIONS": {"model": str(model)}}
    with override_settings(EMBEDDINGS={"ENCODER": encoder}):
        (message,) = check_configuration(None)
        assert (message.id, message.msg) == (
            "embeddings.E004",
            f"EMBEDDINGS['ENCODER']: {sentence}",
        )
        with pytest.raises(CommandError) as refusal:
            call_command("check")
        assert sentence in str(refusal.value)
        with pytest.raises(EncoderUnavailable) as unavailable:
            get_encoder()
    assert str(unavailable.value) == f"{BACKEND}: {sentence}"
    assert reached == []


def cut(model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        write("config.json", '{"model_type": "no-such-type"}'),
        write("config.json", '{"model_type": "bert", "hidden_size": "wide"}'),
        write("tokenizer.json", "{}"),
        write("1_Pooling/config.json", "{"),
    ],
    ids=["cut weights", "unknown type", "wrong value", "empty tokenizer", "broken pooling"],
)
def test_a_fault_that_only_loading_shows_is_one_sentence_too(model: Path, damage: Any) -> None:
    damage(model)
    encoder = {"BACKEND": BACKEND, "OPTIONS": {"model": str(model)}}
    unavailable = pytest.raises(EncoderUnavailable)
    with override_settings(EMBEDDINGS={"ENCODER": encoder}), unavailable as refusal:
        get_encoder()
    assert str(refusal.value).startswith(f"{BACKEND}: {model} cannot be loaded: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["/no/where", "./model", "a/b/c", "../no-model", "no model"])
def test_a_path_without_a_directory_is_no_name_for_the_cache(name: str) -> None:
    assert SentenceTransformerEncoder.problem(name) == f"There is no model directory {name}."


def test_a_file_is_no_directory(model: Path) -> None:
    problem = SentenceTransformerEncoder.problem(model / "config.json")
    assert problem == f"There is no model directory {model / 'config.json'}."


def test_an_incomplete_download_is_a_fault_unless_it_may_be_completed(
    families: dict[str, Path], cache: Path
) -> None:
    snapshot = put_in_cache(families["e5-small"], cache, "someone/half")
    (snapshot / "model.safetensors").unlink()
    problem = SentenceTransformerEncoder.problem("someone/half")
    assert problem is not None
    assert "are missing" in problem
    assert SentenceTransformerEncoder.problem("someone/half", allow_download=True) is None


def test_a_bare_name_is_one_of_the_library(families: dict[str, Path], cache: Path) -> None:
    put_in_cache(families["labse"], cache, "sentence-transformers/LaBSE")
    assert SentenceTransformerEncoder.problem("LaBSE") is None
    assert SentenceTransformerEncoder.problem("sentence-transformers/LaBSE") is None


def test_a_tokenizer_that_is_not_fast_is_refused(tmp_path: Path) -> None:
    """CANINE reads characters and has no other tokenizer than a slow one."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import CanineConfig, CanineModel, CanineTokenizer

    config = CanineConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    CanineModel(config).save_pretrained(tmp_path / "parts")
    CanineTokenizer().save_pretrained(tmp_path / "parts")
    modules = [Transformer(str(tmp_path / "parts")), Pooling(32, "mean")]
    directory = tmp_path / "canine"
    SentenceTransformer(modules=modules, device="cpu").save(str(directory))
    problem = SentenceTransformerEncoder.problem(directory)
    assert problem == f"{directory} has no fast tokenizer: tokenizer.json is missing."
    # A file that would let the check pass does not get it past the encoder.
    (directory / "vocab.txt").write_text("a")
    with pytest.raises(ModelError, match="has no fast tokenizer"):
        SentenceTransformerEncoder(directory)


def test_looking_at_the_files_loads_neither_the_model_nor_its_libraries(model: Path) -> None:
    code = (
        "import sys; from embeddings.encoders.sentence_transformer import *;"
        f"assert SentenceTransformerEncoder.problem({str(model)!r}) is None;"
        "assert SentenceTransformerEncoder.problem('someone/else');"
        "print(sorted({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_sound_model_passes_the_check(model: Path) -> None:
    encoder = {"BACKEND": BACKEND, "OPTIONS": {"model": str(model), **E5_PROMPTS}}
    with override_settings(EMBEDDINGS={"ENCODER": encoder}):
        assert check_configuration(None) == []
        assert get_encoder().dimensions == 32

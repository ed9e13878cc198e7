"""The transformer student at toy size; it was never trained at its own."""

import dataclasses
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentencepiece")

import zstandard
from tokenizers import Tokenizer

from embeddings.encoders.sentence_transformer import SentenceTransformerEncoder
from embeddings.training.config import TrainingConfig, config_from_mapping
from embeddings.training.export import export_model
from embeddings.training.sampling import Batch, PairSampler, Side
from embeddings.training.student import run
from embeddings.training.student.config import StudentConfig, load_student_config
from embeddings.training.student.model import build_student
from embeddings.training.student.run import train_student
from embeddings.training.student.trainer import StudentTrainer
from embeddings.training.tokenizer import silent_ids, train_tokenizer
from embeddings.training.trainer import ranking_loss

WORDS = {
    "en": ["water", "rice", "school", "market", "forest", "silk", "road", "fish", "salt", "tea"],
    "vi": ["nước", "gạo", "trường", "chợ", "rừng", "lụa", "đường", "cá", "muối", "trà"],
}
HOSTILE = ["", "   ", "☃𓀀", "\ud800 rice", "\x00", "rice " * 5000, "<s><pad><unk>", "\u202e\u200b"]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Matrices this small only wait for a second thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def recipe() -> StudentConfig:
    training = config_from_mapping(
        {
            "languages": ["en", "vi"],
            "tokenizer": {"vocabulary_size": 300},
            "sampling": {"batch_size": 64},
            "optimiser": {
                "steps": 30,
                "warmup_steps": 3,
                "learning_rate": 0.01,
                "checkpoint_every": 10,
            },
        }
    )
    return StudentConfig(
        recipe=training, layers=2, heads=2, intermediate=64, max_tokens=24, chunk_size=40
    )


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(4)
    rows = [
        {code: " ".join(words[number] for number in chosen) for code, words in WORDS.items()}
        for chosen in rng.integers(0, 10, size=(300, 3))
    ]
    questions = [
        {"lang": "en", "query": row["vi"], "passage": f"{row['en']} {number}"}
        for number, row in enumerate(rows[:100])
    ]
    for kind, content in (("parallel", rows), ("retrieval", questions)):
        text = io.StringIO()
        for row in content:
            text.write(json.dumps(row) + "\n")
        (root / kind).mkdir()
        packed = zstandard.ZstdCompressor().compress(text.getvalue().encode())
        (root / kind / "village.jsonl.zst").write_bytes(packed)
    return root


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory, recipe: StudentConfig) -> Path:
    """A static encoder of 32 dimensions that has learnt nothing."""
    texts = [" ".join(words) + f" {word}{n}" for words in WORDS.values() for n, word in enumerate(words)]  # fmt: skip
    tokenizer = train_tokenizer(texts, config=recipe.recipe)
    table = np.random.default_rng(1).normal(size=(tokenizer.get_vocab_size(), 32))
    table[sorted(silent_ids(tokenizer))] = 0.0
    directory = tmp_path_factory.mktemp("static") / "tiny-static"
    export_model(tokenizer, table.astype(np.float32), directory)
    return directory


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, static: Path, data_dir: Path, recipe: StudentConfig
) -> tuple[Path, list[float]]:
    root = tmp_path_factory.mktemp("trained")
    output = root / "models" / "tiny-student"
    losses = train_student(static, data_dir, work_dir=root / "work", output=output, config=recipe)
    return output, losses


def test_the_loss_falls(trained: tuple[Path, list[float]]) -> None:
    losses = trained[1]
    assert len(losses) == 30
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:3])


def test_the_directory_loads_offline_in_the_library_and_in_the_encoder(
    trained: tuple[Path, list[float]],
) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformerEncoder(trained[0])
    texts = ["nước gạo", "school fish"]
    vectors = encoder.encode_passages(texts)
    assert vectors.shape == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    model = SentenceTransformer(str(trained[0]), device="cpu", local_files_only=True)
    np.testing.assert_allclose(model.encode(texts), vectors, atol=1e-5)
    card = (trained[0] / "README.md").read_text(encoding="utf-8")
    assert encoder.encoder_id in card
    assert "| village | not documented | not documented |" in card


def test_hostile_texts_have_unit_or_zero_vectors(trained: tuple[Path, list[float]]) -> None:
    encoder = SentenceTransformerEncoder(trained[0])
    vectors = encoder.encode_queries(HOSTILE)
    norms = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(norms[[0, 1, 2]], 0.0)
    np.testing.assert_allclose(norms[[3, 5]], 1.0, atol=1e-5)
    assert np.isfinite(vectors).all()


def test_an_interrupted_run_continues_as_if_it_had_not_been(
    trained: tuple[Path, list[float]],
    static: Path,
    data_dir: Path,
    recipe: StudentConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop_at_15(sampler: PairSampler, step: int) -> Batch:
        if step == 15:
            raise KeyboardInterrupt
        return batch(sampler, step)

    batch = PairSampler.batch
    output = tmp_path / "tiny-student"
    with monkeypatch.context() as patch:
        patch.setattr(PairSampler, "batch", stop_at_15)
        with pytest.raises(KeyboardInterrupt):
            train_student(static, data_dir, work_dir=tmp_path, output=output, config=recipe)
    assert not output.exists()
    # The corpus of the first attempt is used again.
    monkeypatch.setattr(run, "build_corpus", None)
    losses = train_student(static, data_dir, work_dir=tmp_path, output=output, config=recipe)
    np.testing.assert_allclose(losses, trained[1], atol=1e-5)
    first, second = (
        SentenceTransformerEncoder(each).encode_passages(["rice market", "lụa"])
        for each in (trained[0], output)
    )
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_the_student_starts_from_the_static_table(
    static: Path, recipe: StudentConfig, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    student = build_student(static, config=recipe, directory=tmp_path)
    table = SentenceTransformer(str(static), device="cpu")[0].embedding.weight.detach().numpy()
    words = student[0].model.embeddings.word_embeddings.weight[: len(table)].detach().numpy()
    assert words.std() == pytest.approx(0.05, rel=1e-2)
    np.testing.assert_allclose(words / words.std(), table / table.std(), atol=1e-4)


def word_pairs(static: Path) -> Batch:
    """A batch of texts of one to four words in both languages, without silent pieces."""
    tokenizer = Tokenizer.from_file(str(static / "tokenizer.json"))
    silent = silent_ids(tokenizer)
    sides = []
    for language, words in enumerate(WORDS.values()):
        phrases = [" ".join(words[n : n + 1 + n * 7 % 4]) for n in range(len(words))]
        encodings = tokenizer.encode_batch(phrases)
        texts = [[id_ for id_ in each.ids if id_ not in silent] for each in encodings]
        ids = np.array([id_ for text in texts for id_ in text])
        counts = np.array([len(text) for text in texts])
        languages = np.full(len(texts), language, dtype=np.uint8)
        sides.append(Side(ids=ids, counts=counts, language=languages))
    return Batch(left=sides[0], right=sides[1])


def trainer_of(
    static: Path, config: StudentConfig, directory: Path, *, fingerprint: str = "one"
) -> StudentTrainer:
    import torch

    return StudentTrainer(
        build_student(static, config=config, directory=directory / "untrained"),
        config=config,
        fingerprint=fingerprint,
        checkpoint=directory / "checkpoint.pt",
        device=torch.device("cpu"),
    )


def test_a_chunk_bounds_the_memory_and_not_the_result(
    static: Path, recipe: StudentConfig, tmp_path: Path
) -> None:
    """The loss is that of the texts encoded one by one, the gradients those of the whole batch."""
    import torch

    batch = word_pairs(static)
    after = []
    for size in (3, 100):
        config = dataclasses.replace(recipe, chunk_size=size, silent_share=0.0)
        trainer = trainer_of(static, config, tmp_path / str(size))
        start = trainer.model.tokenizer.cls_token_id
        sides = []
        for side in (batch.left, batch.right):
            texts = np.split(side.ids, np.cumsum(side.counts)[:-1])
            ids = [torch.tensor([[start, *text]]) for text in texts]
            features = [
                {"input_ids": each, "attention_mask": torch.ones_like(each)} for each in ids
            ]
            sides.append(
                torch.cat([trainer.model(each)["sentence_embedding"] for each in features])
            )
        expected = float(ranking_loss(*sides, scale=20.0).detach())
        assert trainer._take_step(batch) == pytest.approx(expected, abs=1e-4)
        after.append(trainer.model[0].model.embeddings.word_embeddings.weight.grad.numpy())
    assert np.abs(after[0]).max() > 0.01
    np.testing.assert_allclose(after[0], after[1], atol=1e-5)


def test_texts_are_shown_with_pieces_that_mean_nothing(
    static: Path, recipe: StudentConfig, tmp_path: Path
) -> None:
    """The corpus leaves them out; a question at serving time has them."""
    batch = word_pairs(static)
    silent = sorted(silent_ids(Tokenizer.from_file(str(static / "tokenizer.json"))))
    shown = []
    for share in (0.0, 0.5):
        config = dataclasses.replace(recipe, silent_share=share)
        trainer = trainer_of(static, config, tmp_path / str(share))
        texts: dict[int, list[int]] = {}
        for chunk in trainer._chunks(batch):
            for position, ids, mask in zip(chunk.positions, chunk.ids, chunk.mask, strict=True):
                texts[int(position)] = ids[mask.bool()].tolist()
        shown.append(texts)
    assert not any(set(text) & set(silent) for text in shown[0].values())
    assert sum(len(text) for text in shown[1].values()) > sum(map(len, shown[0].values()))
    for position, text in shown[1].items():
        assert [id_ for id_ in text if id_ not in silent] == shown[0][position]


def test_a_checkpoint_of_another_run_is_not_continued(
    static: Path, recipe: StudentConfig, tmp_path: Path
) -> None:
    trainer = trainer_of(static, recipe, tmp_path)
    trainer.step = 7
    trainer.save()
    assert trainer_of(static, recipe, tmp_path).step == 7
    assert trainer_of(static, recipe, tmp_path, fingerprint="two").step == 0


def test_the_shipped_recipe_changes_single_values_of_the_static_one(tmp_path: Path) -> None:
    shipped = load_student_config()
    assert len(shipped.recipe.languages) == 18
    assert shipped.recipe.optimiser.learning_rate < 0.001
    assert shipped.recipe.sampling.token_dropout == TrainingConfig().sampling.token_dropout
    (tmp_path / "base.toml").write_text('languages = ["en"]\n[sampling]\nmax_tokens = 9\n')
    changed = tmp_path / "changed.toml"
    changed.write_text('recipe = "base.toml"\nseed = 3\n[sampling]\nbatch_size = 8\n')
    recipe = load_student_config(changed).recipe
    assert (recipe.languages, recipe.seed) == (("en",), 3)
    assert (recipe.sampling.max_tokens, recipe.sampling.batch_size) == (9, 8)
    changed.write_text('recipe = "base.toml"\n[student]\nspeed = 1\n')
    with pytest.raises(TypeError):
        load_student_config(changed)


def test_the_int8_model_is_near_the_student_and_the_same_alone_and_in_company(
    trained: tuple[Path, list[float]], tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from embeddings.encoders.onnx import OnnxEncoder
    from embeddings.training.student.onnx import export_onnx

    export_onnx(trained[0], tmp_path / "tiny-onnx")
    small, full = OnnxEncoder(tmp_path / "tiny-onnx"), SentenceTransformerEncoder(trained[0])
    texts = ["nước gạo", "school fish market", "tea " * 300, *HOSTILE]
    vectors = small.encode_passages(texts)
    expected = full.encode_passages(texts)
    norms = np.linalg.norm(expected, axis=1)
    np.testing.assert_allclose((vectors * expected).sum(axis=1), norms, atol=0.02)
    alone = np.concatenate([small.encode_queries([text]) for text in texts])
    np.testing.assert_array_equal(alone, vectors)
    assert small.subwords("nước ☃") == full.subwords("nước ☃")
    assert small.encoder_id.startswith("tiny-onnx-")
    assert OnnxEncoder.problem(tmp_path / "tiny-onnx") is None
    (tmp_path / "tiny-onnx" / "model.onnx").write_bytes(b"broken")
    with pytest.raises(ValueError, match=r"model\.onnx cannot be loaded"):
        OnnxEncoder(tmp_path / "tiny-onnx")
    assert OnnxEncoder.problem(tmp_path) == f"There is no model.onnx in {tmp_path}."

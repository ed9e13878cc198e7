import dataclasses
import io
import json
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentencepiece")

import zstandard

from embeddings.encoders.static import StaticEncoder
from embeddings.training.config import (
    HardnessConfig,
    SourcesConfig,
    TrainingConfig,
    config_from_mapping,
    load_config,
)
from embeddings.training.data import (
    held_back_retrieval,
    measured_texts,
    training_retrieval,
)
from embeddings.training.hardness import HardBatches, neighbour_groups
from embeddings.training.run import prepare_corpus, prepare_tokenizer, train_encoder
from embeddings.training.sampling import Batch, PairSampler
from embeddings.training.sources import training_files
from embeddings.training.subspace import language_directions, without_directions
from embeddings.training.tokenizer import fold
from embeddings.training.trainer import Trainer, ranking_loss

WORDS = {
    "water": ["water", "nước", "eau"],
    "rice": ["rice", "gạo", "riz"],
    "school": ["school", "trường", "école"],
    "market": ["market", "chợ", "marché"],
    "forest": ["forest", "rừng", "forêt"],
    "silk": ["silk", "lụa", "soie"],
    "road": ["road", "đường", "route"],
    "fish": ["fish", "cá", "poisson"],
    "salt": ["salt", "muối", "sel"],
    "house": ["house", "nhà", "maison"],
    "honey": ["honey", "mật", "miel"],
    "tea": ["tea", "trà", "thé"],
}
LANGUAGES = ["en", "vi", "fr"]


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    for row in rows:
        text.write(json.dumps(row, ensure_ascii=False) + "\n")
    path.write_bytes(zstandard.ZstdCompressor().compress(text.getvalue().encode()))


def sentence_row(chooser: random.Random) -> dict[str, str]:
    concepts = chooser.sample(sorted(WORDS), 3)
    return {
        code: " ".join(WORDS[concept][index] for concept in concepts)
        for index, code in enumerate(LANGUAGES)
    }


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of twelve words in three languages, in the documented file format."""
    root = tmp_path_factory.mktemp("data")
    chooser = random.Random(3)
    rows = [sentence_row(chooser) for _ in range(500)]
    write_rows(root / "parallel" / "village.jsonl.zst", rows[:300])
    write_rows(root / "parallel" / "town.jsonl.zst", [*rows[300:], {"en": "alone"}])
    questions = [
        {"lang": "en", "query": row["en"].split()[0], "passage": f"{row['en']} {number}"}
        for number, row in enumerate(rows[:100])
    ]
    write_rows(root / "retrieval" / "questions.jsonl.zst", questions)
    benchmark = [sentence_row(chooser) for _ in range(40)]
    write_rows(root / "benchmarks" / "ntrex-first1000.jsonl.zst", benchmark)
    tatoeba = root / "benchmarks" / "tatoeba"
    tatoeba.mkdir()
    (tatoeba / "vi.tsv").write_text(
        "".join(f"{row['vi']}\t{row['en']}\n" for row in benchmark), encoding="utf-8"
    )
    (root / "SOURCES.md").write_text(
        "| source | repository @ commit | licence (where read) |\n|---|---|---|\n"
        "| village | someone/village @ 1234 | MIT (LICENSE) |\n"
        "| `town` | same | CC BY-SA 4.0: README |\n",
        encoding="utf-8",
    )
    return root


@pytest.fixture(scope="module")
def config() -> TrainingConfig:
    return config_from_mapping(
        {
            "languages": LANGUAGES,
            "tokenizer": {
                "vocabulary_size": 90,
                "characters_per_language": 20_000,
                "folded_share": {"vi": 0.3},
            },
            "sampling": {"batch_size": 48},
            "optimiser": {
                "dimensions": 24,
                "steps": 60,
                "warmup_steps": 5,
                "learning_rate": 0.05,
                "checkpoint_every": 20,
            },
            "subspace": {"directions": 2, "rows": 200},
        }
    )


def test_training_learns_and_exports_a_model_that_both_runtimes_load(
    data_dir: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    output = tmp_path / "models" / "tiny"
    report = train_encoder(data_dir, work_dir=tmp_path / "work", output=output, config=config)
    encoder = StaticEncoder(output)
    left = encoder.encode_queries(["nước gạo lụa", "école poisson"])
    right = encoder.encode_passages(["water rice silk", "school fish", "honey salt"])
    assert (left @ right.T).argmax(axis=1).tolist() == [0, 1]
    model = SentenceTransformer(str(output), device="cpu")
    texts = ["đường", "nuoc", "", "☃"]
    np.testing.assert_allclose(
        encoder.encode_queries(texts), model.encode(texts, normalize_embeddings=True), atol=1e-5
    )
    assert report.tatoeba["vi"].to_english > 0.5
    assert encoder.score_floor == report.retrieval.score_floor
    card = (output / "README.md").read_text(encoding="utf-8")
    assert encoder.encoder_id in card
    assert "| town | someone/village @ 1234 | CC BY-SA 4.0: README |" in card
    assert str(tmp_path) not in card


def test_the_loss_equals_that_of_sentence_transformers() -> None:
    import torch
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    left, right = torch.randn(2, 9, 5, generator=torch.Generator().manual_seed(1))
    library = MultipleNegativesRankingLoss(
        None,
        scale=20.0,
        directions=("query_to_doc", "doc_to_query"),
        partition_mode="per_direction",
    ).compute_loss_from_embeddings([left, right], None)
    assert float(ranking_loss(left, right, scale=20.0)) == pytest.approx(float(library), rel=1e-5)


def test_the_loss_falls(data_dir: Path, config: TrainingConfig, tmp_path: Path) -> None:
    trainer, sampler = prepared(data_dir, config, tmp_path)
    trainer.train(sampler.batch)
    assert np.mean(trainer.losses[-10:]) < 0.5 * np.mean(trainer.losses[:3])


def test_an_interrupted_run_continues_as_if_it_had_not_been(
    data_dir: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    hardness = HardnessConfig(first_share=0.2, pool_batches=4, group_size=12)
    config = dataclasses.replace(config, hardness=hardness)
    unbroken, sampler = prepared(data_dir, config, tmp_path)
    unbroken.train(HardBatches(sampler, table=unbroken.live_table, config=config).batch)
    checkpoint = tmp_path / "checkpoint.pt"
    first, _ = prepared(data_dir, config, tmp_path, checkpoint=checkpoint)

    batches = HardBatches(sampler, table=first.live_table, config=config)

    def stop_at_25(step: int) -> Batch:
        if step == 25:
            raise KeyboardInterrupt
        return batches.batch(step)

    with pytest.raises(KeyboardInterrupt):
        first.train(stop_at_25)
    second, _ = prepared(data_dir, config, tmp_path, checkpoint=checkpoint)
    assert second.step == 20
    second.train(HardBatches(sampler, table=second.live_table, config=config).batch)
    assert len(second.losses) == config.optimiser.steps
    np.testing.assert_allclose(second.table, unbroken.table, atol=1e-4)


def test_a_checkpoint_of_another_recipe_is_not_continued(
    data_dir: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.pt"
    trainer, sampler = prepared(data_dir, config, tmp_path, checkpoint=checkpoint)
    trainer.train(sampler.batch, until=20)
    other = dataclasses.replace(config, seed=99)
    assert prepared(data_dir, other, tmp_path, checkpoint=checkpoint)[0].step == 0


def test_a_finished_tokenizer_is_not_trained_again(
    data_dir: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    first = prepare_tokenizer(data_dir, work_dir=tmp_path, config=config)
    (path,) = tmp_path.glob("tokenizer-*.json")
    written = path.stat().st_mtime_ns
    second = prepare_tokenizer(data_dir, work_dir=tmp_path, config=config)
    assert path.stat().st_mtime_ns == written
    assert first.to_str() == second.to_str()


def test_held_back_rows_and_their_passages_are_never_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "retrieval" / "questions.jsonl.zst"
    rows = [{"lang": "en", "query": f"q{n}", "passage": f"p{n % 60}"} for n in range(100)]
    write_rows(path, rows)
    write_rows(
        tmp_path / "retrieval" / "other.jsonl.zst",
        [{"lang": "en", "query": f"other {n}", "passage": f"p{n}"} for n in range(38, 41)],
    )
    held_back = held_back_retrieval(path)
    measured = measured_texts(tmp_path)
    trained = training_retrieval(path, languages=["en"], measured=measured)
    assert [row.query for row in held_back] == ["q98", "q99"]
    # p40 is the last row of the other file, so it is held back here too.
    assert {row.passage for row in trained} == {f"p{n}" for n in range(38)} | {
        f"p{n}" for n in range(41, 60)
    }


def test_rows_across_languages_are_held_back_in_all_languages_together(tmp_path: Path) -> None:
    path = tmp_path / "retrieval" / "x.jsonl.zst"
    rows = [
        row
        for code in ("vi", "fr")
        for n in range(300)
        for row in (
            {"lang": f"{code}-en", "query": f"{code} question {n}", "passage": f"section {n}"},
            {"lang": f"en-{code}", "query": f"heading {n}", "passage": f"{code} section {n}"},
        )
    ]
    write_rows(path, rows)
    held_back = held_back_retrieval(path)
    trained = training_retrieval(
        path, languages=["en", "vi", "fr"], measured=measured_texts(tmp_path)
    )
    assert len(held_back) + len(trained) == len(rows)
    assert 0.05 < len(held_back) / len(rows) < 0.15
    english = {row.query if row.query_language == "en" else row.passage for row in held_back}
    assert not english & {text for row in trained for text in (row.query, row.passage)}
    assert {row.query_language for row in held_back} == {"en", "vi", "fr"}


def test_a_batch_depends_only_on_seed_and_step_and_repeats_no_row(
    data_dir: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    _, sampler = prepared(data_dir, config, tmp_path)
    _, again = prepared(data_dir, config, tmp_path)
    one, two = sampler.batch(7), again.batch(7)
    np.testing.assert_array_equal(one.left.ids, two.left.ids)
    np.testing.assert_array_equal(one.right.counts, two.right.counts)
    assert not np.array_equal(one.left.ids[:40], sampler.batch(8).left.ids[:40])
    assert len(one.left.counts) == len(one.right.counts) <= config.sampling.batch_size
    assert one.left.counts.sum() == len(one.left.ids)
    assert (one.right.counts > 0).all()


def test_hard_batches_hold_the_drawn_pairs_beside_their_neighbours(
    data_dir: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    hardness = HardnessConfig(first_share=0.2, pool_batches=4, group_size=12)
    config = dataclasses.replace(config, hardness=hardness)
    trainer, sampler = prepared(data_dir, config, tmp_path)
    batches = HardBatches(sampler, table=trainer.live_table, config=config)
    np.testing.assert_array_equal(batches.batch(11).left.ids, sampler.batch(11).left.ids)
    pool = sampler.batch(12, batches=4)
    hard = [batches.batch(step) for step in range(12, 16)]
    assert sorted(np.concatenate([one.left.ids for one in hard])) == sorted(pool.left.ids)
    assert sum(len(one.right.counts) for one in hard) == len(pool.right.counts)


def test_neighbour_groups_keep_clusters_together() -> None:
    rng = np.random.default_rng(5)
    cluster = rng.permutation(np.repeat(np.arange(8), 16))
    centres = 20 * rng.normal(size=(8, 6))
    vectors = (centres[cluster] + rng.normal(size=(128, 6))).astype(np.float32)
    groups = neighbour_groups(vectors, size=16, rng=rng)
    assert sorted(np.concatenate(groups).tolist()) == list(range(128))
    assert all(len(group) == 16 for group in groups)
    assert np.mean([len(np.unique(cluster[group])) for group in groups]) < 3


def test_a_recipe_without_copyleft_leaves_those_sources_out(
    data_dir: Path, config: TrainingConfig
) -> None:
    free = dataclasses.replace(config, sources=SourcesConfig(copyleft=False))
    names = [path.name for path in training_files(data_dir, "parallel", config=free)]
    assert names == ["village.jsonl.zst"]
    assert len(training_files(data_dir, "parallel", config=config)) == 2
    assert free.fingerprint("sources") != config.fingerprint("sources")


def test_removing_the_language_directions_brings_translations_nearer(
    data_dir: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    tokenizer = prepare_tokenizer(data_dir, work_dir=tmp_path, config=config)
    corpus = prepare_corpus(data_dir, work_dir=tmp_path, tokenizer=tokenizer, config=config)
    rng = np.random.default_rng(0)
    table = rng.normal(size=(tokenizer.get_vocab_size(), 24)).astype(np.float32)
    vietnamese = tokenizer.encode(" ".join(words[1] for words in WORDS.values())).ids
    table[np.unique(vietnamese), 0] += 9.0
    directions = language_directions(table, corpus, config=config)
    np.testing.assert_allclose(directions @ directions.T, np.eye(len(directions)), atol=1e-5)
    assert np.abs(directions[:, 0]).max() > 0.8
    np.testing.assert_allclose(without_directions(table, directions) @ directions.T, 0, atol=1e-4)


def test_folding_gives_what_is_typed_without_diacritics() -> None:
    assert fold("Đường làng ở Nghệ An") == "Duong lang o Nghe An"
    assert fold("école") == "ecole"


def test_the_shipped_recipe_is_valid() -> None:
    shipped = load_config()
    assert len(shipped.languages) == 18
    with pytest.raises(TypeError):
        config_from_mapping({"optimiser": {"velocity": 1}})


def prepared(
    data_dir: Path, config: TrainingConfig, work_dir: Path, *, checkpoint: Path | None = None
) -> tuple[Trainer, PairSampler]:
    tokenizer = prepare_tokenizer(data_dir, work_dir=work_dir, config=config)
    corpus = prepare_corpus(data_dir, work_dir=work_dir, tokenizer=tokenizer, config=config)
    trainer = Trainer(tokenizer, config=config, checkpoint=checkpoint)
    return trainer, PairSampler(corpus, config=config)

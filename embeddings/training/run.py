"""The stages of a training run, each kept in the work directory under a hash of what shaped it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokenizers import Tokenizer
from tqdm import tqdm

from embeddings.encoders.static import StaticEncoder
from embeddings.evaluation.report import EncoderReport, evaluate_encoder
from embeddings.training.card import model_card
from embeddings.training.config import TrainingConfig
from embeddings.training.data import data_fingerprint
from embeddings.training.export import export_model, publish, write_details
from embeddings.training.hardness import HardBatches
from embeddings.training.sampling import PairSampler
from embeddings.training.sources import used_sources
from embeddings.training.subspace import language_directions, without_directions
from embeddings.training.tokenizer import balanced_texts, train_tokenizer
from embeddings.training.tokens import Corpus, build_corpus
from embeddings.training.trainer import Table, Trainer


def train_encoder(
    data_dir: Path, *, work_dir: Path, output: Path, config: TrainingConfig
) -> EncoderReport:
    """Make an encoder and return its scores; finished stages of the same recipe are reused.

    Args:
        data_dir: `parallel/`, `retrieval/`, `benchmarks/` in the documented format.
        work_dir: Caches and checkpoints; may be deleted afterwards.
        output: Replaced by the finished model only when everything succeeded.
        config: The recipe.

    Raises:
        FileNotFoundError: The data directory is incomplete.
        ExportError: The exported model fails its check; the output is untouched.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    with _timed("tokenizer"):
        tokenizer = prepare_tokenizer(data_dir, work_dir=work_dir, config=config)
    with _timed("corpus"):
        corpus = prepare_corpus(data_dir, work_dir=work_dir, tokenizer=tokenizer, config=config)
    with _timed("training"):
        table = prepare_table(corpus, work_dir=work_dir, tokenizer=tokenizer, config=config)
    staged = work_dir / "staged" / output.name
    with _timed("export"):
        export_model(tokenizer, table, staged)
        write_details(staged, name=output.name, score_floor=None)
    with _timed("evaluation"):
        report = evaluate_encoder(StaticEncoder(staged), data_dir, languages=config.languages)
    write_details(staged, name=output.name, score_floor=report.retrieval.score_floor)
    sources = used_sources(data_dir, config=config)
    card = model_card(name=output.name, config=config, report=report, sources=sources)
    (staged / "README.md").write_text(card, encoding="utf-8")
    publish(staged, output)
    return report


def prepare_tokenizer(data_dir: Path, *, work_dir: Path, config: TrainingConfig) -> Tokenizer:
    """Return the tokenizer of the recipe, learning it unless it is there."""
    path = work_dir / f"tokenizer-{_key(data_dir, config)}.json"
    if not path.exists():
        texts = tqdm(balanced_texts(data_dir, config=config), desc="sample", unit="text")
        partial = path.with_suffix(".partial")
        train_tokenizer(texts, config=config).save(str(partial), pretty=False)
        partial.replace(path)
    return Tokenizer.from_file(str(path))


def prepare_corpus(
    data_dir: Path, *, work_dir: Path, tokenizer: Tokenizer, config: TrainingConfig
) -> Corpus:
    """Return the tokenised corpus of the recipe, building it unless it is there."""
    path = work_dir / f"corpus-{_key(data_dir, config)}.npz"
    if not path.exists():
        build_corpus(data_dir, tokenizer=tokenizer, config=config).save(path)
    return Corpus.load(path)


def prepare_table(
    corpus: Corpus, *, work_dir: Path, tokenizer: Tokenizer, config: TrainingConfig
) -> Table:
    """Return the finished token table, continuing from the last checkpoint of the recipe."""
    trainer = Trainer(tokenizer, config=config, checkpoint=work_dir / "checkpoint.pt")
    batches = HardBatches(
        PairSampler(corpus, config=config), table=trainer.live_table, config=config
    )
    trainer.train(batches.batch)
    directions = language_directions(trainer.table, corpus, config=config)
    return without_directions(trainer.table, directions)


def _key(data_dir: Path, config: TrainingConfig) -> str:
    """Return what the tokenizer and the corpus depend on."""
    return f"{config.fingerprint('sources', 'tokenizer')}-{data_fingerprint(data_dir)}"


@contextmanager
def _timed(stage: str) -> Iterator[None]:
    """Print how long a stage took."""
    started = time.perf_counter()
    yield
    print(f"{stage}: {time.perf_counter() - started:.0f} s")

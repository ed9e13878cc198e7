"""The stages of a student's training, each kept in the work directory."""

import hashlib
import shutil
from pathlib import Path

import torch
from tokenizers import Tokenizer

from embeddings.encoders.sentence_transformer import SentenceTransformerEncoder
from embeddings.training.data import data_fingerprint
from embeddings.training.export import publish
from embeddings.training.sampling import PairSampler
from embeddings.training.sources import used_sources
from embeddings.training.student.card import student_card
from embeddings.training.student.config import StudentConfig
from embeddings.training.student.model import build_student, static_tokenizer
from embeddings.training.student.trainer import StudentTrainer
from embeddings.training.tokens import Corpus, build_corpus


def train_student(
    static: Path,
    data_dir: Path,
    *,
    work_dir: Path,
    output: Path,
    config: StudentConfig,
    onnx: Path | None = None,
) -> list[float]:
    """Make a student, on the graphics card if there is one, and return the loss of each step.

    Args:
        static: The finished static encoder whose tokenizer and table the student takes over.
        data_dir: `parallel/` and `retrieval/` in the documented format.
        work_dir: Caches and checkpoints; may be deleted afterwards.
        output: Replaced by the finished model only when everything succeeded.
        config: The recipe.
        onnx: Directory for the int8 model; needs the dependency group `student`.

    Raises:
        OSError: The data or the static encoder is incomplete.
        ImportError: An ONNX model is wanted and the packages for it are missing.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    tokenizer = static_tokenizer(static)
    corpus = _prepare_corpus(data_dir, work_dir=work_dir, tokenizer=tokenizer, config=config)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    weights = hashlib.sha256((static / "model.safetensors").read_bytes()).hexdigest()
    trainer = StudentTrainer(
        build_student(static, config=config, directory=work_dir / "student-untrained"),
        config=config,
        fingerprint=config.fingerprint(weights, tokenizer.to_str(), data_fingerprint(data_dir)),
        checkpoint=work_dir / "student-checkpoint.pt",
        device=device,
    )
    print(f"training on {device}, from step {trainer.step}")
    trainer.train(PairSampler(corpus, config=config.recipe).batch)
    staged = work_dir / "student-staged" / output.name
    shutil.rmtree(staged, ignore_errors=True)
    trainer.model.cpu().save(str(staged), create_model_card=False)
    encoder_id = SentenceTransformerEncoder(staged).encoder_id
    card = student_card(
        name=output.name,
        encoder_id=encoder_id,
        static=static.name,
        config=config,
        loss=trainer.losses[-1],
        sources=used_sources(data_dir, config=config.recipe),
    )
    (staged / "README.md").write_text(card, encoding="utf-8")
    (staged / "model.safetensors").chmod(0o644)  # written for the owner alone
    if onnx is not None:
        from embeddings.training.student.onnx import export_onnx

        export_onnx(staged, onnx)
    publish(staged, output)
    return trainer.losses


def _prepare_corpus(
    data_dir: Path, *, work_dir: Path, tokenizer: Tokenizer, config: StudentConfig
) -> Corpus:
    """Return the corpus in the static encoder's tokens, building it unless it is there."""
    pieces = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()[:8]
    recipe = config.recipe.fingerprint("sources", "tokenizer")
    path = work_dir / f"student-corpus-{pieces}-{recipe}-{data_fingerprint(data_dir)}.npz"
    if not path.exists():
        build_corpus(data_dir, tokenizer=tokenizer, config=config.recipe).save(path)
    return Corpus.load(path)

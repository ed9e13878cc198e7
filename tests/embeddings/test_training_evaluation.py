"""The measures the training run reports, on worlds small enough to count by hand."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zstandard")

import zstandard

from embeddings.encoders.base import Encoder, Vectors
from embeddings.evaluation.matching import matched_share, ntrex_scores, tatoeba_scores
from embeddings.evaluation.report import evaluate_encoder
from embeddings.evaluation.retrieval import retrieval_report

AXES = {"one": 0, "một": 0, "un": 0, "two": 1, "hai": 1, "deux": 1, "three": 2, "ba": 0}


class TableEncoder(Encoder):
    """Puts a word on its axis; "ba" (three) is wrongly put where "một" (one) is."""

    encoder_id = "table"
    dimensions = 3

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return np.eye(3, dtype=np.float32)[[AXES[text.split()[0]] for text in texts]]

    def subwords(self, text: str) -> list[str]:
        return text.split()


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(zstandard.ZstdCompressor().compress(lines.encode()))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    rows = [{"en": "one", "vi": "một"}, {"en": "two", "vi": "hai"}, {"en": "three", "vi": "ba"}]
    write_rows(tmp_path / "benchmarks" / "ntrex-first1000.jsonl.zst", rows)
    tatoeba = tmp_path / "benchmarks" / "tatoeba"
    tatoeba.mkdir()
    (tatoeba / "vi.tsv").write_text("một\tone\nhai\ttwo\nba\tthree\n", encoding="utf-8")
    first = [{"lang": "en", "query": "one", "passage": "one passage"}] * 98
    last = [
        {"lang": "en", "query": "one", "passage": "one passage"},
        {"lang": "vi-en", "query": "hai", "passage": "two passages"},
    ]
    write_rows(tmp_path / "retrieval" / "questions.jsonl.zst", first + last)
    return tmp_path


def test_matched_share_counts_rows_whose_nearest_candidate_is_their_own() -> None:
    vectors = np.eye(4, dtype=np.float32)
    assert matched_share(vectors, vectors) == 1.0
    assert matched_share(vectors, vectors[[1, 0, 2, 3]]) == 0.5


def test_a_wrong_translation_costs_a_third_in_the_direction_it_is_wrong(data_dir: Path) -> None:
    scores = tatoeba_scores(
        TableEncoder(), data_dir / "benchmarks" / "tatoeba", languages=["vi", "xx"]
    )
    assert list(scores) == ["vi"]
    assert scores["vi"].to_english == pytest.approx(2 / 3)


def test_ntrex_reports_both_targets_and_the_mixed_pool(data_dir: Path) -> None:
    path = data_dir / "benchmarks" / "ntrex-first1000.jsonl.zst"
    scores = ntrex_scores(TableEncoder(), path, languages=["en", "vi"])
    assert scores["vi"].to_english == pytest.approx(2 / 3)
    assert scores["vi"].to_vietnamese is None
    assert scores["en"].to_english is None
    assert scores["vi"].mixed_top1 == pytest.approx(2 / 3)


def test_retrieval_is_measured_on_the_held_back_rows_by_language_pair(data_dir: Path) -> None:
    report = retrieval_report(TableEncoder(), data_dir, languages=["en", "vi"])
    assert report.passages == 2
    assert set(report.by_language) == {"en", "vi-en"}
    assert report.same_language.mrr == report.cross_language.recall == 1.0
    assert report.score_floor == 1.0
    assert report.below_floor == 1.0


def test_the_report_prints_every_language(data_dir: Path) -> None:
    table = evaluate_encoder(TableEncoder(), data_dir, languages=["en", "vi"]).to_markdown()
    assert "| vi | 66.7 |" in table
    assert "| across languages | 1 | 1.000 | 1.000 |" in table


def test_the_command_explains_itself_without_loading_torch() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "embeddings.evaluation", "--help"],
        capture_output=True,
        text=True,
        cwd=root,
    )
    assert done.returncode == 0
    assert "--data" in done.stdout
    assert "torch" not in done.stderr

"""The measures the training run reports, on worlds small enough to count by hand."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zstandard")

import zstandard

from embeddings.encoders.base import Encoder, Vectors
from embeddings.encoders.static import StaticEncoder
from embeddings.errors import EncoderUnavailable
from embeddings.evaluation.loading import encoder_at
from embeddings.evaluation.matching import FIFTEEN, matched_share, mean_of_fifteen, tatoeba_scores
from embeddings.evaluation.ntrex import ntrex_report, random_languages
from embeddings.evaluation.report import evaluate_encoder
from embeddings.evaluation.targets import TARGETS, compared, laggards

ONE, TWO, THREE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
NEARLY_ONE = (0.9, 0.0, 0.19**0.5)
WORDS = {
    "one": ONE, "two": TWO, "three": THREE,
    "หนึ่ง": ONE, "สอง": TWO, "สาม": THREE,
    "một": ONE, "hai": TWO, "ba": NEARLY_ONE,
    "တစ်": ONE, "နှစ်": ONE, "သုံး": ONE,
}  # fmt: skip
SENTENCES = [
    {"en": "one", "vi": "một", "th": "หนึ่ง", "my": "တစ်"},
    {"en": "two", "vi": "hai", "th": "สอง", "my": "နှစ်"},
    {"en": "three", "vi": "ba", "th": "สาม", "my": "သုံး"},
]
MODELS = Path(__file__).resolve().parents[2] / "embeddings" / "models"


class TableEncoder(Encoder):
    """Puts a word on its axis; "ba" (three) is wrongly put near "một" (one), all Burmese on it."""

    encoder_id = "table"
    dimensions = 3

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        rows = [WORDS[text.split()[0]] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(-1, 3)

    def subwords(self, text: str) -> list[str]:
        return text.split()


class NumberEncoder(TableEncoder):
    """Puts "en 7" and "vi 7" on axis 7; Thai is not known to it."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), 40), dtype=np.float32)
        for row, (language, number) in enumerate(text.split() for text in texts):
            vectors[row, int(number)] = language != "th"
        return vectors


def write_rows(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(zstandard.ZstdCompressor().compress(lines.encode()))
    return path


def write_tatoeba(directory: Path, **lines: Sequence[str]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for language, pairs in lines.items():
        (directory / f"{language}.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    return directory


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_rows(tmp_path / "benchmarks" / "ntrex-first1000.jsonl.zst", SENTENCES)
    write_tatoeba(tmp_path / "benchmarks" / "tatoeba", vi=["một\tone", "hai\ttwo", "ba\tthree"])
    write_rows(
        tmp_path / "retrieval" / "questions.jsonl.zst",
        [{"lang": "en", "query": "one", "passage": "one passage"}] * 50,
    )
    return tmp_path


def test_matched_share_counts_rows_whose_nearest_candidate_is_their_own() -> None:
    vectors = np.eye(4, dtype=np.float32)
    assert matched_share(vectors, vectors) == 1.0
    assert matched_share(vectors, vectors[[1, 0, 2, 3]]) == 0.5


def test_a_wrong_translation_costs_a_third_in_the_direction_it_is_wrong(tmp_path: Path) -> None:
    directory = write_tatoeba(tmp_path, vi=["một\tone", "hai\ttwo", "ba\tthree"])
    scores = tatoeba_scores(TableEncoder(), directory, languages=["vi", "xx"])
    assert list(scores) == ["vi"]
    assert scores["vi"].sentences == 3
    # "ba" is nearest to "one"; but of the three Vietnamese words "ba" is the nearest to "three".
    assert scores["vi"].to_english == pytest.approx(2 / 3)
    assert scores["vi"].from_english == 1.0


def test_the_mean_is_that_of_the_fifteen_or_none(tmp_path: Path) -> None:
    right, wrong = ["one\tone", "two\ttwo"], ["one\ttwo", "two\tone"]
    directory = write_tatoeba(tmp_path, **dict.fromkeys(FIFTEEN[1:], right), vi=wrong, lo=wrong)
    whole = tatoeba_scores(TableEncoder(), directory, languages=[*FIFTEEN, "lo"])
    assert mean_of_fifteen(whole) == pytest.approx(14 / 15)
    part = tatoeba_scores(TableEncoder(), directory, languages=FIFTEEN[1:])
    assert mean_of_fifteen(part) is None


def test_missing_or_broken_tatoeba_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Tatoeba"):
        tatoeba_scores(TableEncoder(), tmp_path, languages=["vi"])
    with pytest.raises(ValueError, match=r"vi\.tsv"):
        tatoeba_scores(TableEncoder(), write_tatoeba(tmp_path, vi=["một"]), languages=["vi"])


def test_ntrex_matches_every_pair_both_ways_and_leaves_burmese_out_of_the_means(
    tmp_path: Path,
) -> None:
    path = write_rows(tmp_path / "ntrex.jsonl.zst", SENTENCES)
    report = ntrex_report(TableEncoder(), path, languages=["en", "vi", "th", "my"])
    assert report.sentences == 3
    assert report.to_pivot["en"] == pytest.approx({"vi": 2 / 3, "th": 1.0, "my": 1 / 3})
    assert report.from_pivot["en"] == pytest.approx({"vi": 1.0, "th": 1.0, "my": 1 / 3})
    assert report.mean_to_pivot["en"] == pytest.approx((2 / 3 + 1) / 2)
    assert report.mean_from_pivot["vi"] == pytest.approx(2 / 3)
    assert set(report.to_pivot) == {"en", "vi", "th"}


def test_pools_of_mixed_languages_without_burmese(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "ntrex.jsonl.zst", SENTENCES)
    report = ntrex_report(TableEncoder(), path, languages=["en", "vi", "th", "my"])
    assert list(report.mixed) == ["en", "vi", "th"]
    # "three" finds the Thai word first and "ba" second: both translations among the nearest two.
    assert (report.mixed["en"].all_languages, report.mixed["en"].all_recall) == (1.0, 1.0)
    # "ba" finds "one" and its Thai translation.
    assert report.mixed["vi"].all_languages == pytest.approx(2 / 3)
    assert report.mixed["vi"].all_recall == pytest.approx(2 / 3)
    assert report.mixed["vi"].random_language == pytest.approx(2 / 3)
    assert report.mean_random_language == pytest.approx((1 + 2 / 3 + 1) / 3)


def test_a_candidate_in_a_random_language_is_found_only_if_that_language_is_understood(
    tmp_path: Path,
) -> None:
    rows = [{code: f"{code} {number}" for code in ("en", "vi", "th")} for number in range(40)]
    path = write_rows(tmp_path / "ntrex.jsonl.zst", rows)
    report = ntrex_report(NumberEncoder(), path, languages=["en", "vi", "th"])
    drawn = random_languages("en", ["vi", "th"], 40)
    assert set(drawn) == {0, 1}
    in_vietnamese = drawn == 0
    in_vietnamese[0] = True  # without any near candidate the first one is taken
    assert report.mixed["en"].random_language == pytest.approx(in_vietnamese.mean())
    assert report.mixed["en"].all_languages == 1.0


def test_the_languages_drawn_are_the_same_every_time_and_others_for_other_questions() -> None:
    others = [str(number) for number in range(16)]
    first = random_languages("en", others, 1000)
    assert np.array_equal(first, random_languages("en", others, 1000))
    assert not np.array_equal(first, random_languages("vi", others, 1000))
    assert set(first) == set(range(16))


def test_ntrex_without_the_wanted_languages_says_so(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "ntrex.jsonl.zst", SENTENCES)
    with pytest.raises(ValueError, match="two of the wanted languages"):
        ntrex_report(TableEncoder(), path, languages=["en", "sw"])


def test_a_target_is_reached_by_the_unrounded_figure() -> None:
    results = {one.label: one for one in compared({"ntrex.random": 0.6996, "tatoeba.vi": 0.92})}
    assert len(results) == len(TARGETS) == 14
    assert results["NTREX, candidates in random languages"].reached is False
    assert results["Tatoeba vi→en"].reached is True
    assert results["Tatoeba th→en"].measured is results["Tatoeba th→en"].reached is None


def test_laggards_are_more_than_25_points_behind_furthest_first() -> None:
    shares = {"am": 0.375, "vi": 0.875, "km": 0.25, "lo": 0.5}
    assert [one.language for one in laggards("x", shares, 0.75)] == ["km", "am"]
    assert laggards("x", shares, None) == []


def test_the_report_has_every_part_as_markdown_and_as_json(data_dir: Path) -> None:
    report = evaluate_encoder(TableEncoder(), data_dir, languages=["en", "vi", "th", "my"])
    text = report.to_markdown()
    assert "| Tatoeba vi→en | 92.0 | 66.7 | no |" in text
    assert "| Tatoeba X→en, mean of the fifteen | 80.0 | – | not measured |" in text
    assert "| Retrieval recall@10, same language, small pool | 93.0 | 100.0 | yes |" in text
    assert "| vi | 3 | 66.7 | 100.0 |" in text
    assert "| my (Zawgyi) | 33.3 | 33.3 | 33.3 | 33.3 | 33.3 | 33.3 |" in text
    assert "More than 25 points under the mean: none." in text
    assert "| **same language** | 1 | 1.000 | 1.000 |" in text
    again = json.loads(json.dumps(dataclasses.asdict(report)))
    assert list(again) == ["encoder_id", "targets", "laggards", "tatoeba", "tatoeba_mean", "ntrex", "pools", "retrieval"]  # fmt: skip
    assert again["ntrex"]["to_pivot"]["vi"]["en"] == 1.0
    assert again["retrieval"]["score_floor"] == 1.0


def test_an_incomplete_data_directory_is_refused(data_dir: Path) -> None:
    (data_dir / "retrieval" / "questions.jsonl.zst").unlink()
    with pytest.raises(FileNotFoundError, match="retrieval"):
        evaluate_encoder(TableEncoder(), data_dir, languages=["en", "vi"])


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"modules.json": "no JSON"},
        {"modules.json": '{"type": 1}'},
        {"modules.json": '[{"path": "", "type": "somewhere.Else"}]'},
        {
            "modules.json": '[{"path": "", "type": "sentence_transformers.models.StaticEmbedding"}]',
            "model.safetensors": "short",
            "tokenizer.json": "{}",
        },
    ],
)
def test_a_directory_without_an_encoder_is_refused_by_its_name(
    tmp_path: Path, files: dict[str, str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(EncoderUnavailable):
        encoder_at(tmp_path)


@pytest.mark.parametrize(
    "name", ["nowhere", "intfloat/multilingual-e5-small", "a\x00b", "model.txt"]
)
def test_only_a_directory_can_be_an_encoder(tmp_path: Path, name: str) -> None:
    (tmp_path / "model.txt").touch()
    with pytest.raises(EncoderUnavailable, match="There is no model directory"):
        encoder_at(tmp_path / name)


def test_a_static_model_is_read_as_one() -> None:
    (bundled,) = MODELS.iterdir()
    assert isinstance(encoder_at(bundled), StaticEncoder)

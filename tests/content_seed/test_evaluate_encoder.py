"""The command that measures an encoder, and the needs asked of an encoder alone."""

import dataclasses
import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from wagtail.models import PageViewRestriction

from content_seed import evaluate_encoder
from content_seed.evaluate import Need, evaluate
from content_seed.evaluate_encoder import (
    CollectionNotLoadedError,
    _nearest_works,
    loaded_passages,
    needs_report,
)
from content_seed.management.commands import evaluate_encoder as command
from embeddings.conf import get_encoder
from embeddings.encoders.fake import FakeEncoder
from embeddings.evaluation.measures import judged
from knowledge.sync import drain_pending
from tests.factories import work

pytestmark = pytest.mark.django_db

NEEDS = [
    Need(
        id="N1",
        language="fr",
        query="miel",
        answers={"bees": frozenset({"B-1"}), "bamboo": frozenset({"B-2"})},
        has_same_language=False,
    ),
    Need(
        id="N2",
        language="en",
        query="☃",
        answers={"bees": frozenset({"B-1"})},
        has_same_language=True,
    ),
]


@pytest.fixture
def collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bees is about honey in its second passage only; a work of an editor and a private one."""
    work(title="Bamboo", text="Bamboo.", summary="Bamboo.", collection_slug="bamboo")
    work(title="Water", text="Water and honey.", summary="Water.", collection_slug="water")
    work(title="Bees", text="Bamboo.\n\n## Hive\n\nHoney.", summary="Bees.", collection_slug="bees")
    work(title="Honey", text="Honey.", summary="Honey.")
    private = work(title="Honey", text="Honey.", summary="Honey.", collection_slug="private")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    drain_pending()
    monkeypatch.setattr(evaluate_encoder, "relevance_files", lambda: ["few"])
    monkeypatch.setattr(evaluate_encoder, "read_needs", lambda name: NEEDS)


def run(*arguments: str, **options: Any) -> str:
    output = io.StringIO()
    call_command("evaluate_encoder", *arguments, stdout=output, stderr=io.StringIO(), **options)
    return output.getvalue()


@pytest.fixture
def no_directory_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "encoder_at", lambda path, **prompts: get_encoder())


def test_measures_are_those_computed_by_hand() -> None:
    values = judged({"a": {"x", "y"}, "b": {"x"}}, {"a": ["z", "x"], "c": ["x"]})
    ndcg = (1 / math.log2(3)) / (1 + 1 / math.log2(3))
    assert values["a"] == pytest.approx({"recall@10": 0.5, "MRR": 0.5, "nDCG@10": ndcg})
    assert values["b"] == {"recall@10": 0.0, "MRR": 0.0, "nDCG@10": 0.0}


def test_only_public_works_of_the_collection_are_searched(collection: None) -> None:
    assert set(loaded_passages().works) == {"bees", "bamboo", "water"}


def test_a_work_is_as_near_as_its_nearest_passage() -> None:
    """Were passages averaged or only the first one read, water would come first."""
    encoder = FakeEncoder(concepts={"honey": ["miel", "honey"], "b": ["bamboo"], "w": ["water"]})
    vectors = encoder.encode_passages(["Water and honey.", "Bamboo.", "Honey."])
    found = _nearest_works(NEEDS[:1], encoder, vectors, ["water", "bees", "bees"])
    assert found == {"N1": ["bees", "water"]}


def test_another_encoder_than_the_configured_one_is_measured_alone(collection: None) -> None:
    encoder = FakeEncoder(concepts={"honey": ["miel", "honey"], "b": ["bamboo"], "w": ["water"]})
    found = needs_report(encoder)
    assert found.works == 3
    assert found.dense["few"].by_language["fr"].values["MRR"] == 1.0
    assert found.dense["few"].by_direction["cross"].needs == 1
    assert found.hybrid is None


def test_a_question_without_direction_finds_nothing(collection: None) -> None:
    encoder = FakeEncoder(concepts={"honey": ["miel", "honey"]})
    found = needs_report(encoder).dense["few"]
    assert found.missed == ["N2"]
    assert found.overall.values["MRR"] == pytest.approx(1 / 2)


def test_the_configured_encoder_is_also_measured_in_the_search(
    collection: None, no_directory_needed: None
) -> None:
    found = json.loads(run("somewhere", "--json"))
    assert set(found) == {"encoder_id", "left_out", "benchmarks", "needs"}
    assert found["encoder_id"] == get_encoder().encoder_id
    assert found["benchmarks"] is None
    assert found["left_out"] == ["Tatoeba, NTREX and retrieval: they need --data."]
    assert set(found["needs"]["hybrid"]) == set(found["needs"]["dense"]) == {"few"}
    assert found["needs"]["hybrid"]["few"] == dataclasses.asdict(evaluate(NEEDS))


def test_the_report_is_printed_with_what_was_left_out(
    collection: None, no_directory_needed: None
) -> None:
    text = run("somewhere")
    assert text.startswith(f"## {get_encoder().encoder_id}\n")
    assert "Left out: Tatoeba, NTREX and retrieval" in text
    assert "| few | n | dense recall@10 |" in text
    assert "| cross | 1 |" in text


def test_an_empty_database_says_how_to_load_the_collection(no_directory_needed: None) -> None:
    with pytest.raises(CollectionNotLoadedError, match="load_collection"):
        needs_report(get_encoder())
    with pytest.raises(CommandError, match=r"Nothing was measured[\s\S]*--data[\s\S]*load_coll"):
        run("somewhere")


def test_a_path_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no model directory"):
        run("intfloat/multilingual-e5-small")
    with pytest.raises(CommandError, match=r"modules\.json is missing"):
        run(str(tmp_path))


def test_a_data_directory_without_data_is_refused(
    tmp_path: Path, no_directory_needed: None
) -> None:
    pytest.importorskip("zstandard")
    with pytest.raises(CommandError, match="no complete data directory"):
        run("somewhere", "--data", str(tmp_path))
    (tmp_path / "benchmarks" / "tatoeba").mkdir(parents=True)
    (tmp_path / "benchmarks" / "tatoeba" / "vi.tsv").write_text("một\tone\n", encoding="utf-8")
    (tmp_path / "benchmarks" / "ntrex-first1000.jsonl.zst").write_bytes(b"not compressed")
    with pytest.raises(CommandError, match="no complete data directory"):
        run("somewhere", "--data", str(tmp_path))


def test_the_command_needs_neither_torch_nor_the_training_packages_to_start() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "manage.py", "evaluate_encoder", "--help"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 0
    assert "--data" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"torch", "zstandard"}

import inspect
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils.module_loading import import_string

from embeddings import switch
from embeddings.conf import get_encoder
from embeddings.encoders.base import Vectors
from embeddings.encoders.fake import FakeEncoder
from embeddings.management.commands import switch_encoder
from embeddings.models import IndexState, Passage, PassageEncoding
from embeddings.service import compare_rows_with_view, search, sync_document
from embeddings.types import SearchQuery, Section, SourceDocument
from embeddings.view import IndexView
from tests.embeddings.tiny_models import build

pytestmark = pytest.mark.django_db

OTHER = {
    "BACKEND": "embeddings.encoders.fake.FakeEncoder",
    "OPTIONS": {"concepts": {"bees": ["honey", "hive"]}, "dimensions": 32, "score_floor": 0.3},
}


class RestlessEncoder(FakeEncoder):
    """Makes another vector of the same text each time."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        numbers = np.random.default_rng().normal(size=(len(texts), self.dimensions))
        return (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float32)


def put(key: str, *texts: str) -> None:
    document = SourceDocument(
        key=key,
        work=key,
        language="en",
        title="T",
        sections=[Section(heading=str(n), text=text) for n, text in enumerate(texts)],
    )
    sync_document(key, lambda: document)


@pytest.fixture(autouse=True)
def documents() -> None:
    for number in range(4):
        put(f"d{number}", "Honey.", f"Water {number}.")


def ids() -> set[str]:
    return set(Passage.objects.values_list("encoder_id", flat=True))


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("switch_encoder", *arguments, stdout=out, verbosity=0, **options)
    return out.getvalue()


def test_every_process_changes_over_to_the_new_encoder() -> None:
    view = IndexView()
    view.catch_up()
    (old,) = ids()
    encoder = switch.switch(OTHER)
    assert ids() == {encoder.encoder_id} != {old}
    view.catch_up()
    assert view.encoder is encoder
    assert view.dense is not None
    assert (view.dense.dimensions, view.count_with_vectors()) == (32, 8)
    assert compare_rows_with_view().is_consistent
    assert search(SearchQuery(text="hive")).total == 4


def test_what_is_written_later_is_written_with_the_encoder_in_force() -> None:
    encoder = switch.switch(OTHER)
    put("late", "Honey.")
    assert ids() == {encoder.encoder_id}
    assert compare_rows_with_view().is_consistent


def test_a_build_that_was_killed_goes_on_where_it_was() -> None:
    encoder = get_encoder(OTHER)

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        switch.switch(OTHER, batch=3, progress=die)
    assert encoder.encoder_id not in ids()
    assert switch.status_of(encoder).missing == 5
    encoded: list[int] = []
    switch.switch(OTHER, batch=3, progress=encoded.append)
    assert sum(encoded) == 5
    assert ids() == {encoder.encoder_id}


def test_searches_use_the_old_encoder_until_the_swap() -> None:
    before = search(SearchQuery(text="honey"))
    switch.stage(get_encoder(OTHER))
    after = search(SearchQuery(text="honey"))
    assert [hit.similarity for hit in after.hits] == [hit.similarity for hit in before.hits]


def test_a_document_written_during_the_build_is_in_the_swap() -> None:
    encoder = get_encoder(OTHER)
    switch.stage(encoder)
    put("d0", "Bamboo.")
    put("late", "Honey.")
    switch.switch(OTHER)
    assert ids() == {encoder.encoder_id}
    assert compare_rows_with_view().is_consistent


def test_going_back_gives_the_old_vectors_without_encoding_them_again() -> None:
    before = {row.pk: (bytes(row.vector), bytes(row.record)) for row in Passage.objects.all()}
    switch.switch(OTHER)
    assert PassageEncoding.objects.count() == len(before)
    encoded: list[int] = []
    switch.switch(switch.previous(), progress=encoded.append)
    assert encoded == []
    after = {row.pk: (bytes(row.vector), bytes(row.record)) for row in Passage.objects.all()}
    assert after == before
    assert IndexState.objects.get().previous_encoder == OTHER


def test_an_encoder_that_is_in_force_or_does_not_hold_still_is_refused() -> None:
    with pytest.raises(switch.SwitchRefused, match="in force already"):
        switch.switch({})
    restless = {"BACKEND": f"{__name__}.RestlessEncoder", "OPTIONS": {"concepts": {}}}
    before = ids()
    with pytest.raises(switch.SwitchRefused, match="another vector"):
        switch.switch(restless)
    assert ids() == before
    with pytest.raises(switch.SwitchRefused, match="No encoder"):
        switch.previous()


def test_the_command_checks_switches_goes_back_and_discards(tmp_path: Path) -> None:
    model = str(build("e5", tmp_path / "model"))
    prompts = ("--query-prompt", "query: ", "--passage-prompt", "passage: ")
    (old,) = ids()
    assert "0 of 8 passages staged" in run(model, *prompts, "--check")
    assert ids() == {old}
    assert "is in force" in run(model, *prompts, "--score-floor", "0.5")
    options = IndexState.objects.get().encoder["OPTIONS"]
    assert options["query_prompt"] == "query: "
    assert options["score_floor"] == 0.5
    assert get_encoder(IndexState.objects.get().encoder).encoder_id in ids()
    assert search(SearchQuery(text="village honey")).query_language is None
    run("--rollback")
    assert ids() == {old}
    assert "staged encodings deleted" in run("--discard")
    assert not PassageEncoding.objects.exists()


@pytest.mark.parametrize("name", ["static.Static", "sentence_transformer.SentenceTransformer", "onnx.Onnx"])  # fmt: skip
def test_each_class_is_given_the_model_by_its_own_name_for_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    backend = f"embeddings.encoders.{name}Encoder"
    given: list[switch.Spec] = []
    monkeypatch.setattr(
        switch_encoder, "get_encoder", lambda spec: given.append(spec) or FakeEncoder()
    )
    run("some/model", "--backend", backend, "--check")
    inspect.signature(import_string(backend)).bind(**given[0]["OPTIONS"])


def test_leave_to_download_is_for_the_command_alone(tmp_path: Path) -> None:
    model = str(build("e5", tmp_path / "model"))
    run(model, "--query-prompt", "query: ", "--allow-download")
    assert IndexState.objects.get().encoder["OPTIONS"] == {
        "model": model,
        "query_prompt": "query: ",
    }


@pytest.mark.parametrize("batch", ["0", "-1", "many"])
def test_a_batch_holds_one_passage_or_more(batch: str) -> None:
    with pytest.raises(CommandError, match="--batch"):
        run("some/model", "--batch", batch)


@pytest.mark.parametrize("arguments", [[], ["/no/such/model"], ["--rollback"]])
def test_what_cannot_be_done_is_said_in_a_sentence(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"\w+.*\."):
        run(*arguments)

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from pytest_django import Settings

from embeddings.encoders.base import Vectors
from embeddings.encoders.fake import FakeEncoder
from embeddings.models import DocumentChange, IndexState, Passage
from embeddings.records import PassageRecord, word_codes
from embeddings.service import search
from embeddings.store import (
    SyncOutcome,
    passage_for_encoding,
    stored_state,
    sync_document,
    wanted_state,
)
from embeddings.types import SearchQuery, Section, SourceDocument
from embeddings.view import get_view

pytestmark = pytest.mark.django_db


class CountingEncoder(FakeEncoder):
    """Remembers which whole passages it was asked to encode."""

    encoded: list[str] = []

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(text for text in texts if "\n" in text)  # sentences have none
        return super().encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return super().encode_passages(texts)


DOCUMENT = SourceDocument(
    key="page:1",
    work="w",
    language="en",
    title="Bees",
    sections=[Section(heading="One", text="Honey."), Section(heading="Two", text="Water.")],
    facets={"kind": ["policy"], "theme": ["b", "a"]},
    scope="0001",
)
HONEY, WATER = "Bees\nOne\nHoney.", "Bees\nTwo\nWater."


@pytest.fixture
def encoded(settings: Settings) -> list[str]:
    settings.EMBEDDINGS = {
        "ENCODER": {
            "BACKEND": f"{__name__}.CountingEncoder",
            "OPTIONS": {"concepts": {"honey": ["honey", "miel"]}, "score_floor": 0.45},
        }
    }
    CountingEncoder.encoded.clear()
    return CountingEncoder.encoded


def sync(document: SourceDocument | None, key: str = "page:1") -> SyncOutcome:
    return sync_document(key, lambda: document)


def position() -> int:
    return IndexState.objects.get().position


def test_a_new_document_is_encoded_with_its_title_and_headings(encoded: list[str]) -> None:
    assert sync(DOCUMENT) == SyncOutcome.INDEXED
    assert encoded == [HONEY, WATER]
    rows = list(Passage.objects.order_by("position"))
    assert [(row.position, row.heading, row.text) for row in rows] == [
        (0, "One", "Honey."),
        (1, "Two", "Water."),
    ]
    assert rows[0].facets == {"kind": ["policy"], "theme": ["a", "b"]}
    assert (rows[0].work, rows[0].language, rows[0].scope) == ("w", "en", "0001")


def test_the_same_document_again_encodes_and_logs_nothing(encoded: list[str]) -> None:
    sync(DOCUMENT)
    encoded.clear()
    assert sync(DOCUMENT) == SyncOutcome.UNCHANGED
    assert encoded == []
    assert position() == 1
    assert DocumentChange.objects.count() == 1


def test_the_order_of_facet_values_is_no_change(encoded: list[str]) -> None:
    sync(DOCUMENT)
    other = replace(DOCUMENT, facets={"theme": ["a", "b"], "kind": ["policy"]})
    assert sync(other) == SyncOutcome.UNCHANGED


def test_only_the_changed_passage_is_encoded_again(encoded: list[str]) -> None:
    sync(DOCUMENT)
    encoded.clear()
    changed = replace(
        DOCUMENT,
        sections=[
            Section(heading="New", text="First."),
            DOCUMENT.sections[1],
            DOCUMENT.sections[0],
        ],
    )
    assert sync(changed) == SyncOutcome.INDEXED
    assert encoded == ["Bees\nNew\nFirst."]
    assert list(Passage.objects.order_by("position").values_list("text", flat=True)) == [
        "First.",
        "Water.",
        "Honey.",
    ]
    assert position() == 2


@pytest.mark.parametrize(
    "change", [{"facets": {"kind": ["lesson"]}}, {"scope": "0002"}, {"work": "v"}], ids=str
)
def test_what_does_not_enter_the_vector_is_written_without_encoding(
    encoded: list[str], change: dict[str, object]
) -> None:
    sync(DOCUMENT)
    encoded.clear()
    assert sync(replace(DOCUMENT, **change)) == SyncOutcome.INDEXED
    assert encoded == []
    assert position() == 2


def test_a_new_title_encodes_every_passage_again(encoded: list[str]) -> None:
    sync(DOCUMENT)
    encoded.clear()
    sync(replace(DOCUMENT, title="Hives"))
    assert encoded == ["Hives\nOne\nHoney.", "Hives\nTwo\nWater."]


def test_a_removed_document_leaves_no_row_and_is_logged_once(encoded: list[str]) -> None:
    sync(DOCUMENT)
    assert sync(None) == SyncOutcome.REMOVED
    assert Passage.objects.count() == 0
    assert position() == 2
    assert sync(None) == SyncOutcome.UNCHANGED
    assert position() == 2


def test_removing_what_was_never_there_changes_nothing(encoded: list[str]) -> None:
    assert sync(None, "page:99") == SyncOutcome.UNCHANGED
    assert position() == 0
    assert DocumentChange.objects.count() == 0


def test_a_key_that_begins_alike_is_another_document(encoded: list[str]) -> None:
    sync(DOCUMENT)
    sync(replace(DOCUMENT, key="page:11"), "page:11")
    sync(None)
    assert set(Passage.objects.values_list("document_key", flat=True)) == {"page:11"}


def test_a_document_that_became_empty_is_logged_as_a_change(encoded: list[str]) -> None:
    sync(DOCUMENT)
    sync(replace(DOCUMENT, sections=[]))
    assert Passage.objects.count() == 0
    assert position() == 2


def test_positions_of_the_log_increase_by_one(encoded: list[str]) -> None:
    for number in range(4):
        sync(replace(DOCUMENT, key=f"page:{number}"), f"page:{number}")
    changes = DocumentChange.objects.order_by("position").values_list("position", "document_key")
    assert list(changes) == [(1, "page:0"), (2, "page:1"), (3, "page:2"), (4, "page:3")]
    assert position() == 4


def test_a_failing_load_changes_nothing(encoded: list[str]) -> None:
    sync(DOCUMENT)

    def fail() -> SourceDocument:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        sync_document("page:1", fail)
    assert Passage.objects.count() == 2
    assert position() == 1


def test_two_passages_alike_in_one_document_are_both_kept(encoded: list[str]) -> None:
    sync(replace(DOCUMENT, sections=[Section(heading="", text="Honey.")] * 2))
    assert list(Passage.objects.values_list("position", flat=True)) == [0, 1]


def test_another_encoder_never_meets_the_vectors_of_the_first(
    encoded: list[str], settings: Settings
) -> None:
    sync(DOCUMENT)
    first = Passage.objects.values_list("encoder_id", flat=True)[0]
    settings.EMBEDDINGS = {
        "ENCODER": {
            "BACKEND": f"{__name__}.CountingEncoder",
            "OPTIONS": {"concepts": {"x": ["x"]}, "dimensions": 32},
        }
    }
    view = get_view()
    view.catch_up()
    assert view.dense is not None
    assert (view.count_with_vectors(), len(view.lexical)) == (0, 2)
    assert [hit.similarity for hit in search(SearchQuery(text="honey")).hits] == [None]
    encoded.clear()
    assert sync(DOCUMENT) == SyncOutcome.INDEXED
    assert encoded == [HONEY, WATER]
    assert first not in set(Passage.objects.values_list("encoder_id", flat=True))
    view.catch_up()
    assert view.count_with_vectors() == 2


def test_a_passage_keeps_the_notes_it_cites_and_no_others(encoded: list[str]) -> None:
    cited = replace(
        DOCUMENT,
        sections=[Section(heading="", text="Forty points [@VN-1; @VN-9]."), DOCUMENT.sections[0]],
        notes={"VN-1": "40 of 100", "VN-2": "not cited here"},
    )
    sync(cited)
    notes = list(Passage.objects.order_by("position").values_list("text", "notes"))
    assert notes == [("Forty points.", {"VN-1": "40 of 100"}), ("Honey.", {})]
    assert sync(cited) == SyncOutcome.UNCHANGED
    assert sync(replace(cited, notes={"VN-1": "35 of 100"})) == SyncOutcome.INDEXED


def test_stored_and_wanted_state_agree_exactly_after_synchronisation(encoded: list[str]) -> None:
    assert stored_state("page:1") == []
    sync(DOCUMENT)
    assert stored_state("page:1") == wanted_state(DOCUMENT)
    assert stored_state("page:1") != wanted_state(replace(DOCUMENT, scope="0002"))


def test_a_stored_vector_is_the_encoders_to_half_precision(encoded: list[str]) -> None:
    sync(DOCUMENT)
    rows = list(Passage.objects.order_by("position"))
    assert len(rows[0].vector) == 64 * 2
    wanted = CountingEncoder(concepts={"honey": ["honey", "miel"]}).encode_passages([HONEY, WATER])
    stored = np.array([np.frombuffer(row.vector, "<f2") for row in rows], np.float32)
    assert stored == pytest.approx(wanted, abs=1e-3)


def test_a_record_holds_the_vectors_and_tokens_that_ranking_reads(encoded: list[str]) -> None:
    text = "Honey is sweet and good. Water is clear and cold."
    sync(replace(DOCUMENT, sections=[Section(heading="One", text=text)]))
    row = Passage.objects.get()
    record = PassageRecord.unpack(bytes(row.record), 64)
    assert (len(record.scales), record.sentences, record.title_words) == (3, 2, 1)
    assert row.words == "bees one honey is sweet and good water is clear and cold"
    assert record.words.tolist() == word_codes(row.words.split()).tolist()
    wanted = CountingEncoder(concepts={"honey": ["honey", "miel"]}).encode_passages(
        [f"Bees\nOne\n{text}", *text.replace(". ", ".|").split("|")]
    )
    assert record.codes * record.scales[:, None] == pytest.approx(wanted, abs=0.01)


def test_empty_headings_leave_no_empty_line() -> None:
    assert passage_for_encoding(title="T", heading="", text="x") == "T\nx"


def test_a_text_in_another_language_than_it_says_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The language check of a document: editors are told, the declared language stays."""
    text = "ผลิตภัณฑ์ของชุมชนต้องผ่านการคัดสรรระดับจังหวัดก่อนส่งให้คณะกรรมการระดับประเทศพิจารณา"
    document = SourceDocument(
        key="page:9", work="w", language="vi", title="T", sections=[Section(heading="", text=text)]
    )
    sync_document("page:9", lambda: document)
    assert "page:9 says vi but reads as th." in caplog.text
    assert Passage.objects.get().language == "vi"

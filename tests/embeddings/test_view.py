import uuid
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from embeddings.encoders.fake import FakeEncoder
from embeddings.models import DocumentChange, IndexState, Passage
from embeddings.service import search
from embeddings.store import sync_document
from embeddings.types import SearchQuery, Section, SourceDocument
from embeddings.view import IndexView, get_view
from portal.settings.test import CONCEPTS

pytestmark = pytest.mark.django_db
HONEY = FakeEncoder(concepts=CONCEPTS).encode_queries(["honey"])[0]


def put(key: str, text: str = "Honey.") -> None:
    document = SourceDocument(
        key=key, work=key, language="en", title="T", sections=[Section(heading="", text=text)]
    )
    sync_document(key, lambda: document)


def drop(key: str) -> None:
    sync_document(key, lambda: None)


def held(view: IndexView) -> list[str]:
    """The documents that all parts of a view hold."""
    view.catch_up()
    selection = view.select_all()
    documents = [view.columns.documents[number].key for number in selection.documents.nonzero()[0]]
    passages = view.columns.count_passages()
    assert view.count_with_vectors() == len(view.lexical) == passages == len(documents)
    assert len(view.nearest(HONEY, limit=1_000)) == passages
    return documents


def test_a_view_of_an_untouched_database_is_empty() -> None:
    assert held(IndexView()) == []


def test_every_view_catches_up_with_what_another_process_wrote() -> None:
    """Two views stand for two processes: neither is told of a change, both read the log."""
    one, other = IndexView(), IndexView()
    assert held(one) == held(other) == []
    put("a")
    put("b")
    assert held(one) == ["a", "b"]
    drop("a")
    put("c")
    assert held(one) == held(other) == ["b", "c"]
    assert one.position == other.position == 4


def test_a_changed_document_replaces_its_former_self() -> None:
    view = IndexView()
    put("a", "Honey.")
    held(view)
    put("a", "Water.")
    assert held(view) == ["a"]
    assert view.columns.count_slots() == 2


def test_a_document_changed_many_times_is_read_once() -> None:
    view = IndexView()
    held(view)
    for number in range(5):
        put("a", f"Honey {number}.")
    held(view)
    assert view.columns.count_slots() == 1


def test_nothing_new_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    view = IndexView()
    put("a")
    held(view)
    with django_assert_num_queries(1):
        view.catch_up()


def test_another_generation_is_built_anew_even_at_the_same_position() -> None:
    view = IndexView()
    put("a")
    held(view)
    columns = view.columns
    IndexState.objects.update(generation=uuid.uuid4())
    assert held(view) == ["a"]
    assert view.columns is not columns


def test_a_log_that_went_back_is_built_anew() -> None:
    view = IndexView()
    put("a")
    put("b")
    held(view)
    columns = view.columns
    IndexState.objects.update(position=1)
    held(view)
    assert view.columns is not columns
    assert view.position == 1


def test_a_view_worn_by_many_changes_is_renewed(settings: Settings) -> None:
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "TAIL_LIMIT": 2}
    view = IndexView()
    for number in range(5):
        put("a", f"Honey {number}.")
        assert held(view) == ["a"]
    assert view.columns.count_slots() < 4


def test_a_view_older_than_the_log_is_built_anew() -> None:
    view = IndexView()
    put("a")
    held(view)
    put("b")
    DocumentChange.objects.all().delete()
    IndexState.objects.update(log_start=2)
    put("c")
    assert held(view) == ["a", "b", "c"]


def test_a_shown_sentence_is_never_of_the_former_text() -> None:
    put("a", "Honey was old.")
    search(SearchQuery(text="honey"))
    put("a", "Honey is new.")
    (hit,) = search(SearchQuery(text="honey")).hits
    assert (hit.passage, hit.sentence) == ("Honey is new.", "Honey is new.")


@pytest.mark.parametrize("from_passages", [{"INT8_FROM": 1}, {"INT8_FROM": 1, "IVF_FROM": 1}])
@pytest.mark.parametrize("kept", [False, True], ids=["in-memory", "in-files"])
def test_a_base_of_any_kind_holds_every_row(
    settings: Settings, tmp_path: Path, from_passages: dict[str, int], *, kept: bool
) -> None:
    settings.EMBEDDINGS = {
        **settings.EMBEDDINGS,
        **from_passages,
        **({"INDEX_DIR": tmp_path, "SNAPSHOT_FROM": 1} if kept else {}),
    }
    names = [f"document {number}" for number in range(30)]
    for name in names:
        put(name, f"Honey of {name}.")
    view = IndexView()
    assert sorted(held(view)) == sorted(names)
    assert view.base_passages == len(names)


def test_rows_of_another_encoder_are_found_by_their_words_in_a_base_of_cells(
    settings: Settings,
) -> None:
    put("a")
    Passage.objects.update(encoder_id="another")
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "INT8_FROM": 1, "IVF_FROM": 1}
    view = IndexView()
    view.catch_up()
    assert view.dense is not None
    assert view.dense.kind == "ivf"
    assert (view.count_with_vectors(), len(view.lexical)) == (0, 1)


def test_a_process_has_one_view_until_its_settings_change(settings: Settings) -> None:
    view = get_view()
    assert get_view() is view
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "CANDIDATES": 7}
    assert get_view() is not view


def test_without_an_encoder_a_view_still_holds_the_words(settings: Settings) -> None:
    put("a")
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "no.such.Encoder"}}
    view = IndexView()
    view.catch_up()
    assert (view.encoder, view.dense) == (None, None)
    assert len(view.lexical) == 1
    assert view.nearest(HONEY) == []

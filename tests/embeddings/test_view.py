import uuid

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from embeddings import view as view_module
from embeddings.models import IndexState
from embeddings.service import search
from embeddings.store import sync_document
from embeddings.types import SearchQuery, Section, SourceDocument
from embeddings.view import IndexView, get_view

pytestmark = pytest.mark.django_db


def put(key: str, text: str = "Honey.") -> None:
    document = SourceDocument(
        key=key, work=key, language="en", title="T", sections=[Section(heading="", text=text)]
    )
    sync_document(key, lambda: document)


def drop(key: str) -> None:
    sync_document(key, lambda: None)


def held(view: IndexView) -> list[str]:
    """The documents that all three parts of a view hold."""
    view.catch_up()
    visible = view.columns.visible_documents(barred_scopes=frozenset(), now=0.0)
    documents = [view.columns.documents[number].key for number in visible.nonzero()[0]]
    assert view.dense is not None
    assert len(view.dense) == len(view.lexical) == view.columns.count_passages() == len(documents)
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
    assert len(view.columns.slots) == 2


def test_a_document_changed_many_times_is_read_once() -> None:
    view = IndexView()
    held(view)
    for number in range(5):
        put("a", f"Honey {number}.")
    held(view)
    assert len(view.columns.slots) == 1


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


def test_a_view_worn_by_many_changes_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "_RETIRED_BEFORE_RENEWAL", 2)
    view = IndexView()
    for number in range(5):
        put("a", f"Honey {number}.")
        assert held(view) == ["a"]
    assert len(view.columns.slots) < 5


def test_a_shown_sentence_is_never_of_the_former_text() -> None:
    put("a", "Honey was old.")
    search(SearchQuery(text="honey"))
    put("a", "Honey is new.")
    (hit,) = search(SearchQuery(text="honey")).hits
    assert (hit.passage, hit.sentence) == ("Honey is new.", "Honey is new.")


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
    assert (view.encoder, view.dense, view.sentences) == (None, None, None)
    assert len(view.lexical) == 1

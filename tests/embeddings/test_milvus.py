"""Milvus beside the process: what a collection in it must hold to, whoever wrote last.

Runs on milvus-lite, or on the server that `MILVUS_TEST_URI` names; each test has a collection of its
own and drops it.
"""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.util import find_spec
from io import StringIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker, Settings

from embeddings import dense_store, milvus, milvus_fields
from embeddings.columns import DocumentEntry, PassageColumns, PassageEntry
from embeddings.compaction import current_state
from embeddings.conf import get_encoder
from embeddings.dense_store import MilvusDense, configured_store
from embeddings.errors import ConfigurationError
from embeddings.milvus import MilvusStore, VectorStoreUnavailable
from embeddings.milvus_fields import index_for, may_be_found, of_documents
from embeddings.models import DocumentChange, IndexState, Passage, VectorStoreState
from embeddings.store import append_changes, lock_state, sync_document
from embeddings.types import Section, SourceDocument
from embeddings.view import IndexView

pytestmark = pytest.mark.django_db

SERVER = os.environ.get("MILVUS_TEST_URI", "")
DIMENSIONS = 16
ENCODER = "an encoder"
NOW = 1_800_000_000.0
HOSTILE = [
    '"] or id > 0 or document_key in ["',
    "') or 1 == 1 or ('",
    "\\", '\\"', "%", "_", "a%", "\x00", "\n", "{value}", "নাম", "🐝", "' OR ''='", "*/", "\ud800",
    "x" * 5_000,
]  # fmt: skip
"""What has broken out of quotes, patterns and templates elsewhere."""

needs_milvus = pytest.mark.skipif(
    not (find_spec("pymilvus") and (SERVER or find_spec("milvus_lite"))),
    reason="pymilvus and milvus-lite are not installed: pip install --group milvus milvus-lite",
)

NewStore = Callable[..., MilvusStore]


@pytest.fixture(scope="module", autouse=True)
def _what_migrations_wrote(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Put back what a test with real transactions takes away: other files follow in this process."""
    yield
    with django_db_blocker.unblock():
        if not Permission.objects.exists():
            contents = connection._test_serialized_contents  # type: ignore[attr-defined]
            connection.creation.deserialize_db_from_string(contents)


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return where collections are kept: milvus-lite takes over a second to open a file."""
    return SERVER or str(tmp_path_factory.mktemp("milvus") / "passages.db")


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at once whether an index is ready: pymilvus would look after half a second."""
    if find_spec("pymilvus"):
        from pymilvus.client import grpc_handler

        shortly = SimpleNamespace(**vars(time) | {"sleep": lambda _: time.sleep(0.01)})
        monkeypatch.setattr(grpc_handler, "time", shortly)


@pytest.fixture
def new_store(uri: str) -> Iterator[NewStore]:
    """Return a maker of stores over one collection; each stands for a process."""
    collection = f"test_{uuid.uuid4().hex}"
    made: list[MilvusStore] = []

    def new(**options: Any) -> MilvusStore:
        own: dict[str, Any] = {
            "collection": collection,
            "dimensions": DIMENSIONS,
            "encoder_id": ENCODER,
        }
        made.append(MilvusStore(uri=uri, **(own | options)))
        return made[-1]

    yield new
    if made:
        made[0].drop()


@pytest.fixture
def store(new_store: NewStore) -> MilvusStore:
    return new_store()


def a_vector(seed: int) -> np.ndarray[Any, Any]:
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


QUERY = a_vector(-1 % 2**32)


def write(
    key: str,
    *seeds: int,
    facets: Mapping[str, Sequence[str]] | None = None,
    scope: str = "",
    until: float | None = None,
    encoder: str = ENCODER,
    record: bytes = b"a record",
) -> None:
    """Make a document's rows those of the vectors; none removes it."""
    state = lock_state()
    Passage.objects.filter(document_key=key).delete()
    Passage.objects.bulk_create(
        Passage(
            document_key=key,
            work=key,
            position=position,
            facets=facets or {},
            scope=scope,
            visible_until=None if until is None else datetime.fromtimestamp(until, tz=UTC),
            encoder_id=encoder,
            vector=a_vector(seed).astype("<f2").tobytes(),
            record=record,
        )
        for position, seed in enumerate(seeds)
    )
    append_changes(state, [key])


def found(
    store: MilvusStore,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    barred: Sequence[str] = (),
    now: float = NOW,
    limit: int = 1_000,
) -> list[str]:
    """The documents that a search finds, best first, after catching up."""
    store.catch_up(current_state())
    hits = store.search(
        QUERY, filters=filters or {}, barred_scopes=frozenset(barred), now=now, limit=limit
    )
    keys = dict(Passage.objects.values_list("pk", "document_key"))
    return [keys.get(row, f"a ghost: {row}") for row, _ in hits]


def by_numpy(limit: int) -> list[tuple[int, float]]:
    rows = [
        (pk, float(np.frombuffer(vector, "<f2").astype(np.float32) @ QUERY))
        for pk, vector in Passage.objects.values_list("pk", "vector")
    ]
    return sorted(rows, key=lambda one: -one[1])[:limit]


def assert_equal_to_rows(store: MilvusStore) -> None:
    """What Milvus holds is what the rows say, each once."""
    store.catch_up(current_state())
    hits = store.search(QUERY, filters={}, barred_scopes=frozenset(), now=NOW, limit=1_000)
    expected = by_numpy(1_000)
    assert [row for row, _ in hits] == [row for row, _ in expected]
    assert [cosine for _, cosine in hits] == pytest.approx([c for _, c in expected], abs=1e-5)
    assert store.count() == len(expected)


# --- Found as the rows say ------------------------------------------------------------------------


@needs_milvus
def test_the_nearest_are_those_that_numpy_finds_best_first(store: MilvusStore) -> None:
    for number in range(60):
        write(f"page:{number}", 3 * number, 3 * number + 1, 3 * number + 2)
    assert_equal_to_rows(store)
    hits = store.search(QUERY, filters={}, barred_scopes=frozenset(), now=NOW, limit=7)
    assert [row for row, _ in hits] == [row for row, _ in by_numpy(7)]


@needs_milvus
def test_an_empty_collection_finds_nothing(store: MilvusStore) -> None:
    assert found(store) == []
    assert store.count() == 0


@needs_milvus
def test_values_of_a_facet_are_alternatives_and_facets_narrow_each_other(
    store: MilvusStore,
) -> None:
    write("vn-policy", 1, facets={"kind": ["policy"], "country": ["vn", "la"]})
    write("vn-lesson", 2, facets={"kind": ["lesson"], "country": ["vn"]})
    write("th-policy", 3, facets={"kind": ["policy"], "country": ["th"]})
    write("nothing", 4)

    def having(**filters: list[str]) -> list[str]:
        return sorted(found(store, filters=filters))

    assert having(country=["vn"]) == ["vn-lesson", "vn-policy"]
    assert having(country=["la", "th"]) == ["th-policy", "vn-policy"]
    assert having(country=["vn"], kind=["policy"]) == ["vn-policy"]
    assert having(country=["th"], kind=["lesson"]) == []
    assert having(kind=["vn"]) == []
    assert having(unheard=["of"]) == []
    assert len(having(country=[])) == 4


@needs_milvus
def test_filters_decide_inside_milvus_so_that_the_answer_is_full(store: MilvusStore) -> None:
    """Not by a second look at the nearest: those that pass are the ten farthest of all."""
    for number in range(100):
        write(f"page:{number}", number)
    ranked = found(store)
    for key in ranked[-10:]:
        write(key, int(key[5:]), facets={"kind": ["rare"]})
    assert found(store, filters={"kind": ["rare"]}, limit=10) == ranked[-10:]


@needs_milvus
def test_a_barred_scope_hides_all_below_it_and_nothing_beside_it(store: MilvusStore) -> None:
    write("root", 1, scope="0001")
    write("below", 2, scope="00010002")
    write("beside", 3, scope="00010003")
    write("nowhere", 4, scope="")
    assert sorted(found(store)) == ["below", "beside", "nowhere", "root"]
    assert sorted(found(store, barred=["00010002"])) == ["beside", "nowhere", "root"]
    assert sorted(found(store, barred=["0001"])) == ["nowhere"]
    assert sorted(found(store, barred=["00010002", "00010003"])) == ["nowhere", "root"]
    assert len(found(store, barred=["1", "001"])) == 4
    assert found(store, barred=[""]) == []


@needs_milvus
def test_a_document_is_gone_from_the_moment_at_which_it_expires(store: MilvusStore) -> None:
    write("short", 1, until=NOW + 10.5)
    write("long", 2)
    assert sorted(found(store, now=NOW + 10.499)) == ["long", "short"]
    assert found(store, now=NOW + 10.5) == ["long"]
    assert found(store, now=NOW + 1e9) == ["long"]


@needs_milvus
def test_a_row_without_a_vector_of_this_encoder_is_not_held(store: MilvusStore) -> None:
    write("own", 1)
    write("of another", 2, encoder="another")
    write("of before records", 3, record=b"")
    assert found(store) == ["own"]
    assert store.count() == 1


@needs_milvus
def test_documents_are_cut_out_by_the_view_of_the_same_rows(new_store: NewStore) -> None:
    """Filters, rights and expiry mean in Milvus what they mean in `PassageColumns`."""
    random = np.random.default_rng(7)
    columns = PassageColumns()
    for number in range(80):
        facets = {"kind": list(random.choice(["a", "b", "c", "d"], size=random.integers(0, 3)))}
        facets["year"] = [str(one) for one in random.integers(2020, 2024, size=1)]
        scope = "".join(random.choice(["01", "02"], size=random.integers(0, 4)))
        until = None if number % 3 else NOW + float(random.integers(-5, 5))
        write(f"page:{number}", number, facets=facets, scope=scope, until=until)
        row = Passage.objects.get(document_key=f"page:{number}")
        columns.add(
            DocumentEntry(
                key=row.document_key, work=row.work, language="en", is_original=True,
                facets=facets, dated="", scope=scope,
                visible_until=np.inf if until is None else until,
            ),
            [PassageEntry(row.pk, 0)],
        )  # fmt: skip
    store = new_store()
    questions: list[tuple[dict[str, list[str]], list[str], float]] = [
        ({}, [], NOW),
        ({"kind": ["a", "c"]}, ["01"], NOW),
        ({"kind": ["b"], "year": ["2021", "2022"]}, ["0101", "02"], NOW + 2),
        ({"year": ["2023"]}, ["0102"], NOW - 4),
    ]
    for filters, barred, now in questions:
        selection = columns.select(filters=filters, barred_scopes=frozenset(barred), now=now)
        allowed = [columns.documents[one].key for one in selection.documents.nonzero()[0]]
        assert allowed
        assert sorted(found(store, filters=filters, barred=barred, now=now)) == sorted(allowed)


# --- Following the log ----------------------------------------------------------------------------


@needs_milvus
def test_an_edit_and_a_withdrawal_hold_from_the_next_search_on(store: MilvusStore) -> None:
    write("a", 1, 2, 3)
    write("b", 4)
    assert_equal_to_rows(store)
    write("a", 5)
    assert_equal_to_rows(store)
    write("b")
    assert_equal_to_rows(store)
    assert found(store) == ["a"]
    write("a")
    assert found(store) == []
    write("a", 1)
    assert_equal_to_rows(store)


@needs_milvus
def test_rights_and_facets_that_change_hold_from_the_next_search_on(store: MilvusStore) -> None:
    write("a", 1, scope="0001", facets={"kind": ["lesson"]})
    assert found(store, barred=["0002"], filters={"kind": ["lesson"]}) == ["a"]
    write("a", 1, scope="0002", facets={"kind": ["lesson"]})
    assert found(store, barred=["0002"]) == []
    write("a", 1, facets={"kind": ["policy"]})
    assert found(store, filters={"kind": ["lesson"]}) == []


@needs_milvus
def test_changes_are_taken_over_in_batches(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus, "_CHANGES_AT_ONCE", 3)
    monkeypatch.setattr(milvus, "_PASSAGES_AT_ONCE", 2)
    for number in range(5):
        write(f"page:{number}", number, number + 100)
    assert_equal_to_rows(store)
    for number in range(8):
        write(f"page:{number}", number + 200, number + 300, number + 400)
    assert_equal_to_rows(store)


@needs_milvus
def test_nothing_new_costs_no_query(
    store: MilvusStore, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write("a", 1)
    state = current_state()
    store.catch_up(state)
    with django_assert_num_queries(0):
        store.catch_up(state)


@needs_milvus
def test_what_another_process_has_taken_over_is_not_taken_over_again(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a", 1)
    one, other = new_store(), new_store()
    assert found(one) == found(other) == ["a"]
    write("b", 2)
    assert len(found(one)) == 2
    monkeypatch.setattr(MilvusStore, "_step", lambda *_: pytest.fail("taken over again"))
    assert len(found(other)) == 2


@needs_milvus
def test_processes_that_take_turns_see_what_each_other_wrote(new_store: NewStore) -> None:
    stores = [new_store() for _ in range(3)]
    for number in range(6):
        write(f"page:{number % 4}", number)
        for each in stores[number % 3 :]:
            assert_equal_to_rows(each)


@needs_milvus
def test_another_generation_is_loaded_anew(store: MilvusStore) -> None:
    write("a", 1)
    write("b", 2)
    assert_equal_to_rows(store)
    Passage.objects.filter(document_key="a").delete()  # not in the log
    Passage.objects.update(vector=a_vector(9).astype("<f2").tobytes())
    assert len(found(store)) == 2
    IndexState.objects.update(generation=uuid.uuid4())
    assert_equal_to_rows(store)


@needs_milvus
def test_a_log_cut_off_behind_the_store_means_all_anew(store: MilvusStore) -> None:
    write("a", 1)
    assert found(store) == ["a"]
    write("a")
    write("b", 2)
    DocumentChange.objects.all().delete()
    IndexState.objects.update(log_start=3)
    write("c", 3)
    assert sorted(found(store)) == ["b", "c"]
    assert_equal_to_rows(store)


@needs_milvus
@pytest.mark.parametrize("left", [0, 1])
def test_a_log_cut_off_after_its_start_was_read_loses_no_change(
    store: MilvusStore, left: int
) -> None:
    """As another process does between the two reads; what is left begins too late."""
    write("a", 1)
    assert found(store) == ["a"]
    write("a", 2, 3)
    write("b", 4)
    DocumentChange.objects.filter(position__lte=3 - left).delete()
    assert_equal_to_rows(store)


@needs_milvus
def test_a_log_that_went_back_means_all_anew(store: MilvusStore) -> None:
    write("a", 1)
    write("b", 2)
    assert len(found(store)) == 2
    Passage.objects.filter(document_key="b").delete()
    IndexState.objects.update(position=1)
    assert found(store) == ["a"]


@needs_milvus
def test_a_collection_that_vanished_is_loaded_anew_by_the_second_search_at_the_latest(
    new_store: NewStore,
) -> None:
    write("a", 1)
    store = new_store()
    assert found(store) == ["a"]
    new_store().drop()
    with pytest.raises(VectorStoreUnavailable):
        found(store)
    assert found(store) == ["a"]
    assert_equal_to_rows(store)


@needs_milvus
def test_a_state_read_before_a_switch_of_the_encoder_undoes_nothing(new_store: NewStore) -> None:
    """A search that began before the switch catches up after another process has."""
    write("a", 1)
    late, other = new_store(), new_store()
    old = current_state()
    IndexState.objects.update(generation=uuid.uuid4())
    other.catch_up(current_state())
    late.catch_up(old)
    assert VectorStoreState.objects.get().generation == current_state().generation
    assert_equal_to_rows(late)


@needs_milvus
def test_a_search_begun_before_a_switch_leaves_the_new_encoder_its_collection(
    new_store: NewStore,
) -> None:
    write("a", 1)
    late, other = new_store(), new_store(encoder_id="another")
    assert found(late) == ["a"]
    write("b", 2)
    old = current_state()
    Passage.objects.update(encoder_id="another")
    IndexState.objects.update(generation=uuid.uuid4())
    assert sorted(found(other)) == ["a", "b"]
    late.catch_up(old)
    assert other.count() == 2
    assert late.count() == 0


@needs_milvus
def test_vectors_of_two_encoders_never_meet(new_store: NewStore) -> None:
    write("a", 1)
    write("b", 2, encoder="another")
    one, another = new_store(), new_store(encoder_id="another")
    assert one.name != another.name
    assert found(one) == ["a"]
    Passage.objects.filter(document_key="a").delete()
    IndexState.objects.update(generation=uuid.uuid4())
    assert found(another) == ["b"]
    assert another._client.list_collections() == [another.collection] or SERVER


@needs_milvus
def test_a_neighbour_with_a_similar_name_is_left_alone(new_store: NewStore) -> None:
    store = new_store()
    neighbour = f"{store._prefix}_notes"
    store.catch_up(current_state())
    store._client.create_collection(neighbour, dimension=4)
    store.drop()
    assert neighbour in store._client.list_collections()
    store._client.drop_collection(neighbour)


@needs_milvus
def test_all_is_loaded_anew_after_a_drop(store: MilvusStore) -> None:
    write("a", 1)
    assert found(store) == ["a"]
    store.drop()
    assert store.count() == 0
    assert_equal_to_rows(store)


@needs_milvus
def test_a_reader_does_not_wait_for_a_long_load(store: MilvusStore) -> None:
    write("a", 1, 2, 3)
    with pytest.raises(VectorStoreUnavailable, match="run load_vector_store"):
        store.catch_up(current_state(), reload_up_to=2)
    with pytest.raises(VectorStoreUnavailable, match="holds no"):
        store.search(QUERY, filters={}, barred_scopes=frozenset(), now=NOW, limit=1)
    store.catch_up(current_state(), reload_up_to=3)
    assert_equal_to_rows(store)


# --- Killed, and side by side ---------------------------------------------------------------------


class Killed(BaseException):
    """The end of a process: no handler of ours may take it for a fault."""


def killed_at(monkeypatch: pytest.MonkeyPatch, method: str, *, call: int = 1) -> None:
    """End the process at the beginning of some call to Milvus, once."""
    from pymilvus import MilvusClient

    real, calls = getattr(MilvusClient, method), 0

    def dying(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Killed
        return real(*arguments, **options)

    monkeypatch.setattr(MilvusClient, method, dying)


@needs_milvus
@pytest.mark.parametrize(("method", "call"), [("delete", 1), ("upsert", 1), ("upsert", 2)])
def test_a_writer_killed_between_two_calls_is_made_up_for(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch, method: str, call: int
) -> None:
    monkeypatch.setattr(milvus, "_PASSAGES_AT_ONCE", 2)
    write("a", 1, 2)
    write("b", 3)
    assert_equal_to_rows(new_store())
    write("a", 4, 5, 6)
    write("b")
    write("c", 7, 8)
    victim = new_store()
    victim.catch_up(IndexState(generation=current_state().generation, position=2))
    killed_at(monkeypatch, method, call=call)
    with pytest.raises(Killed):
        victim.catch_up(current_state())
    assert VectorStoreState.objects.get().position == 2
    assert_equal_to_rows(new_store())


@needs_milvus
@pytest.mark.parametrize(
    "method", ["create_collection", "insert", "flush", "create_index", "load_collection"]
)
def test_a_load_cut_short_is_never_taken_for_whole(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Even where the log gives no reason to load anew: the collection had vanished."""
    for number in range(4):
        write(f"page:{number}", number)
    first = new_store()
    assert_equal_to_rows(first)
    first.drop()
    killed_at(monkeypatch, method)
    with pytest.raises(Killed):
        new_store().catch_up(current_state())
    assert_equal_to_rows(new_store())


@needs_milvus
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="DATABASE_URL names no PostgreSQL")
def test_of_two_that_begin_at_once_one_loads_and_both_see_every_edit(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads with a connection each stand for processes."""
    from django.db import transaction
    from pymilvus import MilvusClient

    loads: list[str] = []
    real = MilvusClient.create_collection

    def counted(client: MilvusClient, name: str, **options: Any) -> None:
        loads.append(name)
        real(client, name, **options)

    monkeypatch.setattr(MilvusClient, "create_collection", counted)
    monkeypatch.setattr(milvus, "_CHANGES_AT_ONCE", 2)

    def put(key: str, *seeds: int) -> None:
        with transaction.atomic():
            write(key, *seeds)

    for number in range(20):
        put(f"page:{number}", number)
    stores = [new_store() for _ in range(4)]
    assert [store.count() for store in stores] == [0, 0, 0, 0]  # all have a connection
    begin, done = threading.Barrier(5), threading.Event()

    def follow(store: MilvusStore) -> None:
        try:
            begin.wait()
            while not done.is_set():
                store.catch_up(current_state())
            assert_equal_to_rows(store)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        following = [pool.submit(follow, store) for store in stores]
        begin.wait()
        for number in range(40):
            put(f"page:{number % 7}", *range(number, number + number % 3))
        done.set()
    for one in following:
        one.result()
    assert len(loads) == 1


# --- Hostile values -------------------------------------------------------------------------------


@needs_milvus
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_filter_or_scope_finds_what_it_says_and_no_more(
    store: MilvusStore, hostile: str
) -> None:
    write("secret", 1, scope="0009", facets={"kind": ["lesson"]})
    assert found(store, filters={"kind": [hostile]}) == []
    assert found(store, filters={hostile: ["lesson"]}) == []
    assert found(store, filters={"kind": [hostile, "lesson"]}) == ["secret"]
    assert found(store, barred=[hostile]) == ["secret"]
    assert found(store, barred=[hostile, "0009"]) == []


@needs_milvus
def test_hostile_values_in_documents_are_found_by_themselves_only(store: MilvusStore) -> None:
    written = [one for one in HOSTILE if "\x00" not in one and "\ud800" not in one]
    for number, value in enumerate(written):
        write(value[:64], number, facets={"kind": [value], value: ["x"]}, scope=value[:255])
    for value in written:
        assert found(store, filters={"kind": [value]}) == [value[:64]]
        assert found(store, filters={value: ["x"]}) == [value[:64]]
        hidden = {one[:64] for one in written if one.startswith(value)}
        left = {one[:64] for one in written} - hidden
        assert set(found(store, barred=[value[:255]])) == left
    for value in written:
        write(value[:64])
        assert value[:64] not in found(store)
    assert store.count() == 0


@needs_milvus
def test_the_longest_key_and_scope_in_any_script_fit(store: MilvusStore) -> None:
    write("🐝" * 64, 1, scope="🐝" * 255)
    assert found(store) == ["🐝" * 64]
    assert found(store, barred=["🐝" * 255]) == []


@needs_milvus
def test_more_values_than_milvus_holds_do_not_stop_the_log(store: MilvusStore) -> None:
    write("a", 1, facets={"kind": [str(number) for number in range(5_000)]})
    write("b", 2)
    assert sorted(found(store)) == ["a", "b"]


def test_expressions_are_made_of_digits_and_own_words_only() -> None:
    allowed = set('0123456789abcdefghijklmnopqrstuvwxyz_ ,.<>()[]"%')
    asked = may_be_found(
        filters=dict.fromkeys(HOSTILE, HOSTILE), barred_scopes=frozenset(HOSTILE), now=NOW
    )
    assert set(asked) <= allowed
    assert set(of_documents(HOSTILE)) <= allowed
    assert may_be_found(filters={"kind": []}, barred_scopes=frozenset(), now=0.5) == (
        "visible_until > 0.500000000"
    )
    assert of_documents(["page:1"]) == 'document_key in ["706167653a31"]'


# --- Index, and a server that is away -------------------------------------------------------------


def test_an_index_is_exact_until_it_is_large() -> None:
    assert index_for(200_000)["index_type"] == "FLAT"
    assert index_for(200_001)["index_type"] == "IVF_SQ8"


def test_more_cells_are_scanned_the_less_a_filter_leaves() -> None:
    scanned = [milvus_fields.cells_scanned(share) for share in (1.0, 0.1, 0.01, 1e-9, 0.0)]
    assert scanned == sorted(scanned)
    assert scanned[0] == milvus_fields.CELLS / 4
    assert scanned[-1] == milvus_fields.CELLS


@needs_milvus
def test_an_index_of_cells_finds_the_same_takes_filters_and_forgets(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_fields, "_EXACT_UP_TO", 100)
    monkeypatch.setattr(milvus_fields, "_CELLS_SCANNED", 1.0)
    for number in range(200):
        write(f"page:{number}", number, facets={"kind": [str(number % 10)]})
    store = new_store()
    best = found(store, limit=5)
    exact = by_numpy(200)
    keys = dict(Passage.objects.values_list("pk", "document_key"))
    assert best == [keys[row] for row, _ in exact[:5]]
    assert store._has_cells
    filed = found(store, filters={"kind": [str(int(best[0][5:]) % 10)]}, limit=20)
    assert len(filed) == 20
    assert filed[0] == best[0]
    write(best[0])
    write("new", int(best[0][5:]))
    assert found(new_store(), limit=2) == ["new", best[1]]


@needs_milvus
@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:1", "http://no-such-host.invalid:19530", "not an address"]
)
def test_a_server_that_is_away_is_one_fault_in_plain_words(new_store: NewStore, uri: str) -> None:
    store = MilvusStore(uri=uri, collection="c", dimensions=DIMENSIONS, encoder_id=ENCODER)
    asked: list[Callable[[], object]] = [
        lambda: store.catch_up(current_state()),
        lambda: store.search(QUERY, filters={}, barred_scopes=frozenset(), now=NOW, limit=1),
        store.count,
        store.drop,
    ]
    for ask in asked:
        with pytest.raises(VectorStoreUnavailable, match=f"Milvus at {uri} does not answer"):
            ask()


def test_without_pymilvus_the_fault_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pymilvus", None)
    store = MilvusStore(uri="x", collection="c", dimensions=DIMENSIONS, encoder_id=ENCODER)
    with pytest.raises(VectorStoreUnavailable, match="pymilvus is not installed"):
        store.catch_up(current_state())


def test_a_name_too_long_to_be_written_down_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="too long"):
        MilvusStore(uri="x" * 200, collection="c", dimensions=DIMENSIONS, encoder_id=ENCODER)


@needs_milvus
def test_a_fault_of_the_database_is_not_blamed_on_milvus(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus, "current_state", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.catch_up(IndexState(position=1))


# --- What a view holds ----------------------------------------------------------------------------


@pytest.fixture
def named(settings: Settings, uri: str) -> Iterator[dict[str, Any]]:
    """Return the setting that names a store, in force."""
    options = {"uri": uri, "collection": f"test_{uuid.uuid4().hex}"}
    vector_store = {"BACKEND": "milvus", "OPTIONS": options}
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "VECTOR_STORE": vector_store}
    yield options
    if find_spec("pymilvus"):
        the_store().drop()


def the_store() -> MilvusStore:
    store = configured_store(get_encoder())
    assert store is not None
    return store


def put(key: str, text: str, **fields: Any) -> None:
    document = SourceDocument(
        key=key,
        work=key,
        language="en",
        title=key,
        sections=[Section(heading="", text=text)],
        **fields,
    )
    sync_document(key, lambda: document)


def beside(view: IndexView) -> MilvusDense:
    """A dense side in Milvus for a view that has caught up."""
    view.catch_up()
    return MilvusDense(the_store(), view.columns, current_state())


def keys_found(dense: MilvusDense, view: IndexView, **select: Any) -> list[str]:
    chosen: dict[str, Any] = {"filters": {}, "barred_scopes": frozenset(), "now": NOW} | select
    honey = get_encoder().encode_queries(["honey"])[0]
    slots, cosines = dense.search(honey, selection=view.columns.select(**chosen), limit=50)
    assert len(slots) == len(cosines)
    assert cosines.tolist() == sorted(cosines.tolist(), reverse=True)
    return [view.columns.document_of(slot).key for slot in slots.tolist()]


@needs_milvus
def test_a_view_finds_through_milvus_what_it_finds_by_itself(named: dict[str, Any]) -> None:
    put("honey", "Honey from the forest.", facets={"kind": ["lesson"]})
    put("water", "Water for the village.", scope="0001")
    put("bees", "Honey and bees and water.", facets={"kind": ["lesson"]})
    view = IndexView()
    dense = beside(view)
    selection = view.select_all()
    query = get_encoder().encode_queries(["honey"])[0]
    slots, cosines = dense.search(query, selection=selection, limit=10)
    assert view.dense is not None
    own_slots, own_cosines = view.dense.search(query, selection=selection, limit=10)
    assert slots.tolist() == own_slots.tolist()
    assert cosines.tolist() == pytest.approx(own_cosines.tolist(), abs=1e-3)
    assert sorted(keys_found(dense, view, filters={"kind": ["lesson"]})) == ["bees", "honey"]
    assert "water" not in keys_found(dense, view, barred_scopes=frozenset({"0001"}))
    assert (dense.kind, dense.base_size, dense.answers) == ("milvus", 0, True)


@needs_milvus
def test_a_view_for_which_a_store_is_named_asks_it_and_follows_edits_and_withdrawals(
    named: dict[str, Any],
) -> None:
    put("honey", "Honey.")
    view = IndexView()
    view.catch_up()
    dense = view.dense
    assert isinstance(dense, MilvusDense)
    assert keys_found(dense, view) == ["honey"]
    put("bees", "Honey and bees.")
    sync_document("honey", lambda: None)
    view.catch_up()
    assert isinstance(view.dense, MilvusDense)
    assert keys_found(view.dense, view) == ["bees"]
    assert the_store().count() == 1
    assert view.describe().dense_kind == "milvus"


@needs_milvus
def test_what_milvus_still_has_or_has_already_is_not_shown_by_a_view_without_it(
    named: dict[str, Any],
) -> None:
    put("old", "Honey.")
    view = IndexView()
    dense = beside(view)
    assert keys_found(dense, view) == ["old"]
    put("new", "Honey too.")
    the_store().catch_up(current_state())  # Milvus is ahead of the view
    assert keys_found(dense, view) == ["old"]
    view.columns.retire("old")  # the view is ahead of Milvus
    assert keys_found(dense, view) == []


@needs_milvus
def test_a_selection_decides_once_more_over_what_milvus_finds(named: dict[str, Any]) -> None:
    put("honey", "Honey.", scope="0001")
    view = IndexView()
    dense = beside(view)
    assert keys_found(dense, view) == ["honey"]
    Passage.objects.update(scope="0002")
    the_store().drop()
    the_store().catch_up(current_state())  # Milvus knows another place of it than the view
    dense._store = the_store()
    assert keys_found(dense, view, barred_scopes=frozenset({"0001"})) == []


@needs_milvus
def test_a_question_of_which_nothing_is_known_finds_nothing(named: dict[str, Any]) -> None:
    put("honey", "Honey.")
    view = IndexView()
    dense = beside(view)
    slots, _ = dense.search(
        np.zeros(dense.dimensions, np.float32), selection=view.select_all(), limit=5
    )
    assert slots.tolist() == []


@needs_milvus
def test_a_store_that_is_away_finds_nothing_says_so_once_and_is_asked_again_later(
    named: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("honey", "Honey.")
    view = IndexView()
    dense = beside(view)
    there, dense._store = (
        dense._store,
        MilvusStore(
            uri="http://127.0.0.1:1", collection="c", dimensions=dense.dimensions, encoder_id="e"
        ),
    )
    assert keys_found(dense, view) == []
    assert not dense.answers
    dense._store = there
    assert keys_found(dense, view) == []
    own = [one for one in caplog.records if one.name == dense_store.__name__]
    assert [one.levelname for one in own] == ["WARNING"]
    assert "answers by words alone: Milvus at http://127.0.0.1:1 does not" in own[0].getMessage()
    monkeypatch.setattr(time, "monotonic", lambda: np.inf)
    assert keys_found(dense, view) == ["honey"]
    assert dense.answers


def test_without_the_setting_there_is_no_store() -> None:
    assert configured_store(get_encoder()) is None


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"BACKEND": "faiss"}, "BACKEND"),
        ({"OPTIONS": {"uri": "x"}}, "BACKEND"),
        ({"BACKEND": "milvus"}, "uri"),
        ({"BACKEND": "milvus", "OPTIONS": {"uri": "x", "port": 1}}, "port"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(
    settings: Settings, setting: dict[str, Any], says: str
) -> None:
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "VECTOR_STORE": setting}
    with pytest.raises(ConfigurationError, match=says):
        configured_store(get_encoder())


@needs_milvus
def test_the_command_loads_follows_and_begins_anew(named: dict[str, Any]) -> None:
    put("honey", "Honey.")
    put("water", "Water.")
    assert load() == "Milvus holds 2 passages.\n"
    put("water", "Water and honey.")
    Passage.objects.filter(document_key="honey").delete()  # not in the log
    assert load() == "Milvus holds 2 passages.\n"
    assert load("--anew") == "Milvus holds 1 passages.\n"


def load(*options: str) -> str:
    told = StringIO()
    call_command("load_vector_store", *options, stdout=told)
    return told.getvalue()


def test_the_command_says_when_there_is_nothing_to_load_into() -> None:
    with pytest.raises(CommandError, match="names no VECTOR_STORE"):
        call_command("load_vector_store")


@needs_milvus
def test_the_command_says_when_milvus_is_away(settings: Settings) -> None:
    away = {"BACKEND": "milvus", "OPTIONS": {"uri": "http://127.0.0.1:1"}}
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "VECTOR_STORE": away}
    with pytest.raises(CommandError, match="does not answer"):
        call_command("load_vector_store")

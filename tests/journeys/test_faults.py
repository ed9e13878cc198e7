"""The database fails once, in the middle of catching up: the next search answers in full."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from embeddings.view import get_view
from tests.factories import work

pytestmark = pytest.mark.django_db

Titles = Callable[..., list[str]]


@contextmanager
def passages_cannot_be_read() -> Iterator[None]:
    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and 'FROM "embeddings_passage"' in sql:
            raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield


def test_a_fault_while_following_the_log_is_made_good_by_the_next_search(titles: Titles) -> None:
    first, second = work(title="First", text="Honey."), work(title="Second", text="Honey.")
    assert sorted(titles("honey")) == ["First", "Second"]
    first.title = "First again"
    first.save_revision().publish()
    second.unpublish()
    from knowledge.sync import drain_pending

    drain_pending()
    with passages_cannot_be_read(), pytest.raises(OperationalError):
        titles("honey")
    assert titles("honey") == ["First again"]


def test_a_fault_while_renewing_a_worn_index_does_not_leave_it_empty(
    titles: Titles, settings: Settings
) -> None:
    settings.EMBEDDINGS = {**settings.EMBEDDINGS, "TAIL_LIMIT": 2}
    first = work(title="First", text="Honey.")
    work(title="Second", text="Honey.")
    for number in range(4):
        first.title = f"First {number}"
        first.save_revision().publish()
        titles("honey")
        if get_view().columns.count_slots() - get_view().base_passages == 2:
            break  # the next change wears it out
    work(title="Third", text="Honey.")
    from knowledge.sync import drain_pending

    drain_pending()
    with passages_cannot_be_read(), pytest.raises(OperationalError):
        titles("honey")
    assert sorted(titles("honey")) == [first.title, "Second", "Third"]

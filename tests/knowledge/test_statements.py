import datetime as dt
import uuid

import pytest
from django.utils import timezone
from wagtail.models import Page

from knowledge.models.base import WorkPage
from knowledge.rights import pages_outside
from knowledge.statements import Statement
from tests.factories import work

NOW = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
KEYS = [uuid.UUID(int=0), uuid.UUID(int=1)]

pytestmark = pytest.mark.django_db


def statement(barred: frozenset[str] = frozenset()) -> Statement:
    rows = pages_outside(barred, NOW).filter(translation_key__in=KEYS).order_by("pk")
    return Statement.of(rows.values_list("pk", "title"), [NOW, *KEYS])


def found(one: Statement, at: dt.datetime, *works: WorkPage) -> list[str]:
    return [title for _, title in one.ask([at, *(page.translation_key for page in works)])]


def test_a_statement_is_asked_again_with_other_values() -> None:
    pages = [work(title=title) for title in ("Honey", "Tea", "Rice")]
    once = statement()
    now = timezone.now()
    assert found(once, now, pages[0], pages[2]) == ["Honey", "Rice"]
    assert found(once, now, pages[2], pages[1]) == ["Tea", "Rice"]
    assert found(once, now, pages[1], pages[1]) == ["Tea"]


def test_what_it_asks_counts_at_the_moment_of_asking() -> None:
    page = work(title="Honey", expire_at=timezone.now() + dt.timedelta(hours=1))
    once = statement()
    assert found(once, timezone.now(), page, page) == ["Honey"]
    assert found(once, timezone.now() + dt.timedelta(hours=2), page, page) == []
    Page.objects.filter(pk=page.pk).update(live=False)
    assert found(once, timezone.now(), page, page) == []


def test_a_barred_scope_is_part_of_the_statement() -> None:
    page = work(title="Honey")
    assert found(statement(frozenset({page.path})), timezone.now(), page, page) == []


def test_a_stand_in_that_is_not_asked_for_is_refused() -> None:
    rows = Page.objects.filter(translation_key=KEYS[0])
    with pytest.raises(ValueError, match="every stand-in"):
        Statement.of(rows, KEYS)

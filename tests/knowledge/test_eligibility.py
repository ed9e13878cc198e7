import datetime as dt
import itertools
from collections.abc import Callable

import pytest
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from knowledge.eligibility import is_searchable, searchable_pages, work_types
from knowledge.models import CaseStudyPage, LessonPage, PolicyPage, ProgrammePage
from knowledge.models.base import WorkPage
from tests.factories import home_page, index_page, work

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def live() -> Page:
    return work()


def draft() -> Page:
    return work(publish=False)


def unpublished() -> Page:
    page = work()
    page.unpublish()
    return page


def expired() -> Page:
    page = work()
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - HOUR)
    return page


def expiring() -> Page:
    return work(expire_at=timezone.now() + HOUR)


def alias() -> Page:
    return work().create_alias(parent=index_page(CaseStudyPage), update_slug="alias")


def private() -> Page:
    page = work()
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    return page


def changed_draft_of_a_live_page() -> Page:
    page = work()
    page.title = "Not yet"
    page.save_revision()
    return page


def index() -> Page:
    return index_page(LessonPage)


def home() -> Page:
    return home_page()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (live, True), (draft, False), (unpublished, False), (expired, False), (expiring, True),
        (alias, False), (private, True), (changed_draft_of_a_live_page, True), (index, False), (home, False),
    ],
)  # fmt: skip
def test_both_forms_of_the_rule_agree(make: Callable[[], Page], expected: bool) -> None:
    """Privacy is not eligibility: who may find a page is asked at search."""
    page = Page.objects.get(pk=make().pk).specific
    assert is_searchable(page) is expected
    assert searchable_pages().filter(pk=page.pk).exists() is expected


@pytest.mark.parametrize("model", [ProgrammePage, PolicyPage, LessonPage, CaseStudyPage])
def test_every_kind_of_work_is_searchable(model: type[WorkPage]) -> None:
    assert is_searchable(work(model))
    assert model in work_types()


def test_the_two_forms_agree_over_many_pages_at_once() -> None:
    for publish, expiry in itertools.product([True, False], [None, HOUR]):
        work(publish=publish, expire_at=expiry and timezone.now() + expiry)
    expired()
    by_query = set(searchable_pages().values_list("pk", flat=True))
    by_page = {page.pk for page in Page.objects.all().specific() if is_searchable(page)}
    assert by_query == by_page
    assert len(by_query) == 2

"""What a change marks is what it changed: a section of thousands is not read again for one page."""

from collections.abc import Sequence

import pytest
from wagtail.models import Page

from embeddings.models import Passage
from knowledge.models import CaseStudyPage, Country, LessonPage, PendingSync, ProgrammePage, Theme
from knowledge.models.base import WorkPage
from knowledge.sync import drain_pending
from tests.factories import index_page, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def section() -> list[WorkPage]:
    """Four works beside each other, found by everybody; nothing is left to do."""
    works = [work(CaseStudyPage, title=f"Work {number}") for number in range(4)]
    drain_pending()
    return works


def marked() -> set[int]:
    return set(PendingSync.objects.values_list("page_id", flat=True))


def stale() -> set[int]:
    """Return the works that the index has under a path that is not theirs."""
    scopes = dict(Passage.objects.values_list("document_key", "scope"))
    paths = CaseStudyPage.objects.values_list("pk", "path")
    return {pk for pk, path in paths if scopes[f"page:{pk}"] != path}


def ids(pages: Sequence[Page]) -> set[int]:
    return {page.pk for page in pages}


def test_a_draft_is_no_change_until_it_is_published(section: list[WorkPage]) -> None:
    section[1].title = "Renamed"
    draft = section[1].save_revision()
    assert not marked()
    draft.publish()
    assert marked() == {section[1].pk}


def test_a_page_that_is_deleted_leaves_its_neighbours_alone(section: list[WorkPage]) -> None:
    gone = section[1].pk
    section[1].delete()
    assert marked() == {gone}


def test_a_page_unpublished_without_its_type_leaves_its_neighbours_alone(
    section: list[WorkPage],
) -> None:
    """So `publish_scheduled` does it when a page expires."""
    Page.objects.get(pk=section[1].pk).unpublish()
    assert marked() == {section[1].pk}


def test_a_page_that_is_sorted_takes_those_along_that_get_another_path(
    section: list[WorkPage],
) -> None:
    section[2].move(section[1], pos="left")
    assert marked() == stale() == ids(section[1:])


def test_a_section_that_moves_takes_its_works_along(section: list[WorkPage]) -> None:
    other = work(CaseStudyPage, language="vi", title="Beside")
    drain_pending()
    index_page(CaseStudyPage).move(index_page(CaseStudyPage, "vi"), pos="last-child")
    assert marked() == stale() == ids(section)
    assert other.pk not in marked()


def test_a_work_that_may_be_written_from_a_former_path_is_marked_again(
    section: list[WorkPage],
) -> None:
    """What another process has not committed cannot be compared; its mark can still be seen."""
    section[3].move(section[0], pos="left")
    assert section[1].pk in marked()
    Page.objects.get(pk=section[3].pk).move(index_page(CaseStudyPage), pos="last-child")
    assert PendingSync.objects.filter(page_id=section[1].pk).count() == 2
    drain_pending()
    assert not stale()


Named = ProgrammePage | Theme | Country


@pytest.fixture(params=["programme", "theme", "country"])
def named(request: pytest.FixtureRequest) -> tuple[Named, set[int]]:
    """Something that facets name, and the works that name it; nothing is left to do."""
    fields: dict[str, object]
    if request.param == "programme":
        named = work(ProgrammePage, title="OCOP", code="ocop")
        fields = {"programme": named}
    elif request.param == "theme":
        named = Theme.objects.create(code="finance", name="Finance")
        fields = {"themes": [named]}
    else:
        named = Country.objects.create(code="vn", name="Viet Nam")
        fields = {"country": named}
    works = [work(CaseStudyPage, title=f"Work {number}", **fields) for number in range(2)]
    work(LessonPage, title="Another")
    drain_pending()
    return named, ids(works)


def test_what_keeps_its_code_may_be_edited_without_its_works(
    named: tuple[Named, set[int]],
) -> None:
    edited, works = named
    if isinstance(edited, ProgrammePage):
        edited.title = "One Commune One Product"
    else:
        edited.name = "Renamed"
    edited.save()
    assert works.isdisjoint(marked())


def test_another_code_is_that_of_all_works(named: tuple[Named, set[int]]) -> None:
    edited, works = named
    edited.code = "other"
    edited.save()
    assert works <= marked() <= works | {edited.pk}
    drain_pending()
    filed = Passage.objects.filter(document_key__in=[f"page:{pk}" for pk in works])
    facets = filed.values_list("facets", flat=True)
    assert all(any("other" in codes for codes in one.values()) for one in facets)

from collections.abc import Callable

import pytest
from django.utils import translation
from wagtail.models import PageViewRestriction

from knowledge.listing import best_version, versions_for_reader, works_for_reader
from knowledge.models import CaseStudyPage, LessonPage, ProgrammePage
from knowledge.rights import AnonymousReader
from tests.factories import work

pytestmark = pytest.mark.django_db
READER = AnonymousReader()


@pytest.fixture
def versions() -> dict[str, CaseStudyPage]:
    original = work(title="Tre", language="vi")
    others = {
        code: work(title=f"Bamboo {code}", language=code, translation_of=original)
        for code in ("fr", "en", "ja")
    }
    return {"vi": original, **others}


@pytest.mark.parametrize(
    ("language", "among", "best"),
    [
        ("fr", "vi fr en ja", "fr"),
        ("th", "vi fr en ja", "vi"),
        ("th", "fr en ja", "en"),
        ("th", "ja fr", "fr"),
        ("ja", "ja", "ja"),
    ],
    ids=["wanted", "original", "english", "any, by name", "only"],
)
def test_the_wanted_language_then_the_original_then_english_then_any(
    versions: dict[str, CaseStudyPage], language: str, among: str, best: str
) -> None:
    assert best_version([versions[code] for code in among.split()], language).language == best


def test_a_list_has_one_entry_per_work_in_the_readers_language(
    versions: dict[str, CaseStudyPage],
) -> None:
    for language, title in (("fr", "Bamboo fr"), ("th", "Tre"), ("en", "Bamboo en")):
        with translation.override(language):
            assert [page.title for page in works_for_reader(READER)] == [title]


def test_a_private_version_gives_way_to_one_the_reader_may_open(
    versions: dict[str, CaseStudyPage],
) -> None:
    PageViewRestriction.objects.create(page=versions["fr"], restriction_type="login")
    with translation.override("fr"):
        assert [page.title for page in works_for_reader(READER)] == ["Tre"]


def test_lists_are_newest_first() -> None:
    for title, dated in (("Old", "2018"), ("New", "2025-03-01"), ("Mid", "2025-02"), ("None", "")):
        work(title=title, dated=dated)
    assert [page.title for page in works_for_reader(READER)] == ["New", "Mid", "Old", "None"]


def test_the_search_page_without_a_question_is_newest_first_within_a_year_too(
    titles: Callable[..., list[str]],
) -> None:
    """The heading says "newest first"; the list above keeps that promise."""
    for title, dated in (
        ("March", "2025-03-01"),
        ("January", "2025-01"),
        ("December", "2025-12-24"),
    ):
        work(title=title, dated=dated)
    assert titles("") == ["December", "March", "January"]


def test_a_kind_or_a_programme_narrows_the_list() -> None:
    programme = work(ProgrammePage, title="OCOP", slug="ocop")
    work(title="Case", programme=programme)
    work(LessonPage, title="Lesson")
    assert [page.title for page in works_for_reader(READER, kind="lesson")] == ["Lesson"]
    assert sorted(page.title for page in works_for_reader(READER, programme="ocop")) == [
        "Case",
        "OCOP",
    ]
    assert works_for_reader(READER, programme="nothing") == []


def test_a_work_linked_to_another_language_version_of_the_programme_is_listed() -> None:
    vietnamese = work(ProgrammePage, title="OCOP vi", language="vi", slug="ocop")
    work(ProgrammePage, title="OCOP en", slug="ocop", translation_of=vietnamese)
    work(title="Tre", language="vi", programme=vietnamese)
    found = works_for_reader(READER, programme="ocop")
    assert sorted(page.title for page in found) == ["OCOP en", "Tre"]


def test_versions_of_no_work_are_none() -> None:
    assert versions_for_reader(READER, []) == []

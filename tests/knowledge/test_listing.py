import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation
from wagtail.models import PageViewRestriction

from knowledge import listing
from knowledge.eligibility import work_types
from knowledge.listing import (
    best_version,
    listed_pages,
    newest_first,
    programmes_by_code,
    versions_for_reader,
)
from knowledge.models import CaseStudyPage, LessonPage, ProgrammePage
from knowledge.models.base import WorkPage
from knowledge.rights import AnonymousReader, readable_pages
from tests.factories import index_page, work

pytestmark = pytest.mark.django_db
READER = AnonymousReader()


def listed(*models: type[WorkPage], **filing: str) -> list[str]:
    """Return the titles of a list, of works of all types unless some are named."""
    works = newest_first(readable_pages(READER), models or work_types(), **filing)
    pages = [page.title for page in listed_pages(works)]
    assert pages == [one.title for one in works]
    return pages


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
            assert listed() == [title]


def test_profiles_of_programmes_are_listed_in_english_rather_than_in_a_foreign_original() -> None:
    """They are what other works are named and compared by."""
    original = work(ProgrammePage, title="OTOP ไทย", language="th", slug="otop")
    work(ProgrammePage, title="OTOP in Thailand", slug="otop", translation_of=original)
    for language, title in (("th", "OTOP ไทย"), ("pt", "OTOP in Thailand")):
        with translation.override(language):
            assert listed(ProgrammePage) == [title]
            assert programmes_by_code(READER)["otop"].title == title


def test_a_private_version_gives_way_to_one_the_reader_may_open(
    versions: dict[str, CaseStudyPage],
) -> None:
    PageViewRestriction.objects.create(page=versions["fr"], restriction_type="login")
    with translation.override("fr"):
        assert listed() == ["Tre"]


def test_lists_are_newest_first() -> None:
    for title, dated in (("Old", "2018"), ("New", "2025-03-01"), ("Mid", "2025-02"), ("None", "")):
        work(title=title, dated=dated)
    assert listed() == ["New", "Mid", "Old", "None"]


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
    assert listed(LessonPage) == ["Lesson"]
    assert listed(CaseStudyPage, LessonPage, programme__code="ocop") == ["Case"]
    assert listed(CaseStudyPage, programme__code="nothing") == []


def test_a_work_linked_to_another_language_version_of_the_programme_is_listed() -> None:
    vietnamese = work(ProgrammePage, title="OCOP vi", language="vi", slug="ocop")
    work(ProgrammePage, title="OCOP en", slug="ocop", translation_of=vietnamese)
    work(title="Tre", language="vi", programme=vietnamese)
    assert listed(CaseStudyPage, programme__code="ocop") == ["Tre"]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> ProgrammePage:
    """A programme with five works, where three fit a page."""
    monkeypatch.setattr(listing, "WORKS_ON_A_PAGE", 3)
    programme = work(ProgrammePage, title="OCOP", code="ocop")
    for year in range(2020, 2025):
        work(title=f"Case of {year}", dated=str(year), programme=programme)
    return programme


def shown(client: Client, address: str) -> list[str]:
    return [page.title for page in client.get(address).context["works"]]


def test_a_long_list_has_pages(client: Client, many: ProgrammePage) -> None:
    address = index_page(CaseStudyPage).get_url()
    assert shown(client, address) == ["Case of 2024", "Case of 2023", "Case of 2022"]
    assert shown(client, f"{address}?page=2") == ["Case of 2021", "Case of 2020"]
    page = client.get(address).content.decode()
    assert "5 works, newest first" in page
    assert 'href="?page=2"' in page


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "99", "1e9", "\x00"])
def test_no_number_of_a_page_breaks_a_list(
    client: Client, many: ProgrammePage, number: str
) -> None:
    response = client.get(index_page(CaseStudyPage).get_url(), {"page": number})
    assert response.status_code == 200
    assert response.context["works"]


def test_a_programme_shows_its_newest_works_and_where_the_others_are(
    client: Client, many: ProgrammePage
) -> None:
    assert shown(client, many.get_url()) == ["Case of 2024", "Case of 2023", "Case of 2022"]
    page = client.get(many.get_url()).content.decode()
    assert "5 works about this programme" in page
    assert '<a href="/search/?programme=ocop">Show all 5</a>' in page


def test_versions_of_no_work_are_none() -> None:
    assert versions_for_reader(READER, []) == []


def test_headings_of_a_list_follow_the_title_of_its_page(client: Client) -> None:
    page = work(title="Hives")
    index = page.get_parent()
    html = client.get(index.get_url()).content.decode()
    assert re.search(r"<h2><a [^>]*>Hives</a></h2>", html)
    assert "<h3" not in html

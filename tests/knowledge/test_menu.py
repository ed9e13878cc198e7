import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import translation
from wagtail.models import PageViewRestriction, Site

from knowledge.menu import menu_for
from knowledge.models import CaseStudyPage, LessonPage, PolicyPage
from knowledge.rights import AnonymousReader
from tests.factories import index_page

pytestmark = pytest.mark.django_db
READER = AnonymousReader()


def test_the_sections_of_the_readers_language_are_listed_in_their_order() -> None:
    english = [index_page(model) for model in (PolicyPage, LessonPage)]
    french = [index_page(model, "fr") for model in (LessonPage, CaseStudyPage)]
    for language, pages in (("en", english), ("fr", french), ("th", [])):
        with translation.override(language):
            found = menu_for(READER)
        assert [(one.page, one.title, one.url) for one in found] == [
            (page.pk, page.title, page.url) for page in pages
        ]


def test_a_section_that_is_closed_or_withdrawn_is_not_named_and_comes_back() -> None:
    page = index_page(LessonPage)
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="login")
    assert menu_for(READER) == []
    restriction.delete()
    assert [one.page for one in menu_for(READER)] == [page.pk]
    page.unpublish()
    assert menu_for(READER) == []


def test_a_section_that_is_renamed_has_its_new_name_at_once() -> None:
    page = index_page(LessonPage)
    assert [one.title for one in menu_for(READER)] == [page.title]
    page.title = "What was learnt"
    page.save_revision().publish()
    assert [one.title for one in menu_for(READER)] == ["What was learnt"]


def test_where_there_are_several_sites_the_menu_stays_on_the_one_that_is_read() -> None:
    page = index_page(LessonPage)
    root = Site.objects.get(is_default_site=True).root_page
    Site.objects.create(hostname="other.example", port=80, root_page=root)
    for host in ("localhost", "other.example"):
        request = RequestFactory().get("/", HTTP_HOST=host)
        request.user, request.session = AnonymousUser(), {}  # type: ignore[assignment]
        assert [one.url for one in menu_for(request)] == [page.get_url(request)]
        assert page.get_url(request).startswith("/")


def test_the_menu_marks_the_section_that_is_open() -> None:
    page = index_page(LessonPage)
    request = RequestFactory().get(page.url)
    request.user, request.session = AnonymousUser(), {}  # type: ignore[assignment]
    html = page.serve(request).rendered_content
    assert f'<a href="{page.url}" aria-current="page">{page.title}</a>' in html

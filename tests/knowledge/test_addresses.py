import pytest
from django.test import RequestFactory
from wagtail.models import Page, Site

from knowledge.addresses import addresses_at
from knowledge.models import LessonPage
from tests.factories import home_page, index_page, work

pytestmark = pytest.mark.django_db


def test_every_page_has_the_address_that_wagtail_gives_it() -> None:
    deep = work(slug="mật-ong", language="vi")
    work(LessonPage, slug="honey", parent=deep.get_parent())
    home_page("vi").add_child(instance=Page(title="Root", slug="home-en"))
    pages = list(Page.objects.order_by("path"))
    addresses = addresses_at(page.url_path for page in pages)
    assert addresses == [page.get_url() or "" for page in pages]
    assert addresses[0] == ""  # the root of the tree is no page of a site
    assert "/vi/case-studies/m%E1%BA%ADt-ong/" in addresses


def test_of_two_sites_the_pages_of_the_other_have_its_host() -> None:
    page = work(slug="honey")
    section = index_page(LessonPage)
    lesson = work(LessonPage, slug="lesson")
    Site.objects.create(hostname="lessons.test", root_page=section)
    pages = [page, section, lesson]
    paths = [one.url_path for one in pages]
    assert addresses_at(paths) == [one.get_url() for one in pages]
    assert addresses_at(paths)[1:] == ["http://lessons.test/en/", "http://lessons.test/en/lesson/"]
    request = RequestFactory().get("/", HTTP_HOST="lessons.test")
    assert addresses_at(paths, request)[1:] == ["/en/", "/en/lesson/"]

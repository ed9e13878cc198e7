import re

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from knowledge.models import LessonPage
from knowledge.reader_language import reader_language
from tests.factories import home_page, index_page, work

COOKIE = settings.LANGUAGE_COOKIE_NAME


def language_of(accept: str = "", cookie: str | None = None) -> str:
    request = RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE=accept)
    if cookie is not None:
        request.COOKIES[COOKIE] = cookie
    return reader_language(request)


def test_english_is_spoken_to_a_reader_who_says_nothing() -> None:
    assert language_of() == "en"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("fr", "fr"),
        ("fr-CA,fr;q=0.9", "fr"),
        ("en;q=0.3,vi;q=0.8", "vi"),
        ("de,th;q=0.5", "th"),
        ("ko,am;q=0.9,ar;q=0.1", "ar"),
        ("de", "en"),
        ("*", "en"),
        ("xx;q=zz,,,;;", "en"),
        ("fr;q=0,vi;q=0.1", "vi"),
    ],
)
def test_the_browsers_best_available_language_counts(accept: str, language: str) -> None:
    assert language_of(accept) == language


def test_the_readers_choice_beats_the_browser() -> None:
    assert language_of("fr", cookie="vi") == "vi"


@pytest.mark.parametrize("cookie", ["", "de", "ko", "../../etc", "EN"])
def test_a_choice_that_is_not_offered_is_ignored(cookie: str) -> None:
    assert language_of("fr", cookie=cookie) == "fr"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/search/", "/indicators/", "/compare/"])
def test_an_address_may_name_the_language_and_nothing_is_kept_of_it(
    client: Client, address: str
) -> None:
    home_page()
    client.cookies[COOKIE] = "vi"
    response = client.get(address, {"interface": "th"}, headers={"accept-language": "fr"})
    assert response.headers["Content-Language"] == "th"
    assert '<html lang="th"' in response.content.decode()
    assert COOKIE not in response.cookies
    assert client.get(address).headers["Content-Language"] == "vi"
    for unknown in ("xx", "ko", "", "TH", "\x00"):
        told = client.get(address, {"interface": unknown})
        assert told.headers["Content-Language"] == "vi"


@pytest.mark.django_db
def test_the_columns_of_a_table_are_named_in_the_language_of_its_address(client: Client) -> None:
    address = "/indicators/?format=csv&interface=en"
    for language in ("en", "vi", "ar"):
        told = client.get(address, headers={"accept-language": language}).content.decode()
        assert told.startswith("\ufeffCode,Programme,Indicator,")


@pytest.mark.django_db
def test_a_choice_wins_over_the_language_of_the_address_it_was_made_at(client: Client) -> None:
    target = "/search/?q=a%26b&interface=fr&page=&kind=x"
    response = client.post("/language/", {"language": "vi", "next": target})
    assert response.headers["Location"] == "/search/?q=a%26b&page=&kind=x"


@pytest.mark.django_db
def test_a_page_keeps_its_language_inside_the_readers_interface(client: Client) -> None:
    page = work(LessonPage, title="Bài học", text="Nước sạch.", language="vi")
    response = client.get(page.url, HTTP_ACCEPT_LANGUAGE="fr")
    html = response.content.decode()
    assert re.search(r"<html[^>]*\blang=\"fr\"[^>]*\bdir=\"ltr\"", html)
    assert re.search(r"<h1 lang=\"vi\" dir=\"ltr\">\s*Bài học", html)
    text = re.search(r"<div class=\"text\" lang=\"vi\" dir=\"ltr\">(.*?)</div>", html, re.DOTALL)
    assert text is not None
    assert "Nước sạch." in text.group(1)
    assert response.headers["Content-Language"] == "fr"
    assert {"Accept-Language", "Cookie"} <= {
        one.strip() for one in response.headers["Vary"].split(",")
    }


@pytest.mark.django_db
def test_an_arabic_interface_runs_from_right_to_left_around_a_vietnamese_text(
    client: Client,
) -> None:
    page = work(LessonPage, title="Bài học", language="vi")
    html = client.get(page.url, HTTP_ACCEPT_LANGUAGE="ar").content.decode()
    assert re.search(r"<html[^>]*\blang=\"ar\"[^>]*\bdir=\"rtl\"", html)
    assert '<h1 lang="vi" dir="ltr">' in html


@pytest.mark.django_db
def test_an_arabic_text_runs_from_right_to_left_inside_a_french_interface(client: Client) -> None:
    page = work(LessonPage, title="درس", text="نص.", language="ar")
    html = client.get(page.url, HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert '<h1 lang="ar" dir="rtl">' in html
    assert '<div class="text" lang="ar" dir="rtl">' in html


@pytest.mark.django_db
def test_the_bare_address_shows_the_home_page_in_the_readers_language(client: Client) -> None:
    home_page("en")
    home_page("fr")
    response = client.get("/", HTTP_ACCEPT_LANGUAGE="fr")
    assert response.status_code == 200
    assert '<html lang="fr"' in response.content.decode()


@pytest.mark.django_db
def test_the_menu_leads_to_the_lists_of_the_readers_language(client: Client) -> None:
    english, french = index_page(LessonPage, "en"), index_page(LessonPage, "fr")
    html = client.get("/search/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert f'href="{french.url}"' in html
    assert f'href="{english.url}"' not in html


@pytest.mark.django_db
def test_a_choice_is_remembered_and_leads_back(client: Client) -> None:
    home_page()
    response = client.post("/language/", {"language": "vi", "next": "/search/?q=miel"})
    assert response.status_code == 302
    assert response.headers["Location"] == "/search/?q=miel"
    assert client.cookies[COOKIE].value == "vi"
    html = client.get("/search/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert '<html lang="vi"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["", "de", "ko", "<script>"])
def test_a_language_that_is_not_offered_is_not_remembered(client: Client, language: str) -> None:
    assert client.post("/language/", {"language": language}).headers["Location"] == "/"
    assert COOKIE not in client.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil.example", "\t//evil.example", ""],
)  # fmt: skip
def test_nobody_is_led_to_another_host(client: Client, target: str) -> None:
    response = client.post("/language/", {"language": "vi", "next": target})
    assert response.headers["Location"] == "/"


@pytest.mark.django_db
def test_a_choice_needs_a_form(client: Client) -> None:
    assert client.get("/language/?language=vi").status_code == 405
    guarded = Client(enforce_csrf_checks=True)
    assert guarded.post("/language/", {"language": "vi"}).status_code == 403

"""The glossary as pages: a term in each language, and the works that speak of it."""

import re

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import GlossaryName, GlossaryTerm
from tests.factories import work

pytestmark = pytest.mark.django_db


def term(code: str, name: str, **names: str) -> None:
    made = GlossaryTerm.objects.create(code=code, name=name)
    for language, local in names.items():
        GlossaryName.objects.create(term=made, language=language, name=local)


def page(client: Client, address: str, language: str = "en", **asked: str) -> str:
    response = client.get(address, asked, headers={"accept-language": language})
    assert response.status_code == 200
    return str(response.content.decode())


def listed(client: Client, language: str = "en", **asked: str) -> list[str]:
    return re.findall(
        r"<li><a [^>]+><bdi>(.*?)</bdi>", page(client, "/glossary/", language, **asked)
    )


def told(client: Client, code: str, language: str = "en") -> list[tuple[str, str]]:
    """Return (name of the language, term) of each row of a term's page."""
    html = page(client, f"/glossary/{code}", language)
    return re.findall(r'<th scope="row">(.*?)</th><td><a [^>]+>(.*?)</a>', html)


@pytest.fixture
def terms() -> None:
    term("star", "star rating", vi="xếp hạng sao", th="ระดับดาว")
    term("fund", "village fund", vi="Đối tác quỹ làng", ar="صندوق القرية")
    term("art", "Art", vi="nghề thủ công")


@pytest.mark.usefixtures("terms")
def test_terms_are_listed_in_the_order_of_the_readers_language(client: Client) -> None:
    assert listed(client) == ["Art", "star rating", "village fund"]
    assert listed(client, "vi") == ["Đối tác quỹ làng", "nghề thủ công", "xếp hạng sao"]
    assert listed(client, "ar") == ["Art", "star rating", "صندوق القرية"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("STAR", ["star rating"]),
        ("xep hang", ["star rating"]),
        ("doi tac", ["village fund"]),
        ("ดาว", ["star rating"]),
        ("صندوق", ["village fund"]),
        ("  village \n fund ", ["village fund"]),
        ("   ", ["Art", "star rating", "village fund"]),
        ("ar", ["Art", "star rating"]),
        (".*", []),
        ("\x00", []),
        ("village fund" * 200, []),
    ],
)
@pytest.mark.usefixtures("terms")
def test_a_term_is_found_by_letters_of_it_in_any_language_with_or_without_accents(
    client: Client, wanted: str, found: list[str]
) -> None:
    assert listed(client, q=wanted) == found


@pytest.mark.usefixtures("terms")
def test_the_number_of_terms_is_that_of_those_shown(client: Client) -> None:
    assert "3 terms" in page(client, "/glossary/")
    assert "1 term<" in page(client, "/glossary/", q="star")
    assert "No term contains these letters." in page(client, "/glossary/", q="zzz")


@pytest.mark.parametrize("wanted", ['"><script>alert(1)</script>', "<script>alert(1)</script>"])
def test_what_was_asked_for_is_repeated_without_markup(client: Client, wanted: str) -> None:
    html = page(client, "/glossary/", q=wanted)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_term_stands_in_each_language_that_has_it_english_first(client: Client) -> None:
    term("star", "star rating", ar="تصنيف", th="ระดับดาว", vi="xếp hạng sao")
    assert told(client, "star") == [
        ("English", "star rating"),
        ("Vietnamese", "xếp hạng sao"),
        ("Thai", "ระดับดาว"),
        ("Arabic", "تصنيف"),
    ]
    assert told(client, "star", "fr")[0] == ("Anglais", "star rating")


def test_a_term_says_the_direction_of_each_language(client: Client) -> None:
    term("star", "star rating", ar="تصنيف")
    html = page(client, "/glossary/star")
    assert 'lang="ar" dir="rtl">تصنيف</a>' in html
    assert 'lang="en" dir="ltr">star rating</a>' in html
    assert '<html lang="ar" dir="rtl">' in page(client, "/glossary/star", "ar")


def test_a_name_in_a_language_that_the_portal_does_not_have_is_left_out(client: Client) -> None:
    term("star", "star rating", xx="qqq")
    assert told(client, "star") == [("English", "star rating")]


def test_each_name_leads_to_a_search_for_the_whole_of_it(client: Client) -> None:
    term("mark", "mark & seal #1/2")
    assert 'href="/search/?q=mark%20%26%20seal%20%231%2F2"' in page(client, "/glossary/mark")


@pytest.mark.parametrize("address", ["/glossary/", "/glossary/mark"])
def test_names_are_no_markup(client: Client, address: str) -> None:
    term("mark", "<img src=x onerror=alert(1)>", vi="<b>dấu</b>")
    html = page(client, address)
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "<img src=x" not in html
    assert "<b>dấu" not in html


def test_works_that_speak_of_a_term_are_shown_whatever_their_language(client: Client) -> None:
    term("honey", "honey trade", vi="buôn mật ong")
    work(title="Tổ ong", text="Làng sống nhờ buôn mật ong.", language="vi")
    work(title="Hives", text="The honey trade feeds us.")
    work(title="Elsewhere", text="Bamboo baskets.")
    html = page(client, "/glossary/honey")
    assert "Tổ ong</a>" in html
    assert "Hives</a>" in html
    assert "Elsewhere" not in html


@pytest.mark.usefixtures("terms")
def test_a_term_of_which_no_work_speaks_says_so(client: Client) -> None:
    work(title="Elsewhere", text="Bamboo baskets.")
    assert "No work speaks of it in so many words yet." in page(client, "/glossary/fund")


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
@pytest.mark.usefixtures("terms")
def test_a_work_that_the_reader_may_not_open_speaks_of_nothing(client: Client, how: str) -> None:
    secret = work(title="Secret", text="The village fund lends.")
    assert "Secret" in page(client, "/glossary/fund")
    if how == "draft":
        secret.unpublish()
    else:
        PageViewRestriction.objects.create(page=secret, restriction_type=how)
    html = page(client, "/glossary/fund")
    assert "Secret" not in html
    assert "lends" not in html
    assert "No work speaks of it in so many words yet." in html


@pytest.mark.parametrize("code", ["no-such", "STAR", "%3Cscript%3E", "a b", "9" * 300])
@pytest.mark.usefixtures("terms")
def test_a_term_that_does_not_exist_is_a_404(client: Client, code: str) -> None:
    assert client.get(f"/glossary/{code}").status_code == 404


@pytest.mark.parametrize("address", ["/glossary/", "/glossary/star"])
@pytest.mark.usefixtures("terms")
def test_the_glossary_is_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405

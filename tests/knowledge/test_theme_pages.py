"""A theme's page: what programmes say of it, works by kind, by programme and by country."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.browsing.themes import DIMENSIONS
from knowledge.models import CaseStudyPage, LessonPage, PolicyPage, Theme, ThemeName
from tests.factories import work
from tests.knowledge.test_country_pages import (
    cell,
    country,
    fact,
    hide,
    main,
    part,
    programme,
    shown,
)

pytestmark = pytest.mark.django_db

MOST_QUERIES = 50


@pytest.fixture
def grading() -> Theme:
    made: Theme = Theme.objects.create(code="grading", name="Grading and stars")
    ThemeName.objects.create(theme=made, language="fr", name="Classement")
    return made


def rows(html: str) -> dict[str, list[str]]:
    """Return programme → its cells in the table."""
    found = re.findall(r'<th role="rowheader".*?</tr>', html, re.DOTALL)
    return {
        re.sub(r"<[^>]+>", "", one.split("</th>")[0]).strip(): [
            re.sub(r"<[^>]+>", "", text)
            for text in re.findall(
                r'<td role="cell">(?:<span class="of".*?</span>)?(.*?)</td>', one, re.DOTALL
            )
        ]
        for one in found
    }


def test_each_programme_says_its_part_with_evidence(client: Client, grading: Theme) -> None:
    fact("VN-1"), fact("TH-1")
    ocop = programme("ocop")
    cell(ocop, "grading", "Five stars [@VN-1].")
    cell(ocop, "criteria", "Hundred points [@VN-1].")
    cell(ocop, "finance", "Loans [@TH-1].")
    cell(programme("otop"), "criteria", "Quality [@TH-1].")
    programme("silent")
    html = shown(client, "/themes/grading")
    assert rows(html) == {
        "Programme ocop": ["Five stars1.", "Hundred points1."],
        "Programme otop": ["No source yet", "Quality2."],
    }
    assert 'id="fact-VN-1"' in html
    assert "https://example.org/TH-1" in html
    assert "No source yet: Programme silent" in part(html, "says")
    assert "Loans" not in html


def test_each_mapped_theme_is_a_theme_of_the_starter_collection() -> None:
    lines = (settings.BASE_DIR / "content_seed" / "themes.tsv").read_text("utf-8").splitlines()
    assert set(DIMENSIONS) <= {line.split("\t")[0] for line in lines}


def test_a_theme_without_a_dimension_has_no_table(client: Client) -> None:
    fact("VN-1")
    Theme.objects.create(code="tourism", name="Tourism")
    cell(programme("ocop"), "grading", "Five stars [@VN-1].")
    html = shown(client, "/themes/tourism")
    assert not part(html, "says")
    assert "Five stars" not in html


def test_cells_are_read_in_the_language_of_the_reader_else_of_the_original(
    client: Client, grading: Theme
) -> None:
    fact("VN-1")
    vietnamese = programme("ocop", language="vi", title="OCOP vi")
    french = programme("ocop", language="fr", title="OCOP fr", translation_of=vietnamese)
    cell(vietnamese, "grading", "Năm sao [@VN-1].")
    cell(french, "grading", "Cinq étoiles [@VN-1].")
    assert list(rows(shown(client, "/themes/grading", "fr"))) == ["OCOP fr"]
    html = shown(client, "/themes/grading", "th")
    assert list(rows(html)) == ["OCOP vi"]
    assert '<span lang="vi" dir="ltr">Năm sao' in html


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_programme_that_is_hidden_says_nothing(client: Client, grading: Theme, how: str) -> None:
    fact("VN-1")
    hidden = programme("ocop", themes=[grading], country=country("zz", "Zedland"))
    cell(hidden, "grading", "Five stars [@VN-1].")
    silent = programme("otop")
    lesson = work(LessonPage, title="Public", themes=[grading], programme=hidden)
    before = shown(client, "/themes/grading")
    assert "2 works" in before
    hide([hidden, silent], how)
    html = shown(client, "/themes/grading")
    assert not re.search(r"Programme o|Five stars|VN-1|Zedland|ocop|2 works", html)
    assert lesson.title in part(html, "lesson")
    assert "1 work" in shown(client, "/themes/")


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_theme_of_hidden_works_looks_like_one_of_none(
    client: Client, grading: Theme, how: str
) -> None:
    Theme.objects.create(code="void", name="Grading and stars")
    pages = [
        work(model, title=f"Hidden {model.kind}", themes=[grading])
        for model in (PolicyPage, LessonPage, CaseStudyPage)
    ]
    hide(pages, how)
    hidden, empty = (main(shown(client, path)) for path in ("/themes/grading", "/themes/void"))
    assert hidden == empty
    assert "There is no work on this theme here yet." in hidden
    assert "/themes/grading" not in shown(client, "/themes/")


def test_works_programmes_and_countries_are_counted_as_the_searches_they_lead_to_count(
    client: Client, grading: Theme
) -> None:
    vn = country("vn", "Viet Nam")
    ocop = programme("ocop", country=vn)
    work(LessonPage, title="One", themes=[grading], country=vn, programme=ocop)
    work(CaseStudyPage, title="Two", themes=[grading], country=vn)
    work(CaseStudyPage, title="Three", country=vn)
    html = shown(client, "/themes/grading")
    assert "One" in part(html, "lesson")
    assert "Two" in part(html, "case_study")
    assert "Three" not in html
    assert "Programme ocop 1 work" in part(html, "by-programme")
    assert "Viet Nam 2 works" in part(html, "by-country")
    assert 'href="/search/?theme=grading&amp;programme=ocop"' in html
    assert 'href="/search/?theme=grading&amp;country=vn"' in html
    assert 'href="/search/?theme=grading"' in html
    assert '<input type="hidden" name="theme" value="grading">' in html


def test_the_list_names_themes_in_the_language_of_the_reader(
    client: Client, grading: Theme
) -> None:
    Theme.objects.create(code="void", name="Void")
    page = work(LessonPage, themes=[grading])
    html = shown(client, "/themes/", "fr")
    assert re.search(r'href="/themes/grading"><span class="name">Classement</span>', html)
    assert "Void" not in html
    assert "<h1>Classement</h1>" in shown(client, "/themes/grading", "fr")
    assert 'href="/themes/grading"' in shown(client, page.get_url())
    assert 'href="/themes/grading"' in shown(client, "/")
    assert 'href="/themes/"' in shown(client, "/")


def test_an_empty_list_says_so(client: Client) -> None:
    assert "There is nothing here yet." in shown(client, "/themes/")


@pytest.mark.parametrize("code", ["zz", "-", "g" * 500, "grading%00", "%2e%2e", "đánh"])
def test_an_unknown_theme_is_not_found_in_plain_words(
    client: Client, grading: Theme, code: str
) -> None:
    response = client.get(f"/themes/{code}", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()


def test_markup_is_text(client: Client) -> None:
    fact("VN-1")
    Theme.objects.create(code="finance", name="<script>alert(1)</script>")
    cell(programme("ocop", title="<b>Bold</b>"), "finance", "<i>Loans</i> [@VN-1].")
    html = shown(client, "/themes/finance")
    assert "&lt;script&gt;alert(1)" in html
    assert not re.search(r"<script>alert|<b>Bold|<i>Loans", html)


def test_more_of_everything_costs_no_more_queries(
    client: Client, grading: Theme, django_assert_max_num_queries: Any
) -> None:
    fact("VN-1")
    asked = []
    for number in range(2):
        for more in range(1 + 5 * number):
            code = f"p{number}-{more}"
            land = country(f"c{number}{more}", f"Land {code}")
            cell(programme(code, themes=[grading], country=land), "grading", "Stars [@VN-1].")
            programme(f"silent-{code}")
            for model in (PolicyPage, LessonPage, CaseStudyPage):
                work(model, title=f"{code} {model.kind}", themes=[grading], country=land)
        shown(client, "/themes/grading")
        with CaptureQueriesContext(connection) as captured:
            shown(client, "/themes/grading")
        asked.append(len(captured))
    assert asked[1] <= asked[0]
    with django_assert_max_num_queries(MOST_QUERIES):
        shown(client, "/themes/grading")

"""A country's page: programmes, policies today, works, figures and lineage, as far as they are open."""

import datetime as dt
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from knowledge.browsing.shelves import MOST_SHOWN
from knowledge.models import (
    CaseStudyPage,
    Country,
    CountryName,
    Fact,
    Indicator,
    IndicatorValue,
    LessonPage,
    PolicyPage,
    ProgrammeCell,
    ProgrammePage,
    Source,
    Theme,
    Transfer,
    TransferText,
)
from knowledge.models.base import WorkPage
from tests.factories import work

pytestmark = pytest.mark.django_db

MOST_QUERIES = 85


@pytest.fixture
def land() -> Country:
    return country("vn", "Viet Nam")


def country(code: str, name: str, **names: str) -> Country:
    made: Country = Country.objects.create(code=code, name=name)
    for language, local in names.items():
        CountryName.objects.create(country=made, language=language, name=local)
    return made


def fact(code: str) -> Fact:
    made, is_new = Fact.objects.get_or_create(code=code, defaults={"statement": f"Fact {code}."})
    if is_new:
        made.sources.add(Source.objects.create(title=code, address=f"https://example.org/{code}"))
    return made


def programme(code: str, **fields: Any) -> WorkPage:
    fields = {"title": f"Programme {code}: a subtitle", "slug": code, **fields}
    return work(ProgrammePage, code=code, **fields)


def cell(page: WorkPage, aspect: str, text: str) -> None:
    ProgrammeCell.objects.create(page=page, aspect=aspect, text=text)


def transfer(origin: str, heir: str, **texts: str) -> None:
    told = TransferText(language="en", **(texts or {"taken": f"From {origin} [@VN-1]."}))
    Transfer(origin=origin, heir=heir, texts=[told]).save()


def figure_of(programme: str, amount: int, **fields: Any) -> None:
    code = f"figure-{Indicator.objects.count()}"
    made = Indicator.objects.create(
        code=code, name=f"Name of {code}", definition="Counted.", unit="products",
        programme=programme, **fields,
    )  # fmt: skip
    IndicatorValue.objects.create(
        indicator=made, value=amount, as_of="2024", fact=fact(f"XX-{amount}")
    )


def hide(pages: Iterator[Page] | list[Page], how: str) -> None:
    for page in pages:
        if how == "draft":
            page.unpublish()
            continue
        restriction = PageViewRestriction.objects.create(page=page, restriction_type=how)
        if how == "groups":
            restriction.groups.add(Group.objects.get_or_create(name="Insiders")[0])


def shown(client: Client, path: str = "/countries/vn", language: str = "en") -> str:
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    return str(response.content.decode())


def part(html: str, name: str) -> str:
    """Return a section of the page as running text; empty where there is none."""
    found = re.search(rf'<section class="[^"]*" id="{name}".*?</section>', html, re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", found.group()) if found else ""
    return " ".join(unescape(text).split())


def main(html: str) -> str:
    """Return what is the page's own."""
    return html.partition("<main")[2].partition("</main>")[0]


def test_a_country_shows_its_programmes_with_a_short_profile(client: Client, land: Country) -> None:
    programme("ocop", country=land, started=2018, lead_body="A ministry", unit="commune")
    programme("otop", country=country("th", "Thailand"), started=2001)
    text = part(shown(client), "programmes")
    for told in ("Programme ocop: a subtitle", "2018", "A ministry", "commune"):
        assert told in text
    assert not re.search("2001|Programme otop", text)


def test_policies_stand_by_what_they_are_today(client: Client, land: Country) -> None:
    today = dt.date.today()  # noqa: DTZ011
    old, new, *_ = (
        work(PolicyPage, title=title, country=land, issued=issued, in_force_from=begin)
        for title, issued, begin in (
            ("The old rule", dt.date(2019, 1, 1), None),
            ("The new rule", dt.date(2023, 1, 1), None),
            ("The coming rule", today, today + dt.timedelta(days=9)),
            ("The undated rule", None, None),
        )
    )
    new.replaces.set([old])
    new.save_revision().publish()
    work(PolicyPage, title="Elsewhere", country=country("th", "Thailand"), issued=today)
    text = part(shown(client), "policies")
    order = ["In force today", "The new rule", "Not in force yet", "The coming rule",
             "Replaced or no longer in force", "The old rule", "First day of force not known", "The undated rule"]  # fmt: skip
    at = [text.index(one) for one in order]
    assert at == sorted(at)
    assert "Elsewhere" not in text


def test_works_stand_by_kind_in_the_language_of_the_reader_where_there_is_one(
    client: Client, land: Country
) -> None:
    lesson = work(LessonPage, title="A lesson", country=land)
    work(LessonPage, title="Một bài học", language="vi", country=land, translation_of=lesson)
    work(CaseStudyPage, title="Un cas", language="fr", country=land)
    work(CaseStudyPage, title="Of no country")
    html = shown(client, language="vi")
    assert "Một bài học" in part(html, "lesson")
    assert "A lesson" not in html
    assert "Français" in part(html, "case_study")
    assert 'lang="fr" dir="ltr">Un cas</a>' in html
    assert "Of no country" not in html


def test_of_many_works_the_newest_are_shown_and_a_search_lists_all(
    client: Client, land: Country
) -> None:
    for year in range(2000, 2000 + MOST_SHOWN + 2):
        work(LessonPage, title=f"Lesson of {year}", country=land, dated=str(year))
    html = shown(client)
    assert re.findall(r"Lesson of (\d+)", part(html, "lesson")) == [
        str(year) for year in range(2001 + MOST_SHOWN, 2001, -1)
    ]
    assert f"Show all {MOST_SHOWN + 2}" in html
    assert 'href="/search/?country=vn&amp;kind=lesson"' in html
    found = client.get("/search/?country=vn&kind=lesson").content.decode()
    assert f"{MOST_SHOWN + 2} works" in found


def test_the_question_box_asks_within_the_country(client: Client, land: Country) -> None:
    work(LessonPage, title="Honey here", text="Honey.", country=land)
    work(LessonPage, title="Honey there", text="Honey.", country=country("th", "Thailand"))
    form = re.search(r'<form class="ask".*?</form>', shown(client), re.DOTALL)
    assert form
    hidden = re.search(r'type="hidden" name="(\w+)" value="(\w+)"', form.group())
    assert hidden
    html = client.get("/search/", {"q": "honey", hidden[1]: hidden[2]}).content.decode()
    assert "Honey here" in html
    assert "Honey there" not in html


def test_indicators_lead_to_their_newest_value_and_its_source(
    client: Client, land: Country
) -> None:
    programme("ocop", country=land)
    figure_of("ocop", 4100)
    figure_of("", 4200, country=land)
    figure_of("", 4300)
    html = shown(client)
    assert re.findall(r"4,\d00", part(html, "indicators")) == ["4,100", "4,200"]
    address = re.search(r'href="(/indicators/[\w-]+)#value-\d+"', html)
    assert address
    assert "https://example.org/XX-" in client.get(address[1]).content.decode()


def test_what_it_took_over_and_what_it_gave_stand_apart_with_evidence(
    client: Client, land: Country
) -> None:
    fact("VN-1"), fact("VN-2")
    programme("ovop")
    programme("ocop", country=land)
    programme("other")
    transfer("ovop", "ocop", taken="Villages [@VN-1].", changed="Stars [@VN-1].")
    transfer("ocop", "other", taken="Points [@VN-1].", result="Unseen [@VN-2].")
    html = shown(client)
    assert "Villages 1 ." in part(html, "taken")
    assert "Stars" in part(html, "taken")
    assert "Points" in part(html, "given")
    assert "Unseen" not in html
    assert html.count('id="fact-VN-1"') == 1
    assert "fact-VN-2" not in html


def test_its_programme_can_be_compared_with_any_other_that_has_cells(
    client: Client, land: Country
) -> None:
    fact("VN-1")
    cell(programme("ocop", country=land), "finance", "Loans [@VN-1].")
    cell(programme("otop"), "finance", "Grants [@VN-1].")
    programme("blank")
    form = re.search(r'<form method="get" action="/compare/">.*?</form>', shown(client), re.DOTALL)
    assert form
    assert re.findall(r'name="programme" value="(\w+)"', form.group()) == ["ocop"]
    assert re.findall(r'<option value="(\w+)"', form.group()) == ["otop"]
    table = client.get("/compare/?programme=ocop&programme=otop").content.decode()
    assert "Loans" in table
    assert "Grants" in table


def test_without_a_cell_of_its_own_there_is_nothing_to_compare(
    client: Client, land: Country
) -> None:
    fact("VN-1")
    programme("ocop", country=land)
    cell(programme("otop"), "finance", "Grants [@VN-1].")
    assert 'action="/compare/"' not in shown(client)


def test_themes_are_counted_as_the_search_they_lead_to_counts(
    client: Client, land: Country
) -> None:
    theme = Theme.objects.create(code="grading", name="Grading")
    work(LessonPage, country=land, themes=[theme])
    work(LessonPage, themes=[theme])
    html = shown(client)
    assert "Grading 1 work" in part(html, "themes")
    assert 'href="/search/?country=vn&amp;theme=grading"' in html


def everything_in(land: Country) -> list[Page]:
    """Fill a country with one of everything and return its pages."""
    theme = Theme.objects.create(code="grading", name="Grading")
    ocop = programme("ocop", country=land, themes=[theme])
    cell(ocop, "finance", "Loans [@VN-1].")
    fact("VN-1")
    programme("ovop")
    transfer("ovop", "ocop")
    transfer("ocop", "ovop")
    figure_of("ocop", 4100)
    figure_of("ocop", 4200, country=land)
    return [
        ocop,
        work(PolicyPage, title="A rule", country=land, issued=dt.date(2020, 1, 1), programme=ocop),
        work(LessonPage, title="A lesson", country=land, programme=ocop, themes=[theme]),
        work(CaseStudyPage, title="A case", country=land, themes=[theme]),
    ]


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_country_of_hidden_works_looks_like_one_of_none(
    client: Client, land: Country, how: str
) -> None:
    pages = everything_in(land)
    country("xx", "Viet Nam")
    before = shown(client)
    hide(pages, how)
    hidden, empty = (main(shown(client, path)) for path in ("/countries/vn", "/countries/xx"))
    assert hidden == empty
    assert "There is nothing about this country here yet." in hidden
    assert "There is nothing about this country here yet." not in before
    assert "/countries/vn" not in shown(client, "/countries/")


def test_one_hidden_programme_takes_its_figures_and_lineage_along(
    client: Client, land: Country
) -> None:
    hide(everything_in(land)[:1], "login")
    html = shown(client)
    assert "A lesson" in html
    assert not re.search(r"Programme ocop|/ocop|4,100|4,200|From ovop|VN-1|4 works", html)
    assert "No programme of this country" in part(html, "programmes")
    assert "3 works" in html
    assert not part(html, "indicators")
    assert not part(html, "taken")
    assert "1 programme" not in shown(client, "/countries/")


def test_a_member_sees_what_is_open_to_the_group(client: Client, land: Country) -> None:
    hide(everything_in(land), "groups")
    member = User.objects.create_user("member")
    member.groups.add(Group.objects.get(name="Insiders"))
    client.force_login(member)
    html = shown(client)
    assert all(
        part(html, name) for name in ("programmes", "lesson", "indicators", "taken", "given")
    )
    assert "1 programme · 4 works" in shown(client, "/countries/")


def test_the_list_names_countries_in_the_language_of_the_reader_with_counts(
    client: Client,
) -> None:
    land = country("vn", "Viet Nam", fr="Viêt Nam")
    country("th", "Thailand")
    programme("ocop", country=land)
    work(LessonPage, country=land)
    html = shown(client, "/countries/", "fr")
    assert re.search(r'href="/countries/vn"><span class="name">Viêt Nam</span>', html)
    assert re.search(r"1 programme · 2 \w+", html)
    assert "/countries/th" not in html
    assert "<h1>Viêt Nam</h1>" in shown(client, language="fr")


def test_an_empty_list_says_so(client: Client) -> None:
    assert "There is nothing here yet." in shown(client, "/countries/")


@pytest.mark.parametrize("code", ["zz", "v", "-", "vn-" + "x" * 400, "%2e%2e", "vn%00", "ví"])
def test_an_unknown_country_is_not_found_in_plain_words(
    client: Client, land: Country, code: str
) -> None:
    response = client.get(f"/countries/{code}", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()


def test_a_code_may_be_written_in_capitals(client: Client, land: Country) -> None:
    assert "<h1>Viet Nam</h1>" in shown(client, "/countries/VN")


def test_markup_in_names_is_text(client: Client) -> None:
    land = country("vn", "<script>alert(1)</script>")
    programme("ocop", country=land, lead_body="<b>Bold</b>", unit="<i>u</i>")
    html = shown(client) + shown(client, "/countries/")
    assert "&lt;script&gt;alert(1)" in html
    assert not re.search(r"<script>alert|<b>Bold|<i>u", html)


def test_home_page_works_and_map_lead_to_the_country(client: Client) -> None:
    land = Country.objects.create(code="vn", name="Viet Nam", latitude=16, longitude=108)
    page = programme("ocop", country=land)
    for path in ("/", page.get_url(), "/compare/lineage"):
        assert 'href="/countries/vn"' in shown(client, path), path
    assert re.search(r'<a href="/countries/vn"><circle', shown(client, "/compare/lineage"))
    assert 'href="/countries/"' in shown(client, "/")


def test_more_of_everything_costs_no_more_queries(
    client: Client, land: Country, django_assert_max_num_queries: Any
) -> None:
    everything_in(land)
    asked = []
    for number in range(2):
        shown(client)
        with CaptureQueriesContext(connection) as captured:
            shown(client)
        asked.append(len(captured))
        for more in range(5):
            code = f"p{number}-{more}"
            cell(programme(code, country=land), "finance", "Loans [@VN-1].")
            transfer("ovop", code)
            figure_of(code, 5000 + 10 * number + more)
            for model in (PolicyPage, LessonPage, CaseStudyPage):
                work(model, title=f"{code} {model.kind}", country=land)
    assert asked[1] <= asked[0]
    shown(client)
    with django_assert_max_num_queries(MOST_QUERIES):
        shown(client)


def test_no_country_is_there_twice_for_a_capital_letter() -> None:
    Country.objects.create(code="vn", name="Viet Nam")
    with pytest.raises(ValidationError, match="already exists"):
        Country(code="VN", name="Viet Nam").full_clean()
    new = Country(code="LR", name="Liberia")
    new.full_clean()
    assert new.code == "lr"

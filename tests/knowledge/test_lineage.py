"""Where programmes are, and which learnt from which."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.compare.lineage import lineage_for
from knowledge.models import Country, Fact, ProgrammePage, Source, Transfer, TransferText
from knowledge.models.base import WorkPage
from knowledge.rights import AnonymousReader
from tests.factories import work

pytestmark = pytest.mark.django_db

ADDRESS = "/compare/lineage"
PLACES = {"jp": (36.0, 138.0), "th": (15.0, 101.0), "vn": (16.0, 108.0)}


def programme(code: str, country: str = "", **fields: Any) -> WorkPage:
    if country:
        latitude, longitude = PLACES.get(country, (None, None))
        defaults = {"name": f"Land {country}", "latitude": latitude, "longitude": longitude}
        fields["country"], _ = Country.objects.get_or_create(code=country, defaults=defaults)
    fields = {"title": f"Programme {code}: a subtitle", "slug": code, **fields}
    return work(ProgrammePage, code=code, **fields)


def transfer(origin: str, heir: str, *texts: TransferText, **fields: Any) -> Transfer:
    made = texts or (TransferText(language="en", taken=f"From {origin} [@VN-1]."),)
    step = Transfer(origin=origin, heir=heir, texts=list(made), **fields)
    step.save()
    return step


def hide(page: WorkPage, how: str) -> None:
    if how == "draft":
        page.unpublish()
        return
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=how)
    if how == "groups":
        restriction.groups.add(Group.objects.create(name="Insiders"))


def shown(client: Client) -> str:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    return response.content.decode()


def steps(html: str) -> list[str]:
    """Return the heads of the steps."""
    found = re.findall(r"<h3>(.*?)</h3>", html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in found]


def register(html: str) -> dict[str, str]:
    """Return country → the programmes that the list by country names."""
    part = re.findall(r"<ul class=\"register\">.*?</ul>", html, re.DOTALL)
    found = re.findall(r"<span class=\"label\">(.*?)</span>(.*?)</li>", "".join(part), re.DOTALL)
    plain = [[" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in entry] for entry in found]
    return dict(plain)


def test_a_step_says_what_was_taken_changed_and_reached_each_with_its_source(
    client: Client,
) -> None:
    fact = Fact.objects.create(code="VN-1", statement="It began in 2001.")
    fact.sources.add(Source.objects.create(title="Report", address="https://example.org/report"))
    programme("ovop")
    programme("otop")
    text = TransferText(
        language="en", taken="Ideas [@VN-1].", changed="Stars [@VN-1].", result="Sales [@VN-1]."
    )
    transfer("ovop", "otop", text, year=2001)
    html = shown(client)
    assert steps(html) == ["2001 Programme ovop → to Programme otop"]
    assert re.findall(r"<dt [^>]*>(.*?)</dt><dd>(\w+)<sup", html) == [
        ("Taken over", "Ideas"),
        ("Changed", "Stars"),
        ("Reported result", "Sales"),
    ]
    assert html.count('href="#fact-VN-1"') == 3
    assert html.count('id="fact-VN-1"') == 1
    assert "https://example.org/report" in html


def test_of_a_step_only_what_is_told_has_a_heading(client: Client) -> None:
    programme("ovop")
    programme("otop")
    transfer("ovop", "otop", TransferText(language="en", changed="Stars [@VN-1]."))
    html = shown(client)
    assert "Changed" in html
    assert not re.search("Taken over|Reported result", html)


def test_steps_follow_the_years_and_those_without_one_come_last(client: Client) -> None:
    for code in ("a", "b", "c", "d"):
        programme(code)
    transfer("a", "b")
    transfer("a", "c", year=2013)
    transfer("a", "d", year=1999)
    assert [head.split()[-1] for head in steps(shown(client))] == ["d", "c", "b"]


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
@pytest.mark.parametrize("end", ["ovop", "otop"])
def test_a_step_needs_both_ends_to_be_open_to_the_reader(
    client: Client, how: str, end: str
) -> None:
    Fact.objects.create(code="VN-1", statement="A hidden figure.")
    pages = {"ovop": programme("ovop", "jp"), "otop": programme("otop", "th")}
    transfer("ovop", "otop", TransferText(language="en", taken="Quietly [@VN-1]."), year=2001)
    hide(pages[end], how)
    html = shown(client)
    assert steps(html) == []
    assert f"Programme {end}" not in html
    assert len(register(html)) == 1
    assert html.count("<circle") == 1
    assert not re.search(r"Quietly|A hidden figure|2001|class=\"arc", html)


def test_a_member_of_the_group_sees_the_step(client: Client) -> None:
    programme("ovop")
    hide(programme("otop"), "groups")
    transfer("ovop", "otop")
    member = User.objects.create_user("member")
    member.groups.add(Group.objects.get(name="Insiders"))
    client.force_login(member)
    assert len(steps(shown(client))) == 1


@pytest.mark.parametrize(("origin", "heir"), [("no-such", "otop"), ("otop", "no-such")])
def test_a_step_of_a_programme_that_does_not_exist_is_left_out(
    client: Client, origin: str, heir: str
) -> None:
    programme("otop")
    transfer(origin, heir)
    html = shown(client)
    assert "no-such" not in html
    assert "No transfer has been described yet." in html


def test_a_step_of_which_nothing_is_told_is_left_out(client: Client) -> None:
    programme("ovop", "jp")
    programme("otop", "th")
    Transfer.objects.create(origin="ovop", heir="otop")
    html = shown(client)
    assert steps(html) == []
    assert 'class="arc' not in html


@pytest.mark.parametrize(
    ("language", "told"),
    [(["fr", "vi", "en"], "fr"), (["ar", "en"], "en"), (["vi", "ar"], None), (["ar"], "ar")],
)
def test_a_step_is_told_in_the_language_of_the_reader_else_in_english_else_in_any(
    language: list[str], told: str | None
) -> None:
    programme("ovop")
    programme("otop")
    made = [TransferText(language=one, taken=f"In {one} [@VN-1].") for one in language]
    transfer("ovop", "otop", *made)
    html = shown(Client(headers={"accept-language": "fr"}))
    found = re.findall(r"<dd>In (\w\w)", html)
    assert len(found) == 1
    assert found[0] == told if told else found[0] in language


def test_the_texts_are_read_in_the_direction_of_their_language(client: Client) -> None:
    programme("ovop", title="برنامج", language="ar")
    programme("otop")
    transfer("ovop", "otop", TransferText(language="ar", taken="فكرة [@VN-1]."))
    html = shown(client)
    assert '<dl lang="ar" dir="rtl">' in html
    assert 'lang="ar" dir="rtl">برنامج</a>' in html
    assert '<dt lang="en">Taken over</dt>' in html


def test_markup_in_titles_and_texts_is_text(client: Client) -> None:
    Fact.objects.create(code="VN-1", statement="<script>alert(2)</script>")
    programme("ovop", "jp", title="<b>Bold</b>")
    programme("otop", "th")
    Country.objects.filter(code="jp").update(name="</title><script>alert(3)</script>")
    transfer("ovop", "otop", TransferText(language="en", taken="<script>alert(1)</script> [@VN-1]"))
    html = shown(client)
    assert "&lt;script&gt;alert(1)" in html
    assert not re.search(r"<script>alert|<b>Bold", html)


def test_an_offer_is_called_one_and_drawn_as_one(client: Client) -> None:
    programme("ovop", "jp")
    programme("otop", "th")
    programme("ocop", "vn")
    transfer("ovop", "otop", year=2001)
    transfer("ovop", "ocop", year=2025, is_offer=True)
    html = shown(client)
    assert re.findall(r'class="(arc[^"]*)"', html) == ["arc", "arc offer"]
    taken, offered = steps(html)
    assert "so far an offer" not in taken
    assert offered.endswith("so far an offer")


@pytest.mark.parametrize("country", ["jp", "", "nowhere"])
def test_no_line_is_drawn_inside_a_country_or_to_no_place(client: Client, country: str) -> None:
    programme("ovop", "jp")
    programme("other", country)
    transfer("ovop", "other")
    html = shown(client)
    assert len(steps(html)) == 1
    assert 'class="arc' not in html


def test_programmes_of_one_country_share_a_place(client: Client) -> None:
    programme("two", "vn")
    programme("one", "vn")
    programme("ovop", "jp")
    programme("network")
    html = shown(client)
    assert html.count("<circle") == 2
    assert register(html) == {
        "Land jp": "Programme ovop",
        "Land vn": "Programme one, Programme two",
        "International": "Programme network",
    }


def test_every_dot_and_every_line_of_the_list_leads_to_the_country(client: Client) -> None:
    programme("ovop", "jp")
    programme("otop", "th")
    html = shown(client)
    dots = re.findall(r'<a href="(/countries/\w+)"><circle', html)
    lines = re.findall(r'class="label"><a href="(/countries/\w+)">Land', html)
    assert sorted(dots) == sorted(lines) == ["/countries/jp", "/countries/th"]
    assert all(client.get(address).status_code == 200 for address in dots)


@pytest.mark.parametrize(
    ("latitude", "longitude", "x", "y"),
    [(84, -180, 0, 0), (84, 180, 1000, 0), (0, 0, 500, 233.3), (-57, 0, 500, 391.7)],
)
def test_a_dot_stands_where_its_country_is_on_the_map(
    latitude: float, longitude: float, x: float, y: float
) -> None:
    country = Country.objects.create(code="zz", name="Land", latitude=latitude, longitude=longitude)
    work(ProgrammePage, country=country)
    (place,) = lineage_for(AnonymousReader()).places
    assert [place.x, place.y] == pytest.approx([x, y], abs=0.1)


def test_a_country_at_the_zero_of_the_map_has_a_place(client: Client) -> None:
    country = Country.objects.create(code="zz", name="Null Island", latitude=0, longitude=0)
    work(ProgrammePage, code="null", country=country)
    assert list(register(shown(client))) == ["Null Island"]


def test_an_empty_portal_says_that_nothing_has_been_described(client: Client) -> None:
    html = shown(client)
    assert "No transfer has been described yet." in html
    assert '<svg viewBox="0 0 1000' not in html


@pytest.mark.parametrize(
    ("texts", "fields"),
    [
        ({}, {"__all__"}),
        ({"taken": "Ideas."}, {"taken"}),
        ({"changed": "Stars [@XX-9]."}, {"changed"}),
        ({"taken": "Ideas [@VN-1].", "result": "Sales."}, {"result"}),
    ],
)
def test_an_editor_must_say_something_and_cite_a_fact_for_all_of_it(
    texts: dict[str, str], fields: set[str]
) -> None:
    Fact.objects.create(code="VN-1", statement="Told.")
    with pytest.raises(ValidationError) as refused:
        TransferText(language="en", **texts).full_clean(exclude=["transfer"])
    assert set(refused.value.message_dict) == fields


@pytest.mark.parametrize("told", ["taken", "changed", "result"])
def test_one_cited_text_is_enough_for_a_step(told: str) -> None:
    Fact.objects.create(code="VN-1", statement="Told.")
    TransferText(language="en", **{told: "So [@VN-1]."}).full_clean(exclude=["transfer"])


def test_two_programmes_have_one_step_in_each_direction() -> None:
    transfer("ovop", "otop")
    transfer("otop", "ovop")
    with pytest.raises(IntegrityError):
        Transfer.objects.create(origin="ovop", heir="otop", year=2020)

"""Programmes and grading systems side by side, and the same cells on the works themselves."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from knowledge.downloads import safe_cell
from knowledge.models import Fact, PolicyCell, PolicyPage, ProgrammeCell, ProgrammePage, Source
from knowledge.models.base import WorkPage
from tests.factories import work

pytestmark = pytest.mark.django_db

PROGRAMMES = "/compare/"
GRADING = "/compare/grading"
UNKNOWN = ["no-such", "", "x" * 5000, "\x00", "-1", "<script>alert(1)</script>"]


def fact(code: str = "VN-1", **fields: Any) -> Fact:
    return Fact.objects.create(
        code=code, statement=fields.pop("statement", f"Of {code}."), **fields
    )


def programme(code: str, cells: dict[str, str] | None = None, **fields: Any) -> WorkPage:
    """Return a programme; `cells` is dimension → text, one of its scale by default."""
    told = {"scale": f"Scale of {code} [@VN-1]."} if cells is None else cells
    made = [ProgrammeCell(aspect=aspect, text=text) for aspect, text in told.items()]
    fields = {"title": f"Programme {code}: a subtitle", "slug": code, **fields}
    return work(ProgrammePage, code=code, cells=made, **fields)


def policy(slug: str, **fields: Any) -> WorkPage:
    cells = [PolicyCell(aspect="levels", text=f"Levels of {slug} [@VN-1].")]
    fields = {"title": f"Policy {slug}", "cells": cells, **fields}
    return work(PolicyPage, slug=slug, **fields)


def restrict(page: WorkPage, hide: str) -> None:
    if hide == "draft":
        page.unpublish()
        return
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=hide)
    if hide == "groups":
        restriction.groups.add(Group.objects.create(name="Insiders"))


def shown(client: Client, address: str = PROGRAMMES, **asked: str | list[str]) -> str:
    response = client.get(address, asked)
    assert response.status_code == 200
    return response.content.decode()


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def columns(html: str) -> list[str]:
    """Return the heads of the columns."""
    return [plain(one) for one in re.findall(r"<th role=\"columnheader.*?</th>", html, re.DOTALL)]


def rows(html: str) -> list[str]:
    """Return the heads of the rows."""
    return [plain(one) for one in re.findall(r"<th role=\"rowheader.*?</th>", html, re.DOTALL)]


def records(client: Client, address: str = PROGRAMMES, **asked: str | list[str]) -> list[list[str]]:
    """Return the table as a spreadsheet reads it, its head first."""
    response = client.get(address, {**asked, "format": "csv"})
    assert response.headers["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def refused(client: Client, address: str = PROGRAMMES, **asked: str | list[str]) -> str:
    """Return why a table cannot be had."""
    response = client.get(address, {"format": "csv", **asked})
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    return response.content.decode()


@pytest.mark.parametrize(
    "text",
    ["", "Six levels.", "Six [VN-1].", "Six [@vn-1].", "Six [@XX-9].", "Six [@VN-1; @XX-9]."],
)
@pytest.mark.parametrize("cell", [ProgrammeCell(aspect="scale"), PolicyCell(aspect="levels")])
def test_a_cell_without_evidence_that_exists_is_refused(
    cell: ProgrammeCell | PolicyCell, text: str
) -> None:
    fact()
    cell.text = text
    with pytest.raises(ValidationError) as refused:
        cell.clean()
    assert set(refused.value.message_dict) == {"text"}


def test_a_cell_whose_facts_all_exist_is_accepted() -> None:
    fact()
    fact("VN-2")
    ProgrammeCell(aspect="scale", text="Six [@VN-1; @VN-2] of seven [@VN-1].").clean()


def test_a_programme_has_one_cell_a_dimension() -> None:
    page = programme("ocop")
    with pytest.raises(IntegrityError):
        ProgrammeCell.objects.create(page=page, aspect="scale", text="Again [@VN-1].")


def test_two_cells_may_exchange_their_dimensions_and_a_draft_of_that_changes_nothing() -> None:
    page = programme("ocop", {"scale": "Six [@VN-1].", "start": "In 2018 [@VN-1]."})
    cells = {one.aspect: one for one in page.cells.all()}
    cells["scale"].aspect, cells["start"].aspect = "start", "scale"
    page.cells = list(cells.values())
    revision = page.save_revision()
    live = ProgrammeCell.objects.filter(page=page).order_by("aspect")
    assert list(live.values_list("aspect", "text")) == [
        ("scale", "Six [@VN-1]."),
        ("start", "In 2018 [@VN-1]."),
    ]
    revision.publish()
    assert list(live.values_list("aspect", "text")) == [
        ("scale", "In 2018 [@VN-1]."),
        ("start", "Six [@VN-1]."),
    ]


def test_each_statement_leads_to_the_source_it_was_read_in(client: Client) -> None:
    source = Source.objects.create(title="Gazette", address="https://example.org/gazette")
    fact().sources.add(source)
    programme("ocop")
    html = shown(client)
    assert re.search(r'Scale of ocop<sup class="cite"><a href="#fact-VN-1"[^>]*>1</a>', html)
    assert 'id="fact-VN-1"' in html
    assert "https://example.org/gazette" in html


def test_a_fact_has_the_same_number_in_every_cell(client: Client) -> None:
    fact()
    fact("VN-2")
    programme("ocop", {"scale": "A [@VN-2].", "start": "B [@VN-1]."})
    programme("otop", {"scale": "C [@VN-1].", "start": "D [@VN-2]."})
    numbers = re.findall(r'href="#fact-(VN-\d)"[^>]*>(\d)</a>', shown(client))
    assert numbers == [("VN-2", "1"), ("VN-1", "2"), ("VN-1", "2"), ("VN-2", "1")]


def test_a_cell_that_nobody_has_sourced_yet_says_so(client: Client) -> None:
    programme("ocop")
    programme("otop", {"start": "Began early [@VN-1]."})
    html = shown(client, dimension=["scale", "start"])
    assert html.count("No source yet") == 2


def test_dimensions_stand_in_one_order_whatever_was_written_or_asked_first(
    client: Client,
) -> None:
    programme("ocop", {"criticism": "C [@VN-1].", "start": "S [@VN-1].", "scale": "U [@VN-1]."})
    html = shown(client, dimension=["criticism", "scale", "start"])
    assert rows(html) == ["Unit and scale", "Start", "Criticism"]


def test_only_the_chosen_programmes_stand_side_by_side_by_name(client: Client) -> None:
    for code in ("ovop", "ocop", "otop"):
        programme(code)
    assert columns(shown(client, programme=["ovop", "ocop"])) == [
        "Programme ocop",
        "Programme ovop",
    ]


def test_without_a_choice_the_three_of_which_most_is_known_are_shown_by_name(
    client: Client,
) -> None:
    two = {"scale": "A [@VN-1].", "start": "B [@VN-1]."}
    programme("aaa")
    for code in ("ddd", "ccc", "bbb"):
        programme(code, two)
    assert columns(shown(client)) == ["Programme bbb", "Programme ccc", "Programme ddd"]


@pytest.mark.parametrize("value", UNKNOWN)
def test_what_is_no_programme_or_dimension_counts_as_no_choice(client: Client, value: str) -> None:
    programme("ocop")
    html = shown(client, programme=value, dimension=value)
    assert columns(html) == ["Programme ocop"]
    assert len(rows(html)) == 13
    assert "<script>alert(1)" not in html


def test_a_seventh_programme_is_left_out_and_the_page_says_so(client: Client) -> None:
    codes = [f"p{number}" for number in range(7)]
    for code in codes:
        programme(code)
    html = shown(client, programme=codes)
    assert columns(html) == [f"Programme {code}" for code in codes[:6]]
    assert "Only 6 programmes fit side by side; the first 6 by name are shown." in html
    assert refused(client, programme=codes) == "A table has at most 6 programmes.\n"
    assert {row[0] for row in records(client, programme=codes[:6])[1:]} == {
        f"Programme {code}: a subtitle" for code in codes[:6]
    }


def test_six_fit_and_nothing_is_said_of_those_that_the_reader_may_not_open(
    client: Client,
) -> None:
    codes = [f"p{number}" for number in range(7)]
    pages = [programme(code) for code in codes]
    restrict(pages[0], "login")
    html = shown(client, programme=[*codes, "p1", "no-such"])
    assert columns(html) == [f"Programme {code}" for code in codes[1:]]
    assert "fit side by side" not in html


def test_a_programme_without_cells_is_not_offered(client: Client) -> None:
    programme("ocop")
    programme("bare", {})
    html = shown(client, programme=["bare"])
    assert "Programme bare" not in html
    assert columns(html) == ["Programme ocop"]


@pytest.mark.parametrize("hide", ["draft", "login", "groups"])
def test_a_programme_that_the_reader_may_not_open_is_nowhere(client: Client, hide: str) -> None:
    fact()
    fact("VN-2", statement="A hidden figure.")
    programme("ocop")
    restrict(programme("secret", {"start": "Secretly [@VN-2]."}), hide)
    for asked in ([], ["secret"], ["ocop", "secret"]):
        html = shown(client, programme=asked)
        assert columns(html) == ["Programme ocop"]
        # Where the reader is, in the address of the page to come back to, is their own word.
        assert "ecret" not in html.replace("programme=secret", "").replace("programme%3Dsecret", "")
        assert "A hidden figure." not in html
    assert "ecret" not in str(records(client))
    hidden, unknown = (refused(client, programme=one) for one in ("secret", "no-such"))
    assert hidden == unknown.replace("no-such", "secret")


def test_a_member_of_the_group_sees_the_programme_that_is_theirs(client: Client) -> None:
    restrict(programme("secret"), "groups")
    member = User.objects.create_user("member")
    member.groups.add(Group.objects.get(name="Insiders"))
    client.force_login(member)
    assert columns(shown(client)) == ["Programme secret"]


def test_a_cell_in_a_draft_is_not_shown_before_it_is_published(client: Client) -> None:
    page = programme("ocop")
    page.cells = [ProgrammeCell(aspect="scale", text="Rumour [@VN-1].")]
    revision = page.save_revision()
    assert "Rumour" not in shown(client)
    revision.publish()
    assert "Rumour" in shown(client)


@pytest.mark.parametrize("address", [PROGRAMMES, GRADING])
def test_markup_in_a_cell_is_text(client: Client, address: str) -> None:
    hostile = '<img src=x onerror="alert(1)"> [@VN-1]'
    fact(statement="<script>alert(2)</script>")
    programme("ocop", {"scale": hostile}, title="<b>Bold</b>")
    policy("148", cells=[PolicyCell(aspect="levels", text=hostile)], number="<i>1</i>")
    html = shown(client, address)
    assert "&lt;img src=x" in html
    assert not re.search(r"<img src=x|<script>alert|<b>Bold|<i>1", html)


def test_a_cell_is_read_in_the_direction_of_its_language(client: Client) -> None:
    programme("ovop", {"scale": "قرية [@VN-1]."}, language="ar")
    assert re.search(r'<span lang="ar" dir="rtl">قرية', shown(client))


def test_the_table_is_in_the_words_of_the_reader(client: Client) -> None:
    programme("ocop")
    french = Client(headers={"accept-language": "fr"})
    assert "Unit and scale" in rows(shown(client))
    assert "Unit and scale" not in rows(shown(french))
    assert records(french)[0] != records(client)[0]


def test_a_record_holds_a_cell_with_its_facts_their_standing_and_where_they_were_read(
    client: Client,
) -> None:
    web = Source.objects.create(title="Gazette", address="https://example.org/gazette")
    paper = Source.objects.create(title="Yearbook", document="Yearbook 2020, p. 7")
    fact().sources.add(web, paper)
    fact("VN-2", status="weak").sources.add(web)
    page = programme("ocop", {"scale": "Six [@VN-1], or seven [@VN-2; @VN-1]."})
    head, scale, start = records(client, dimension=["scale", "start"])
    address = f"http://testserver{page.url}"
    assert dict(zip(head, scale, strict=True)) == {
        "Page": "Programme ocop: a subtitle",
        "Aspect": "Unit and scale",
        "Text": "Six [VN-1], or seven [VN-2; VN-1].",
        "Facts": "VN-1 VN-2",
        "Status": "VN-1: sourced | VN-2: weak source",
        "Sources": "VN-1: https://example.org/gazette Yearbook 2020, p. 7"
        " | VN-2: https://example.org/gazette",
        "Statements": "VN-1: Of VN-1. | VN-2: Of VN-2.",
        "Code": "ocop",
        "Code of the aspect": "scale",
        "Language": "en",
        "Web address": address,
    }
    assert start[1:] == ["Start", "", "", "", "", "", "ocop", "start", "en", address]


def test_a_table_of_grading_systems_says_which_binds_and_what_has_replaced_the_other(
    client: Client,
) -> None:
    old = policy("old", in_force_from="2019-01-01")
    policy("new", replaces=[old], in_force_from="2023-01-01")
    policy("over", in_force_until="2020-01-01")
    secret = policy("secret", replaces=[policy("kept")])
    restrict(secret, "login")
    head, *told = records(client, GRADING)
    by_code = {row[7]: dict(zip(head, row, strict=True)) for row in told}
    standing = {code: (row["In force today"], row["Replaced by"]) for code, row in by_code.items()}
    assert standing == {
        "old": ("Replaced", "Policy new"),
        "new": ("No later change known to us", ""),
        "over": ("No longer in force", ""),
        "kept": ("No later change known to us", ""),
    }


@pytest.mark.parametrize(
    ("address", "asked", "told"),
    [
        (PROGRAMMES, {"programme": ["ocop", "no-such"]}, "programme=no-such. Known: ocop."),
        (PROGRAMMES, {"dimension": "colour"}, "dimension=colour. Known: criteria, criticism, "),
        (PROGRAMMES, {"format": "xlsx"}, "format=xlsx. Known: csv."),
        (GRADING, {"policy": "no-such"}, "policy=no-such. Known: 148."),
        (GRADING, {"format": "json"}, "format=json. Known: csv."),
        ("/compare/ask", {"programme": "no-such", "q": "honey"}, "programme=no-such. Known: ocop."),
        ("/compare/ask", {"format": "json", "q": "honey"}, "format=json. Known: csv."),
    ],
)
def test_a_table_that_cannot_be_had_is_refused_in_plain_words(
    client: Client, address: str, asked: dict[str, str | list[str]], told: str
) -> None:
    programme("ocop")
    policy("148")
    assert refused(client, address, **asked).startswith(f"Unknown: {told}")
    shown(client, address, **{name: value for name, value in asked.items() if name != "format"})


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_a_cell_of_the_table_is_no_formula(client: Client, begin: str) -> None:
    programme("ocop", {"scale": f"{begin}1+1 [@VN-1]"}, title=f"{begin}2")
    row = records(client)[1]
    assert row[0] == ("-2" if begin == "-" else f"'{begin}2")  # a number below zero stays one
    assert row[2].startswith(f"'{begin}1+1")


@pytest.mark.parametrize(
    ("cell", "written"),
    [("-3.5", "-3.5"), ("-2", "-2"), ("-2+3", "'-2+3"), ("-", "'-"), ("-x", "'-x"),
     ("-٣", "'-٣"), ("-2\n", "'-2\n"), ("+84912345678", "'+84912345678"), ("3.5", "3.5")],
)  # fmt: skip
def test_a_number_below_zero_is_no_formula(cell: str, written: str) -> None:
    assert safe_cell(cell) == written


@pytest.mark.parametrize("address", [PROGRAMMES, GRADING])
def test_a_portal_without_cells_says_so_and_has_an_empty_table(
    client: Client, address: str
) -> None:
    assert "been described for comparison yet." in shown(client, address)
    assert all(not any(record[2:]) for record in records(client, address)[1:])


@pytest.mark.parametrize(
    "address", [PROGRAMMES, GRADING, "/compare/ask", "/compare/policies", "/compare/lineage"]
)
def test_comparisons_are_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_grading_systems_of_one_programme_follow_one_another_by_date(client: Client) -> None:
    ocop, otop = programme("ocop"), programme("otop")
    policy("otop-new", programme=otop, dated="2020")
    policy("ocop-new", programme=ocop, dated="2023-02-24")
    policy("ocop-old", programme=ocop, dated="2019")
    assert columns(shown(client, GRADING)) == [
        "Policy ocop-old",
        "Policy ocop-new",
        "Policy otop-new",
    ]


def test_only_the_chosen_grading_systems_are_laid_side_by_side(client: Client) -> None:
    for slug in ("one", "two", "three"):
        policy(slug)
    html = shown(client, GRADING, policy=["one", "three"])
    assert columns(html) == ["Policy one", "Policy three"]
    assert len({row[0] for row in records(client, GRADING, policy=["two"])[1:]}) == 1


@pytest.mark.parametrize("value", UNKNOWN)
def test_a_grading_system_that_does_not_exist_counts_as_no_choice(
    client: Client, value: str
) -> None:
    policy("one")
    html = shown(client, GRADING, policy=value)
    assert columns(html) == ["Policy one"]
    assert "<script>alert(1)" not in html


def test_a_policy_that_grades_nothing_is_no_grading_system(client: Client) -> None:
    policy("one")
    policy("plan", cells=[])
    assert "Policy plan" not in shown(client, GRADING)


@pytest.mark.parametrize("hide", ["draft", "login", "groups"])
def test_a_grading_system_that_the_reader_may_not_open_is_nowhere(
    client: Client, hide: str
) -> None:
    policy("one")
    restrict(policy("secret"), hide)
    assert "ecret" not in shown(client, GRADING)
    assert columns(shown(client, GRADING, policy=["secret"])) == ["Policy one"]
    assert "ecret" not in str(records(client, GRADING))
    told, unknown = (refused(client, GRADING, policy=one) for one in ("secret", "no-such"))
    assert told == unknown.replace("no-such", "secret")


def glance(html: str) -> str:
    """Return the part "At a glance" of a work page, nothing where there is none."""
    found = re.search(r"<section class=\"cells\".*?</section>", html, re.DOTALL)
    return found.group() if found else ""


def test_a_programme_shows_its_cells_at_a_glance_and_leads_to_the_others(client: Client) -> None:
    fact()
    page = programme("ocop", {"start": "In 2013 [@VN-1].", "scale": "Communes [@VN-1]."})
    html = shown(client, page.url)
    part = glance(html)
    assert re.findall(r"<dt>(.*?)</dt>", part) == ["Unit and scale", "Start"]
    assert 'href="/compare/?programme=ocop"' in part
    assert 'href="#fact-VN-1"' in part
    assert 'id="fact-VN-1"' in html
    assert 'href="#cells"' in html


def test_a_policy_shows_how_it_grades_and_leads_to_other_grading_systems(client: Client) -> None:
    part = glance(shown(client, policy("148").url))
    assert "Levels of 148" in part
    assert 'href="/compare/grading"' in part


def test_a_work_without_cells_has_nothing_at_a_glance(client: Client) -> None:
    for page in (programme("bare", {}), work(title="A case")):
        html = shown(client, page.url)
        assert glance(html) == ""
        assert "At a glance" not in html


def test_markup_in_a_cell_is_text_on_the_work_too(client: Client) -> None:
    part = glance(shown(client, programme("ocop", {"scale": "<script>1</script> [@VN-1]"}).url))
    assert "&lt;script&gt;1&lt;/script&gt;" in part
    assert "<script>" not in part


def test_the_cells_of_a_work_are_in_its_markdown_with_footnotes(client: Client) -> None:
    fact()
    page = programme("ocop")
    text = client.get(f"/work/{page.pk}.md").content.decode()
    assert "## At a glance" in text
    assert "- **Unit and scale**: Scale of ocop[^VN-1]." in text
    assert "[^VN-1]: Of VN-1. (sourced)" in text


def test_policies_without_a_grading_system_cost_nothing(client: Client) -> None:
    fact()
    policy("decision-1")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert "decision-1" in shown(client, GRADING)
        return len(queries)

    asked()  # what is asked once in a process
    before = asked()
    for number in range(3):
        policy(f"plain-{number}", cells=[])
    asked()
    assert asked() == before


def test_tables_are_in_the_readers_language_else_in_english_else_in_the_original() -> None:
    """In a version that has cells: a Lao reader is not shown an empty Lao column."""
    fact()
    original = policy("rule", title="Rule vi", language="vi")
    english = policy("rule", title="Rule en", language="en", translation_of=original, cells=[])
    policy("rule", title="Rule lo", language="lo", translation_of=original, cells=[])

    def column(language: str) -> list[str]:
        return columns(shown(Client(headers={"accept-language": language}), GRADING))

    assert column("lo") == ["Rule vi"]
    PolicyCell.objects.create(page=english, aspect="levels", text="Five [@VN-1].")
    assert column("lo") == ["Rule en"]
    assert column("vi") == ["Rule vi"]

"""A name that means more than one programme is explained to who searches for it."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import (
    AmbiguousName,
    AmbiguousNameText,
    Country,
    Fact,
    PolicyPage,
    ProgrammePage,
    Source,
)
from knowledge.models.base import WorkPage
from knowledge.naming import ambiguity_of
from knowledge.rights import AnonymousReader
from knowledge.search import pulse
from knowledge.search.service import search_knowledge
from tests.factories import index_page, work

pytestmark = pytest.mark.django_db

CODES = ("th", "ph", "tw")


def programme(code: str, **fields: Any) -> WorkPage:
    fields = {"title": f"Programme {code}: more", **fields}
    return work(ProgrammePage, code=code, **fields)


def named(
    name: str,
    *also: str,
    codes: Sequence[str] = CODES,
    texts: Sequence[tuple[str, str]] = (("en", "Several programmes [@NM-1]."),),
) -> AmbiguousName:
    made = AmbiguousName(
        name=name,
        other_spellings="\n".join(also),
        programmes="\n".join(codes),
        texts=[AmbiguousNameText(language=one, explanation=text) for one, text in texts],
    )
    made.save()
    return made


def hide(page: WorkPage, how: str) -> None:
    if how == "draft":
        page.unpublish()
        return
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=how)
    if how == "groups":
        restriction.groups.add(Group.objects.create(name="Insiders"))


@pytest.fixture
def programmes() -> dict[str, WorkPage]:
    return {code: programme(code) for code in CODES}


def meant(text: str) -> tuple[str, list[str]] | None:
    """Return the name that is found in a question, and the codes of what it may mean."""
    found = ambiguity_of(text, AnonymousReader())
    return None if found is None else (found.name, [page.code for page in found.programmes])


def test_nothing_is_explained_where_the_question_says_which_is_meant(
    programmes: dict[str, WorkPage],
) -> None:
    named("OTOP")
    said = {"programme": ["th"]}
    assert ambiguity_of("OTOP stars", AnonymousReader(), named={}) is not None
    assert ambiguity_of("OTOP stars", AnonymousReader(), named=said) is None
    both = {"programme": ["th", "ph"]}
    assert ambiguity_of("OTOP stars", AnonymousReader(), named=both) is not None


def test_nothing_is_explained_where_one_meaning_is_of_the_country_named() -> None:
    for code, country in (("th", "th"), ("ph", "ph")):
        programme(code, country=Country.objects.get_or_create(code=country)[0])
    named("OTOP", codes=["th", "ph"])
    said = {"country": ["ph"]}
    assert ambiguity_of("OTOP in the Philippines", AnonymousReader(), named=said) is None
    elsewhere = {"country": ["jp"]}
    assert ambiguity_of("OTOP in Japan", AnonymousReader(), named=elsewhere) is not None


def note(client: Client, q: str, **asked: str) -> str:
    """Return the note on the search page, nothing where there is none."""
    response = client.get("/search/", {"q": q, **asked})
    assert response.status_code == 200
    html = response.content.decode()
    found = re.search(r"<div class=\"notice ambiguity\".*?</div>", html, re.DOTALL)
    return found.group() if found else ""


def test_the_note_explains_the_name_and_leads_to_each_programme(
    client: Client, programmes: dict[str, WorkPage]
) -> None:
    named("OTOP", codes=["tw", "th", "ph"])
    html = note(client, "OTOP & stars")
    assert "<bdi>OTOP</bdi>" in html
    assert "Several programmes." in html
    assert "NM-1" not in html
    links = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', html)
    assert links == [
        (f"?q=OTOP+%26+stars&amp;programme={code}", f"Programme {code}")
        for code in ("tw", "th", "ph")
    ]


def test_what_the_note_says_leads_to_its_evidence(
    client: Client, programmes: dict[str, WorkPage]
) -> None:
    fact = Fact.objects.create(
        code="NM-1", statement="Three programmes have the name.", status="sourced"
    )
    fact.sources.add(Source.objects.create(title="A law", address="https://example.org/law"))
    named("OTOP")
    html = client.get("/search/", {"q": "OTOP"}).content.decode()
    assert 'href="#fact-NM-1"' in note(client, "OTOP")
    evidence = html[html.index('id="fact-NM-1"') :]
    assert "Three programmes have the name." in evidence
    assert "https://example.org/law" in evidence


def test_the_note_says_a_name_once(client: Client, programmes: dict[str, WorkPage]) -> None:
    named("OTOP", texts=[("en", "OTOP is three programmes [@NM-1].")])
    assert re.sub("<[^>]*>", "", note(client, "OTOP")).split()[:2] == ["OTOP", "is"]


@pytest.mark.parametrize(
    "text",
    [
        "OTOP",
        "otop",
        "  what is OTOP?",
        "(OTOP)",
        "OTOP/OVOP",
        "ＯＴＯＰ",
        "Is O.T.O.P. old?",
        "โอทอปคืออะไร",
        "OTOPคืออะไร",
        "一村一品とOTOPの違い",
        "mỗi thị trấn",
        "MOI THI TRAN",
    ],
)
def test_a_name_is_found_in_a_question_however_it_is_written(
    programmes: dict[str, WorkPage], text: str
) -> None:
    named("OTOP", "O.T.O.P.", "โอทอป", "Mỗi thị trấn")
    assert meant(text) == ("OTOP", list(CODES))


@pytest.mark.parametrize(
    "text",
    [
        "un village un produit",
        "Un village,un produit au Togo",
        "qu'est-ce que un village, un produit ?",
        "หนึ่งหมู่บ้านหนึ่งผลิตภัณฑ์คืออะไร",
        "หนึ่งหมู่บ้าน หนึ่งผลิตภัณฑ์",
        "قرية واحدة، منتج واحد",
    ],
)
def test_a_name_is_found_with_and_without_its_comma_and_spaces_nobody_hears(
    programmes: dict[str, WorkPage], text: str
) -> None:
    named("OVOP", "Un village, un produit", "หนึ่งหมู่บ้าน หนึ่งผลิตภัณฑ์", "قرية واحدة منتج واحد")
    assert meant(text) == ("OVOP", list(CODES))


@pytest.mark.parametrize(
    "text", ["", "   ", "stars", "hotop", "otopia", "otop2", "o t o p", "oxtxoxpx", "\x00", "]["]
)
def test_a_question_without_the_name_gets_no_note(
    client: Client, programmes: dict[str, WorkPage], text: str
) -> None:
    named("OTOP", "O.T.O.P.", "", "   ")
    assert meant(text) is None
    assert note(client, text) == ""


@pytest.mark.parametrize("name", ["C++ (one", "[a-z]*", "one.product", "\\d+"])
def test_signs_in_a_name_mean_themselves(programmes: dict[str, WorkPage], name: str) -> None:
    named(name)
    assert meant(f"about {name} there") == (name, list(CODES))
    assert meant("about one product 7 there") is None


def test_the_longest_name_in_the_question_is_explained(programmes: dict[str, WorkPage]) -> None:
    named("OCOP")
    named("OCOP network", "mạng lưới OCOP", codes=["ph", "tw"])
    assert meant("who is in the OCOP network") == ("OCOP network", ["ph", "tw"])
    assert meant("mạng lưới OCOP là gì") == ("OCOP network", ["ph", "tw"])
    assert meant("a network of OCOP") == ("OCOP", list(CODES))


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_nothing_is_explained_where_one_of_those_meant_is_hidden(
    # The explanation names it.
    client: Client,
    programmes: dict[str, WorkPage],
    how: str,
) -> None:
    named("OTOP")
    hide(programmes["ph"], how)
    assert meant("OTOP") is None
    assert "Programme ph" not in note(client, "OTOP")


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_name_that_means_one_programme_to_the_reader_needs_no_note(
    client: Client, programmes: dict[str, WorkPage], how: str
) -> None:
    named("OTOP", codes=["th", "ph"])
    hide(programmes["ph"], how)
    assert note(client, "OTOP") == ""


def test_a_member_of_the_group_is_told_of_the_programme(
    client: Client, programmes: dict[str, WorkPage]
) -> None:
    named("OTOP", codes=["th", "ph"])
    hide(programmes["ph"], "groups")
    member = User.objects.create_user("member")
    member.groups.add(Group.objects.get(name="Insiders"))
    client.force_login(member)
    assert "Programme ph" in note(client, "OTOP")


def test_where_a_longer_name_means_one_programme_only_the_shorter_one_is_explained(
    programmes: dict[str, WorkPage],
) -> None:
    named("OTOP")
    named("OTOP plan", codes=["ph", "no-such"])
    assert meant("OTOP plan") == ("OTOP", list(CODES))


@pytest.mark.parametrize("codes", [[], ["no-such", "other"], ["th"], ["th", "no-such"]])
def test_codes_of_no_programme_count_nothing(
    programmes: dict[str, WorkPage], codes: list[str]
) -> None:
    named("OTOP", codes=codes)
    assert meant("OTOP") is None


def test_a_name_without_an_explanation_gets_no_note(programmes: dict[str, WorkPage]) -> None:
    named("OTOP", texts=[])
    assert meant("OTOP") is None


def test_language_versions_of_one_programme_are_one_meaning() -> None:
    thai = programme("th", title="โครงการ", language="th")
    work(ProgrammePage, code="th", title="Programme th", translation_of=thai)
    named("OTOP", codes=["th", "ph"])
    assert meant("OTOP") is None


@pytest.mark.parametrize("asked", [{"programme": "th"}, {"programme": "no-such"}, {"page": "2"}])
def test_who_chose_a_programme_or_reads_on_has_seen_the_note(
    client: Client, programmes: dict[str, WorkPage], asked: dict[str, str]
) -> None:
    named("OTOP")
    assert note(client, "OTOP", **asked) == ""
    assert note(client, "OTOP", kind="programme", page="1") != ""


def test_the_results_that_are_fetched_alone_bring_the_note(
    programmes: dict[str, WorkPage],
) -> None:
    named("OTOP")
    assert note(Client(headers={"hx-request": "true"}), "OTOP") != ""


def test_a_question_that_is_too_long_has_no_note(
    client: Client, programmes: dict[str, WorkPage]
) -> None:
    named("OTOP")
    assert note(client, "OTOP " + "x" * 994) != ""
    assert note(client, "OTOP " + "x" * 996) == ""


@pytest.mark.parametrize(
    ("language", "told"), [("fr", "Plusieurs."), ("th", "Several."), ("en", "Several.")]
)
def test_the_name_is_explained_in_the_language_of_the_reader_else_in_english(
    programmes: dict[str, WorkPage], language: str, told: str
) -> None:
    named("OTOP", texts=[("fr", "Plusieurs [@NM-1]."), ("en", "Several [@NM-1].")])
    assert told in note(Client(headers={"accept-language": language}), "OTOP")


def test_the_explanation_is_read_in_the_direction_of_its_language(
    client: Client, programmes: dict[str, WorkPage]
) -> None:
    named("OTOP", texts=[("ar", "برامج [@NM-1].")])
    assert '<span lang="ar" dir="rtl">برامج.</span>' in note(client, "OTOP")


def test_markup_in_a_name_a_title_or_an_explanation_is_text(client: Client) -> None:
    programme("th", title="<b>Bold</b>")
    programme("ph")
    named("<u>OTOP</u>", "OTOP", texts=[("en", "<script>alert(1)</script> [@NM-1]")])
    html = note(client, "OTOP")
    assert "&lt;script&gt;alert(1)" in html
    assert "&lt;u&gt;OTOP" in html
    assert not re.search(r"<script>|<b>|<u>", html)


@pytest.mark.parametrize("text", ["Several.", "Several [NM-1].", "Several [@XX-9]."])
def test_an_explanation_without_evidence_that_exists_is_refused(text: str) -> None:
    Fact.objects.create(code="NM-1", statement="Told.")
    with pytest.raises(ValidationError) as refused:
        AmbiguousNameText(language="en", explanation=text).clean()
    assert set(refused.value.message_dict) == {"explanation"}


def test_an_explanation_that_cites_a_fact_is_accepted() -> None:
    Fact.objects.create(code="NM-1", statement="Told.")
    AmbiguousNameText(language="en", explanation="Several [@NM-1].").clean()


def test_a_programme_moved_below_a_closed_section_is_not_named_while_its_mark_waits(
    programmes: dict[str, WorkPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where marks cannot be worked off, as without an encoder, what searches know stays behind."""
    named("OTOP")
    closed = index_page(PolicyPage)
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    search_knowledge("OTOP", reader=AnonymousReader())
    assert meant("OTOP") == ("OTOP", list(CODES))
    monkeypatch.setattr(pulse, "drain_pending", lambda: None)
    programmes["ph"].refresh_from_db()
    programmes["ph"].move(closed, pos="last-child")
    search_knowledge("OTOP", reader=AnonymousReader())
    assert meant("OTOP") is None

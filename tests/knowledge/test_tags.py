import re

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from content_seed.markdown import body_from_markdown
from knowledge.blocks import BodyBlock
from knowledge.models import CaseStudyPage, Fact
from knowledge.search.results import FacetValue
from knowledge.templatetags import knowledge_tags as tags
from portal.settings.languages import CONTENT_LANGUAGES, INTERFACE_LANGUAGES
from tests.factories import work


@pytest.fixture
def facts(db: None) -> None:
    for code in ("VN-1", "VN-2", "S0-07"):
        Fact.objects.create(code=code, statement=f"Statement {code}")


def cited(text: str) -> str:
    page = work(text=text, publish=False)
    page.body = page._meta.get_field("body").to_python(body_from_markdown(text, name="x"))
    return str(tags.cited_body(page))


@pytest.mark.usefixtures("facts")
def test_citations_are_numbered_by_first_mention() -> None:
    html = cited("A [@VN-2]. B [@S0-07]. C [@VN-2].")
    links = re.findall(r'<a href="#fact-([^"]+)"( id="cite-[^"]+")? title="[^"]*">(\d+)</a>', html)
    assert links == [
        ("VN-2", ' id="cite-VN-2"', "1"),
        ("S0-07", ' id="cite-S0-07"', "2"),
        ("VN-2", "", "1"),
    ]


@pytest.mark.usefixtures("facts")
def test_the_space_before_a_mark_goes_and_several_codes_share_one_sign() -> None:
    html = cited("A [@VN-1; @VN-2].")
    assert 'A<sup class="cite"><a href="#fact-VN-1"' in html
    assert html.count("<sup") == 1
    assert ">1</a>, <a" in html
    assert "[@" not in html


@pytest.mark.usefixtures("facts")
def test_an_unknown_code_is_dropped_and_the_known_one_beside_it_stays() -> None:
    page = CaseStudyPage(title="x")
    page.body = BodyBlock().to_python(body_from_markdown("A [@XX-9]. B [@XX-9; @VN-1].", name="x"))
    html = str(tags.cited_body(page))
    assert "XX-9" not in html
    assert html.count("<sup") == 1
    assert "<p>A. B<sup" in html


@pytest.mark.usefixtures("facts")
def test_marks_in_headings_and_tables_become_links_too() -> None:
    html = cited("## Points [@VN-1]\n\n| a | b [@VN-2] |\n|---|---|\n| c | d |")
    assert len(re.findall(r'<a href="#fact-', html)) == 2
    assert "[@" not in html


@pytest.mark.usefixtures("facts")
def test_every_anchor_stands_once() -> None:
    html = cited("A [@VN-1]. B [@VN-1; @VN-2].\n\n| [@VN-2] | x |\n|---|---|\n| y | z |")
    anchors = re.findall(r'\bid="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))


@pytest.mark.django_db
def test_hostile_text_of_blocks_is_escaped() -> None:
    page = CaseStudyPage(title="x")
    page.body = BodyBlock().to_python(
        [
            {"type": "heading", "value": "<script>alert(1)</script>"},
            {"type": "table", "value": {"data": [["<img src=x onerror=alert(2)>", "b"], ["<b>", ""]]}},
        ]
    )  # fmt: skip
    html = str(tags.cited_body(page))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_the_matched_sentence_is_marked() -> None:
    assert tags.with_sentence("One. Two. Three.", "Two.") == "One. <mark>Two.</mark> Three."


@pytest.mark.parametrize("sentence", ["", "Two."])
def test_lines_of_a_passage_follow_each_other_without_empty_ones(sentence: str) -> None:
    shown = tags.with_sentence("One:\n\n\n1\n\n2\n \nTwo.\n\nThree.", sentence)
    assert shown.replace("<mark>Two.</mark>", "Two.") == "One:\n1\n2\nTwo.\nThree."


@pytest.mark.parametrize("sentence", ["", "Missing."])
def test_without_a_matched_sentence_the_passage_is_shown_plain(sentence: str) -> None:
    assert tags.with_sentence("One & Two.", sentence) == "One &amp; Two."


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "<mark>"]
)
def test_hostile_text_is_escaped_whether_matched_or_not(hostile: str) -> None:
    passage = f"Before {hostile} after"
    for sentence in (hostile, "Before", "after", "", passage):
        html = str(tags.with_sentence(passage, sentence))
        inside = html.replace("<mark>", "", 1).replace("</mark>", "", 1) if sentence else html
        assert "<" not in inside
        assert "&lt;" in inside


@pytest.mark.parametrize(
    ("code", "name", "direction"),
    [("vi", "Tiếng Việt", "ltr"), ("ar", "العربية", "rtl"), ("lo", "ລາວ", "ltr"), ("am", "አማርኛ", "ltr"), ("xx", "xx", "ltr")],
)  # fmt: skip
def test_a_language_has_its_own_name_and_direction(code: str, name: str, direction: str) -> None:
    assert tags.language_name(code) == name
    assert tags.direction(code) == direction


@pytest.mark.parametrize(
    ("reading", "names"),
    [
        ("en", "Vietnamese, Lao, Khmer, Filipino, Chinese"),
        ("fr", "vietnamien, lao, khmer, filipino, chinois"),
        ("vi", "Tiếng Việt, Tiếng Lào, Tiếng Khmer, Tiếng Philippines, Tiếng Trung"),
        ("th", "เวียดนาม, ลาว, เขมร, ฟิลิปปินส์, จีน"),
        ("lo", "ຫວຽດນາມ, ລາວ, ຂະເໝນ, ຟີລິປີໂນ, ຈີນ"),
        ("sw", "Kivietinamu, Kilaosi, Kikambodia, Kifilipino, Kichina"),
        ("ar", "الفيتنامية, اللاوية, الخميرية, الفلبينية, الصينية"),
    ],
)
def test_a_language_is_named_in_the_readers_language(reading: str, names: str) -> None:
    with translation.override(reading):
        told = [tags.language_for_reader(code) for code in ("vi", "lo", "km", "tl", "zh")]
        assert ", ".join(told) == names
        assert tags.language_for_reader("xx") == "xx"


@pytest.mark.parametrize("reading", INTERFACE_LANGUAGES)
def test_every_language_has_a_name_in_every_interface_language(reading: str) -> None:
    with translation.override(reading):
        names = {tags.language_for_reader(code) for code, _ in CONTENT_LANGUAGES}
    assert len(names) == len(CONTENT_LANGUAGES)
    assert not names & {code for code, _ in CONTENT_LANGUAGES}


def context(query: str) -> dict[str, object]:
    return {"request": RequestFactory().get("/search/?" + query)}


def parameters(query: str) -> QueryDict:
    assert query.startswith("?")
    return QueryDict(query[1:])


def test_a_query_keeps_what_is_not_changed() -> None:
    found = parameters(tags.query_with(context("q=mật+ong&kind=policy&kind=lesson&page=2"), page=3))
    assert found["q"] == "mật ong"
    assert found.getlist("kind") == ["policy", "lesson"]
    assert found["page"] == "3"
    assert "page" not in parameters(tags.query_with(context("q=a&page=2"), page=""))


def test_a_facet_value_is_switched_on_and_off_from_page_one() -> None:
    on = parameters(tags.query_toggling(context("q=a&kind=policy&page=4"), "kind", "lesson"))
    assert on.getlist("kind") == ["policy", "lesson"]
    assert "page" not in on
    off = parameters(tags.query_toggling(context("kind=policy&kind=lesson"), "kind", "policy"))
    assert off.getlist("kind") == ["lesson"]


def test_a_facet_is_in_use_when_one_of_its_values_is_chosen() -> None:
    values = [FacetValue(value=str(n), label="", count=0, selected=n == 1) for n in range(3)]
    assert tags.any_selected(values)
    assert not tags.any_selected(values[2:])


def test_choices_are_boxes_to_tick_with_what_they_would_leave() -> None:
    values = [
        FacetValue(value="vi", label="Tiếng Việt", count=12, selected=True),
        FacetValue(value='"><b>', label="<i>", count=0, selected=False),
    ]
    assert tags.as_choices(values, "language") == (
        '<label class="choice"><input type="checkbox" form="ask" id="language-vi" name="language"'
        ' value="vi" checked> <span lang="vi"><bdi>Tiếng Việt</bdi></span>'
        ' <span class="count">12</span></label>'
        '<label class="choice"><input type="checkbox" form="ask" id="language-&quot;&gt;&lt;b&gt;"'
        ' name="language" value="&quot;&gt;&lt;b&gt;">'
        ' <span lang="&quot;&gt;&lt;b&gt;"><bdi>&lt;i&gt;</bdi></span>'
        ' <span class="count">0</span></label>'
    )


def test_the_choices_of_programmes_have_their_short_names_and_no_language() -> None:
    values = [FacetValue(value="odop", label="ODOP {pilot}: a start", count=1, selected=False)]
    assert "<span><bdi>ODOP {pilot}</bdi></span>" in tags.as_choices(values, "programme")


def test_headings_are_listed_with_their_place_and_without_marks() -> None:
    body = BodyBlock().to_python(
        body_from_markdown("x\n\n## One [@VN-1]\n\ny\n\n### Sub\n\n## Two\n\nz", name="x")
    )
    assert tags.headings(body) == [(2, "One"), (5, "Two")]


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("ODOP Laos: from a pilot to a nation", "ODOP Laos"),
        ("OTOP – one tambon", "OTOP"),
        ("OCOP Việt Nam", "OCOP Việt Nam"),
    ],
)
def test_a_short_name_stops_at_the_subtitle(title: str, short: str) -> None:
    assert tags.short_name(title) == short


@pytest.mark.usefixtures("facts")
def test_the_date_of_a_work_leads_to_its_evidence() -> None:
    fact = Fact.objects.get(code="VN-2")
    page = work(text="A [@VN-1]. B [@VN-2].", dated="2023", dated_fact=fact)
    assert '<a href="#fact-VN-2"' in str(tags.evidence_of_date(page))
    assert ">2</a>" in str(tags.evidence_of_date(page))


@pytest.mark.usefixtures("facts")
def test_a_date_whose_fact_the_text_does_not_cite_leads_nowhere() -> None:
    page = work(text="A [@VN-1].", dated="2023", dated_fact=Fact.objects.get(code="VN-2"))
    assert tags.evidence_of_date(page) == ""
    assert tags.evidence_of_date(work(text="A [@VN-1].", dated="2023")) == ""


@pytest.mark.parametrize(
    ("language", "total", "shown"),
    [
        ("en", 1, "1 work"),
        ("en", 999, "999 works"),
        ("en", 12_345, "12,345 works"),
        ("vi", 12_345, "12.345 tài liệu"),
        ("fr", 12_345, "12\u202f345 documents"),
        ("ar", 12_345, "12,345 وثيقة"),
    ],
)
def test_a_count_is_written_as_the_reader_writes_it_and_has_its_plural(
    language: str, total: int, shown: str
) -> None:
    with translation.override(language):
        results = {"query": "", "total": total}
        assert (
            render_to_string(
                "knowledge/search/count.html", {"results": results, "filters": {"kind": ["policy"]}}
            )
            == shown
        )
        box = tags.as_choices(
            [FacetValue(value="vn", label="", count=total, selected=False)], "country"
        )
        assert f'<span class="count">{shown.split(" ", maxsplit=1)[0]}</span>' in box

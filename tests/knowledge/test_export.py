"""A work taken out of the portal, laid beside its translation, and what it says of itself."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.export import parts_of
from knowledge.models import CaseStudyPage, Fact, PolicyPage, ProgrammePage, Source
from knowledge.models.base import WorkPage
from knowledge.models.cells import ProgrammeCell
from tests.factories import home_page, index_page, work

pytestmark = pytest.mark.django_db


def fact(code: str, statement: str = "It is so.", **fields: Any) -> Fact:
    made: Fact = Fact.objects.create(code=code, statement=statement, **fields)
    return made


def markdown(client: Client, page: WorkPage) -> str:
    response = client.get(f"/work/{page.pk}.md")
    assert response.status_code == 200
    return str(response.content.decode())


def hide(page: WorkPage, how: str) -> None:
    if how == "draft":
        page.unpublish()
    else:
        PageViewRestriction.objects.create(page=page, restriction_type=how)


# Markdown.


def test_a_work_is_told_in_markdown_with_a_footnote_for_each_fact(client: Client) -> None:
    source = Source.objects.create(title="Report", publisher="A", address="https://example.org/r")
    fact("VN-1", "Forty points decide.").sources.add(source)
    fact("VN-2", "Nobody checked.", status="unverified").sources.add(
        Source.objects.create(title="Paper", publisher="B", document="Box 7")
    )
    page = work(
        title="Stars",
        summary="Of points.",
        text="Lead [@VN-2].\n\n## Points [@VN-1]\n\n### Parts\n\nForty [@VN-1; @VN-2] *points*.",
    )
    text = markdown(client, page)
    assert text.startswith("# Stars\n\nOf points.\n\nLead[^VN-2].\n")
    assert "\n## Points[^VN-1]\n" in text
    assert "\n### Parts\n" in text
    assert "Forty[^VN-1][^VN-2] *points*." in text
    assert "\n[^VN-1]: Forty points decide. (sourced) Report <https://example.org/r>\n" in text
    assert "\n[^VN-2]: Nobody checked. (unverified) B: Paper\n" in text
    assert text.count("[^VN-1]: ") == 1
    assert "@VN" not in text


def test_footnotes_follow_in_the_order_of_first_mention(client: Client) -> None:
    for code in ("VN-1", "VN-2", "VN-3"):
        fact(code)
    text = markdown(client, work(text="C [@VN-3]. A [@VN-1].\n\n| B [@VN-2] | x |\n|---|---|\n"))
    assert re.findall(r"^\[\^(VN-\d)\]: ", text, re.MULTILINE) == ["VN-3", "VN-1", "VN-2"]


def test_lists_and_tables_stay_lists_and_tables(client: Client) -> None:
    text = markdown(
        client, work(text="- one\n- two\n\n1. first\n\n| a | b\\|c |\n|---|---|\n| d | |")
    )
    assert "\n- one\n- two\n" in text
    assert "\n1. first\n" in text
    assert "\n| a | b\\|c |\n| --- | --- |\n| d |  |\n" in text


def test_the_last_line_says_how_the_work_is_cited(client: Client) -> None:
    page = work(title="Stars")
    last = markdown(client, page).strip().splitlines()[-1]
    assert last.startswith("> Village Knowledge Portal. (")
    assert "Stars. Retrieved " in last
    assert last.endswith(f"http://testserver{page.url}")


def test_a_programme_takes_its_cells_and_their_evidence_along(client: Client) -> None:
    fact("VN-1", "Begun in 2018.")
    page = work(ProgrammePage, title="OCOP", slug="ocop")
    page.cells = [ProgrammeCell(aspect="start", text="In 2018 [@VN-1].")]
    page.save_revision().publish()
    text = markdown(client, page)
    assert "## At a glance\n\n- **Start**: In 2018[^VN-1].\n" in text
    assert "[^VN-1]: Begun in 2018. (sourced)" in text


@pytest.mark.parametrize(
    ("language", "title"), [("vi", "Mật ong bạc hà"), ("ar", "العسل"), ("th", "น้ำผึ้ง")]
)
def test_every_script_is_taken_along_in_utf_8(client: Client, language: str, title: str) -> None:
    page = work(title=title, text=f"## {title}\n\n{title}.", language=language)
    response = client.get(f"/work/{page.pk}.md")
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.headers["Content-Language"] == language
    assert response.headers["Content-Disposition"] == f'attachment; filename="{page.slug}.md"'
    assert response.content.decode().count(title) >= 3


def test_a_work_without_text_and_facts_is_still_told(client: Client) -> None:
    text = markdown(client, work(title="Bare", text=""))
    assert text.startswith("# Bare\n")
    assert "[^" not in text


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_work_that_the_reader_may_not_open_is_no_file(client: Client, how: str) -> None:
    page = work(title="Secret")
    hide(page, how)
    assert client.get(f"/work/{page.pk}.md").status_code == 404


@pytest.mark.parametrize("number", ["0", "999999", "9" * 40, "-1", "x"])
def test_a_number_of_no_work_is_no_file(client: Client, number: str) -> None:
    work()
    assert client.get(f"/work/{number}.md").status_code == 404


def test_a_page_that_is_no_work_is_no_file(client: Client) -> None:
    work()
    for page in (home_page(), index_page(CaseStudyPage)):
        assert client.get(f"/work/{page.pk}.md").status_code == 404


def test_a_work_is_only_read(client: Client) -> None:
    page = work()
    assert client.post(f"/work/{page.pk}.md").status_code == 405
    assert client.post(f"/parallel/{page.pk}/{page.pk}").status_code == 405


# Plain parts, as documents need them.


def test_a_text_falls_into_plain_parts_with_the_codes_of_its_facts() -> None:
    for code in ("VN-1", "VN-2"):
        fact(code)
    page = work(
        text="Lead **bold** [@VN-1; @VN-2].\n\n- one\n- two\n\n## H [@VN-1]\n\n### S\n\n"
        "A < B & [C](https://example.org).\n\n| a | b [@VN-2] |\n|---|---|\n| c | |"
    )
    parts = parts_of(page)
    assert [(part.kind, part.text) for part in parts[:-1]] == [
        ("paragraph", "Lead bold [VN-1; VN-2]."),
        ("item", "one"),
        ("item", "two"),
        ("heading", "H"),
        ("subheading", "S"),
        ("paragraph", "A < B & C."),
    ]
    assert parts[-1].kind == "table"
    assert parts[-1].rows == [["a", "b [VN-2]"], ["c", ""]]


def test_a_text_of_nothing_has_no_parts() -> None:
    assert parts_of(work(text="")) == []


# Two languages side by side.


@pytest.fixture
def pair() -> tuple[WorkPage, WorkPage]:
    fact("VN-1", "Forty points decide.")
    original = work(
        title="Sao",
        text="Mở đầu.\n\n## Điểm\n\nBốn mươi [@VN-1].",
        language="vi",
        summary="Tóm tắt.",
    )
    arabic = work(
        title="نجوم",
        text="مقدمة.\n\n## النقاط\n\nأربعون [@VN-1].\n\n## زيادة\n\nخاتمة.",
        language="ar",
        summary="ملخص.",
        translation_of=original,
    )
    return original, arabic


def beside(client: Client, page: WorkPage, other: WorkPage) -> list[list[str]]:
    """Return the plain texts of each pair of sections."""
    html = client.get(f"/parallel/{page.pk}/{other.pk}").content.decode()
    pairs = re.findall(r'<div class="pair">(.*?)</div>\s*</div>', html, re.DOTALL)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", "", side).split())
            for side in re.findall(r'<div class="text"[^>]*>(.*?)(?:</div>|$)', one, re.DOTALL)
        ]
        for one in pairs
    ]


def test_sections_of_two_languages_stand_in_pairs_and_none_is_lost(
    client: Client, pair: tuple[WorkPage, WorkPage]
) -> None:
    expected = [
        ["Mở đầu.", "مقدمة."],
        ["Điểm Bốn mươi1.", "النقاط أربعون1."],
        ["", "زيادة خاتمة."],
    ]
    assert beside(client, *pair) == expected
    assert beside(client, *reversed(pair)) == [one[::-1] for one in expected]


def test_each_side_says_its_language_and_direction(
    client: Client, pair: tuple[WorkPage, WorkPage]
) -> None:
    html = client.get(f"/parallel/{pair[0].pk}/{pair[1].pk}").content.decode()
    assert '<div class="text" lang="vi" dir="ltr">' in html
    assert '<div class="text" lang="ar" dir="rtl">' in html
    assert html.index(">Sao</a>") < html.index(">نجوم</a>")
    assert html.count("original</small>") == 1


def test_figures_of_both_sides_lead_to_the_same_evidence(
    client: Client, pair: tuple[WorkPage, WorkPage]
) -> None:
    html = client.get(f"/parallel/{pair[0].pk}/{pair[1].pk}").content.decode()
    assert html.count('href="#fact-VN-1"') == 2
    assert html.count('id="fact-VN-1"') == 1
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_search_engines_keep_to_the_pages_themselves(
    client: Client, pair: tuple[WorkPage, WorkPage]
) -> None:
    html = client.get(f"/parallel/{pair[0].pk}/{pair[1].pk}").content.decode()
    assert '<meta name="robots" content="noindex, follow">' in html


def test_a_work_leads_to_its_versions_side_by_side_and_they_to_the_third(
    client: Client, pair: tuple[WorkPage, WorkPage]
) -> None:
    original, arabic = pair
    french = work(title="Étoiles", language="fr", translation_of=original)
    assert (
        f'href="/parallel/{original.pk}/{arabic.pk}"' in client.get(original.url).content.decode()
    )
    html = client.get(f"/parallel/{original.pk}/{arabic.pk}").content.decode()
    assert f'href="/parallel/{original.pk}/{french.pk}"' in html


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_version_that_the_reader_may_not_open_stands_beside_nothing(
    client: Client, pair: tuple[WorkPage, WorkPage], how: str
) -> None:
    original, arabic = pair
    french = work(title="Étoiles", language="fr", translation_of=original)
    hide(french, how)
    assert client.get(f"/parallel/{original.pk}/{french.pk}").status_code == 404
    assert client.get(f"/parallel/{french.pk}/{original.pk}").status_code == 404
    for address in (original.url, f"/parallel/{original.pk}/{arabic.pk}"):
        html = client.get(address).content.decode()
        assert not re.search(rf'href="[^"]*/{french.pk}\b', html)


def test_two_works_do_not_stand_side_by_side(
    client: Client, pair: tuple[WorkPage, WorkPage]
) -> None:
    stranger = work(title="Stranger")
    assert client.get(f"/parallel/{pair[0].pk}/{stranger.pk}").status_code == 404
    assert client.get(f"/parallel/{pair[0].pk}/{'9' * 40}").status_code == 404


def test_texts_side_by_side_are_no_markup(client: Client) -> None:
    hostile = "<script>alert(1)</script>"
    original = work(title=hostile, text=f"## {hostile}\n\n{hostile}", summary=hostile)
    french = work(
        title=hostile, text=hostile, summary=hostile, language="fr", translation_of=original
    )
    html = client.get(f"/parallel/{original.pk}/{french.pk}").content.decode()
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;") >= 6


# What a work says of itself.


@pytest.mark.parametrize(
    ("text", "language", "minutes"),
    [
        ("word " * 40, "en", 1),
        ("word " * 400, "en", 2),
        ("word [@VN-1] " * 400, "en", 2),
        ("từ " * 1200, "vi", 6),
        ("كلمة " * 400, "ar", 2),
        ("蜂" * 1500, "ja", 3),
        ("蜂" * 750 + " 148 OVOP " + "蜂" * 750, "ja", 3),
        ("น้ำผึ้ง " * 250, "th", 4),
        ("| a |\n|---|\n" + "| word word |\n" * 200, "en", 2),
    ],
)
def test_the_minutes_of_reading_follow_the_words_or_the_letters_of_the_script(
    client: Client, text: str, language: str, minutes: int
) -> None:
    fact("VN-1")
    page = work(text=text, language=language)
    shown = f"{minutes} minute{'s' if minutes > 1 else ''} to read"
    assert shown in client.get(page.url).content.decode()


def test_a_work_without_text_of_its_own_takes_no_time_to_read(client: Client) -> None:
    assert "to read" not in client.get(work(text="").url).content.decode()


@pytest.mark.parametrize(
    ("licence", "address"),
    [
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC-BY-SA-4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("CC-BY-NC-4.0", "https://creativecommons.org/licenses/by-nc/4.0/"),
        ("CC-BY-ND-4.0", "https://creativecommons.org/licenses/by-nd/4.0/"),
        ("CC-BY-NC-ND-4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/"),
    ],
)
def test_a_licence_leads_to_its_text(client: Client, licence: str, address: str) -> None:
    html = client.get(work(licence=licence).url).content.decode()
    assert f'href="{address}" rel="license' in html


def test_a_work_without_a_licence_claims_none(client: Client) -> None:
    page = work()
    assert page.licence_address == ""
    assert 'rel="license' not in client.get(page.url).content.decode()


def test_a_policy_that_binds_no_longer_says_so_at_its_head(client: Client) -> None:
    old = work(
        PolicyPage,
        title="Old",
        number="1048",
        issuer="Prime Minister",
        issued=dt.date(2019, 8, 21),
        in_force_until=dt.date(2023, 2, 24),
    )
    assert markdown(client, old).startswith(
        "# Old\n\n> This policy is no longer in force.\n\n> Number: 1048 · Issued by: Prime Minister"
        " · Issued on: 21 August 2019 · In force until: 24 February 2023\n\nA summary.\n"
    )
    new = work(PolicyPage, title="<b>New</b>", number="148", replaces=[old])
    hide(work(PolicyPage, title="Secret", replaces=[old]), "login")
    told = markdown(client, old)
    assert (
        "> This policy has been replaced. In its place: &lt;b>New&lt;/b> · 148 "
        f"(http://testserver{new.url})\n"
    ) in told
    assert "Secret" not in told
    assert ">" not in markdown(client, work(PolicyPage, title="Binding")).partition("Some text.")[0]


@pytest.mark.parametrize(
    ("licence", "told"),
    [
        ("CC-BY-4.0", "\nLicence: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/\n\n> "),
        ("InC-1.0", "\nLicence: In copyright\n\n> "),
    ],
)
def test_a_work_takes_its_licence_along(client: Client, licence: str, told: str) -> None:
    assert told in markdown(client, work(licence=licence))
    assert "Licence" not in markdown(client, work())

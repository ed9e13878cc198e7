"""References that other programs read."""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
from django.test import Client
from pytest_django import Settings
from wagtail.models import PageViewRestriction, Site

from knowledge.citing import Reference, apa, bibtex, csl_json, ris
from knowledge.models import MaterialPage
from tests.factories import work
from tests.knowledge.sharing.conftest import materials_index

READ = Reference(
    key="village7",
    title="Quyết định 148/QĐ-TTg: 5% & {sao} của C:\\x_1",
    authors=["Village Knowledge Portal"],
    publisher="Village Knowledge Portal",
    language="vi",
    url="https://example.org/vi/policies/qd-148/",
    published="2026-03-09",
    accessed=dt.date(2026, 11, 25),
)
UNDATED = Reference(
    key="village8",
    title="A title.\nIn two lines",
    authors=["Portal"],
    publisher="Portal",
    language="en",
    url="https://example.org/en/x/",
    published="",
    accessed=dt.date(2026, 11, 5),
)


def test_csl_json_has_what_a_citation_processor_needs() -> None:
    (item,) = csl_json(READ)
    assert (item["type"], item["language"], item["URL"]) == ("webpage", "vi", READ.url)
    assert item["author"] == [{"literal": "Village Knowledge Portal"}]
    assert item["issued"] == {"date-parts": [[2026, 3, 9]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 25]]}
    assert "issued" not in csl_json(UNDATED)[0]


def test_bibtex_keeps_its_own_signs_out_of_the_text() -> None:
    entry = bibtex(READ)
    assert entry.startswith("@online{village7,\n")
    braced = r"\textbraceleft{}sao\textbraceright{}"
    told = rf"Quyết định 148/QĐ-TTg: 5\% \& {braced} của C:\textbackslash{{}}x\_1"
    assert f"title = {{{{{told}}}}}," in entry
    assert entry.count("{") == entry.count("}")
    assert "author = {{Village Knowledge Portal}}," in entry
    assert "date = {2026-03-09}," in entry
    assert "year = {2026}," in entry
    assert "month = mar," in entry
    assert "urldate = {2026-11-25}," in entry
    assert "title = {{A title. In two lines}}," in bibtex(UNDATED)
    assert not re.search("  (date|year|month) =", bibtex(UNDATED))


def test_ris_is_a_tag_a_line() -> None:
    lines = ris(READ).split("\r\n")
    assert lines[0] == "TY  - ELEC"
    assert lines[-2:] == ["ER  - ", ""]
    assert "DA  - 2026/03/09" in lines
    assert "Y2  - 2026/11/25" in lines
    assert "TI  - A title. In two lines" in ris(UNDATED)
    assert "DA  - " not in ris(UNDATED)


def test_apa_is_written_as_its_manual_says() -> None:
    assert apa(READ) == (
        "Village Knowledge Portal. (2026, March 9). Quyết định 148/QĐ-TTg: 5% & {sao} của C:\\x_1. "
        "Retrieved November 25, 2026, from https://example.org/vi/policies/qd-148/"
    )
    assert apa(UNDATED).startswith("Portal. (n.d.). ")


@pytest.mark.django_db
def test_a_page_offers_its_reference_in_every_form(client: Client) -> None:
    page = work(title="Mật ong bạc hà", text="Honey.", language="vi")
    Site.objects.update(site_name="OVOP & friends")
    html = client.get(page.url).content.decode()
    assert "OVOP &amp; friends. (" in html
    assert f"http://testserver{page.url}" in html
    for form, content_type in (
        ("bib", "application/x-bibtex; charset=utf-8"),
        ("ris", "application/x-research-info-systems; charset=utf-8"),
        ("json", "application/vnd.citationstyles.csl+json"),
    ):
        assert f'href="/cite/{page.pk}.{form}"' in html
        response = client.get(f"/cite/{page.pk}.{form}")
        assert response.headers["Content-Type"] == content_type
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert "Mật ong bạc hà" in response.content.decode()
    (item,) = json.loads(client.get(f"/cite/{page.pk}.json").content)
    assert item["URL"] == f"http://testserver{page.url}"


@pytest.mark.django_db
def test_what_a_reader_may_not_open_has_no_reference(client: Client) -> None:
    page, draft = work(title="Private", slug="a"), work(title="Draft", slug="b", publish=False)
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    for address in (
        f"/cite/{page.pk}.bib", f"/cite/{draft.pk}.bib", "/cite/999999.bib", "/cite/1.exe",
        f"/cite/{2**70}.ris",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address


@pytest.mark.django_db
def test_who_made_a_material_is_its_author_and_the_portal_its_site(client: Client) -> None:
    made = replace(READ, authors=["Juma Mushi & Co."], title="Asali")
    assert csl_json(made)[0]["author"] == [{"literal": "Juma Mushi & Co."}]
    assert csl_json(made)[0]["container-title"] == "Village Knowledge Portal"
    assert "author = {{Juma Mushi \\& Co.}}" in bibtex(made)
    assert "organization = {Village Knowledge Portal}" in bibtex(made)
    assert "AU  - Juma Mushi & Co.\r\nPB  - Village Knowledge Portal\r\n" in ris(made)
    assert apa(made).startswith(
        "Juma Mushi & Co. (2026, March 9). Asali. Village Knowledge Portal. Retrieved"
    )
    page = work(MaterialPage, parent=materials_index(), title="Asali", credit="Juma Mushi")
    told = client.get(f"/cite/{page.pk}.json").json()
    assert told[0]["author"] == [{"literal": "Juma Mushi"}]
    assert "> Juma Mushi. (" in client.get(f"/work/{page.pk}.md").content.decode()


@pytest.mark.parametrize(
    ("dated", "parts", "bib", "tags", "told"),
    [
        (
            "2023",
            [2023],
            "  date = {2023},\n  year = {2023},",
            "PY  - 2023\r\nDA  - 2023\r\n",
            "(2023)",
        ),
        ("2023-05", [2023, 5], "  month = may,", "DA  - 2023/05\r\n", "(2023, May)"),
        ("2023-05-07", [2023, 5, 7], "  month = may,", "DA  - 2023/05/07\r\n", "(2023, May 7)"),
    ],
)
def test_a_date_is_cited_as_far_as_it_is_known(
    dated: str, parts: list[int], bib: str, tags: str, told: str
) -> None:
    made = replace(READ, published=dated)
    assert csl_json(made)[0]["issued"] == {"date-parts": [parts]}
    assert bib in bibtex(made)
    assert f"  date = {{{dated}}}," in bibtex(made)
    assert ("month" in bibtex(made)) is (len(parts) > 1)
    assert tags in ris(made)
    assert told in apa(made)


def test_several_makers_are_several_authors() -> None:
    made = replace(READ, authors=["Juma Mushi", "Asha Ali", "Ofisi ya Kijiji"])
    assert [one["literal"] for one in csl_json(made)[0]["author"]] == made.authors
    assert "author = {{Juma Mushi} and {Asha Ali} and {Ofisi ya Kijiji}}," in bibtex(made)
    assert "AU  - Juma Mushi\r\nAU  - Asha Ali\r\nAU  - Ofisi ya Kijiji\r\n" in ris(made)
    assert apa(made).startswith("Juma Mushi, Asha Ali, & Ofisi ya Kijiji. (2026, March 9). ")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "credit", ["Juma Mushi; Asha Ali", "Juma Mushi；Asha Ali;", "Juma Mushi ؛ Asha Ali"]
)
def test_a_material_is_cited_with_its_own_date_and_its_makers(client: Client, credit: str) -> None:
    page = work(
        MaterialPage, parent=materials_index(), title="Asali", credit=credit, dated="2019-04"
    )
    (item,) = client.get(f"/cite/{page.pk}.json").json()
    assert item["issued"] == {"date-parts": [[2019, 4]]}
    assert [one["literal"] for one in item["author"]] == ["Juma Mushi", "Asha Ali"]
    assert item["id"] == f"village{page.pk}"


@pytest.mark.django_db
def test_a_work_of_the_collection_is_cited_by_its_name_there(client: Client) -> None:
    page = work(title="Sao", language="vi", collection_slug="decision-148")
    assert client.get(f"/cite/{page.pk}.bib").content.startswith(
        b"@online{village-decision-148-vi,\n"
    )
    assert client.get(f"/cite/{page.pk}.json").json()[0]["id"] == "village-decision-148-vi"


@pytest.mark.django_db
@pytest.mark.parametrize("base", ["https://villages.example", "https://villages.example/"])
def test_what_is_cited_has_the_address_that_the_operator_gives(
    client: Client, settings: Settings, base: str
) -> None:
    settings.PUBLIC_BASE_URL = base
    page = work(title="Stars")
    public = f"https://villages.example{page.url}"
    assert client.get(f"/cite/{page.pk}.json").json()[0]["URL"] == public
    assert client.get(f"/work/{page.pk}.md").content.decode().rstrip().endswith(public)
    assert f'<link rel="canonical" href="{public}">' in client.get(page.url).content.decode()


@pytest.mark.django_db
def test_the_head_of_a_work_tells_programs_how_it_is_cited_and_where_that_is(
    client: Client,
) -> None:
    page = work(
        MaterialPage,
        parent=materials_index(),
        title='Asali "bora"',
        credit="A <b>; B",
        dated="2019-04",
    )
    html = client.get(page.url).content.decode()
    head = html.partition("</head>")[0]
    told = re.findall(r'<meta name="citation_(\w+)" content="([^"]*)">', head)
    assert told == [
        ("title", "Asali &quot;bora&quot;"),
        ("author", "A &lt;b&gt;"),
        ("author", "B"),
        ("publication_date", "2019/04"),
        ("language", "en"),
        ("public_url", f"http://testserver{page.url}"),
    ]
    links = re.findall(r'<link rel="alternate" type="([^"]+)" href="([^"]+)">', head)
    assert len(links) == 4
    for media_type, address in links:
        assert client.get(address).headers["Content-Type"].startswith(media_type)

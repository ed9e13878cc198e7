"""References that other programs read."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction, Site

from knowledge.citing import Reference, apa, bibtex, csl_json, ris
from knowledge.models import MaterialPage
from tests.factories import work
from tests.knowledge.sharing.conftest import materials_index

READ = Reference(
    key="village7",
    title="Quyết định 148/QĐ-TTg: 5% & {sao} của C:\\x_1",
    author="Village Knowledge Portal",
    publisher="Village Knowledge Portal",
    language="vi",
    url="https://example.org/vi/policies/qd-148/",
    published=dt.date(2026, 3, 9),
    accessed=dt.date(2026, 11, 25),
)
UNDATED = Reference(
    key="village8",
    title="A title.\nIn two lines",
    author="Portal",
    publisher="Portal",
    language="en",
    url="https://example.org/en/x/",
    published=None,
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
    assert r"title = {Quyết định 148/QĐ-TTg: 5\% \& \{sao\} của C:\textbackslash{}x\_1}," in entry
    assert "author = {{Village Knowledge Portal}}," in entry
    assert "date = {2026-03-09}," in entry
    assert "urldate = {2026-11-25}," in entry
    assert "title = {A title. In two lines}," in bibtex(UNDATED)
    assert "  date =" not in bibtex(UNDATED)


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
    made = replace(READ, author="Juma Mushi & Co.", title="Asali")
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

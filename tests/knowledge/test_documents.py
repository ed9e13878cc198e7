import datetime as dt

import pytest
from django.utils import timezone

from embeddings.types import NAMES, Section
from knowledge.documents import document_from_page, document_key, load_document, page_id_of
from knowledge.models import Country, Fact, PolicyPage, ProgrammePage, Theme
from tests.factories import work

pytestmark = pytest.mark.django_db


def test_a_key_leads_back_to_its_page() -> None:
    assert document_key(42) == "page:42"
    assert page_id_of("page:42") == 42


def test_a_work_becomes_a_document_with_all_its_facets() -> None:
    country = Country.objects.create(code="vn", name="Viet Nam")
    themes = [Theme.objects.create(code=code, name=code) for code in ("grading", "finance")]
    programme = work(ProgrammePage, title="OCOP", slug="ocop")
    Fact.objects.create(code="VN-21", statement="Forty points.")
    until = timezone.now() + dt.timedelta(days=1)
    page = work(
        PolicyPage,
        title="Quyết định 148",
        text="Mở đầu.\n\n## Điểm\n\nBốn mươi [@VN-21].",
        language="vi",
        summary="Tóm tắt.",
        dated="2023-02-24",
        country=country,
        themes=themes,
        programme=programme,
        number="148/QĐ-TTg",
        issuer="Thủ tướng",
        expire_at=until,
    )
    document = document_from_page(page)
    assert (document.key, document.work) == (f"page:{page.pk}", str(page.translation_key))
    assert (document.language, document.title, document.scope) == ("vi", page.title, page.path)
    assert document.visible_until == until
    assert list(document.sections) == [
        Section(heading="", text="Tóm tắt.\n148/QĐ-TTg · Thủ tướng"),
        Section(heading="", text="Mở đầu."),
        Section(heading="Điểm", text="Bốn mươi [@VN-21]."),
    ]
    assert document.notes == {"VN-21": "Forty points."}
    facets = {name: sorted(values) for name, values in document.facets.items()}
    assert facets == {
        "kind": ["policy"],
        "programme": ["ocop"],
        "country": ["vn"],
        "theme": ["finance", "grading"],
        "language": ["vi"],
        "year": ["2023"],
        "collection_slug": [],
    }


def test_what_a_work_does_not_have_is_no_facet_value() -> None:
    facets = document_from_page(work()).facets
    assert (facets["programme"], facets["country"], facets["theme"], facets["year"]) == (
        [],
        [],
        [],
        [],
    )


def test_a_programme_is_found_by_each_of_its_names() -> None:
    page = work(ProgrammePage, slug="otop", other_names="OTOP\nหนึ่งตำบล หนึ่งผลิตภัณฑ์", lead_body="CDD")
    document = document_from_page(page)
    assert document.facets["programme"] == ["otop"]
    assert "CDD" in document.sections[0].text
    assert document.sections[-1] == Section(
        heading="Also known as", text="OTOP · หนึ่งตำบล หนึ่งผลิตภัณฑ์", place=NAMES
    )


def test_what_must_not_be_found_has_no_document() -> None:
    draft = work(publish=False)
    assert load_document(draft.pk) is None
    assert load_document(draft.get_parent().pk) is None
    assert load_document(999_999) is None
    assert load_document(work().pk) is not None

"""Works without evidence, texts in another language, questions that found nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from knowledge.models import Fact, ProgrammeCell, ProgrammePage, UnansweredQuestion
from tests.factories import work
from tests.knowledge.desk.conftest import ADDRESSES, html_of, material_of, table_of
from tests.knowledge.desk.test_rights import FRENCH

EVIDENCE, LANGUAGES, QUESTIONS = ADDRESSES[1:]
HOSTILE = [
    "'", "\x00", "-1", "999999999999999999999", "<script>", "é" * 3000, "../..", "%00", "on", "",
]  # fmt: skip


@pytest.fixture(autouse=True)
def facts() -> None:
    for code, status in (("VN-1", "sourced"), ("VN-2", "weak"), ("VN-3", "unverified")):
        Fact.objects.create(code=code, statement=code, status=status)


def reasons(client: Client, **query: Any) -> dict[str, str]:
    return {row["Title"]: row["Reasons"] for row in table_of(client, EVIDENCE, **query)}


def test_each_work_is_listed_with_what_it_lacks(administrator: Client) -> None:
    good = {"licence": "CC-BY-4.0"}
    work(title="Sound", text="There were 4,120 families [@VN-1] and 12 more [@VN-3].", **good)
    work(title="No figures", text="Step 1: ask. Honey earned 5 stars.", **good)
    work(title="Figures", text="There were 4,120 families.", **good)
    work(title="Lao figures", text="ມີ ໔໕ ຄອບຄົວ.", **good)
    work(title="Weak", text="There were 4,120 families [@VN-2; @VN-3].", **good)
    work(title="Licence", text="Honey.")
    material_of("vn", title="Summary", text="Honey.", summary="", **good)
    assert reasons(administrator) == {
        "Figures": "figures, but no fact cited: en",
        "Lao figures": "figures, but no fact cited: en",
        "Licence": "no licence: en",
        "Summary": "no summary: en",
        "Weak": "cites only weak or unverified facts: en",
    }
    assert list(reasons(administrator, reason="no-licence")) == ["Licence"]


def test_versions_of_a_work_share_a_row(administrator: Client) -> None:
    original = work(title="Honey", text="Honey.")
    work(title="Miel", text="Miel.", language="fr", translation_of=original, licence="CC0-1.0")
    work(title="Mật", text="Mật.", language="vi", translation_of=original)
    assert reasons(administrator) == {"Honey": "no licence: en, vi"}


def test_facts_that_cells_cite_count(administrator: Client) -> None:
    page = work(ProgrammePage, title="OTOP", text="In 2001.", licence="CC0-1.0", publish=False)
    assert list(reasons(administrator)) == ["OTOP"]
    page.cells = [ProgrammeCell(aspect="finance", text="Some 12 [@VN-1].")]  # type: ignore[attr-defined]
    page.save_revision()
    assert reasons(administrator) == {}
    page.get_latest_revision().publish()
    assert reasons(administrator) == {}


def test_the_latest_draft_counts_for_whoever_may_edit_it(administrator: Client) -> None:
    page = work(title="Honey", text="Honey.")
    page.licence = "CC-BY-4.0"
    page.save_revision()
    assert reasons(administrator) == {}


def test_a_text_in_another_language_is_listed(administrator: Client) -> None:
    work(title="French under English", text=FRENCH, summary="Du miel.")
    work(title="Thai under English", text="น้ำผึ้งจากหมู่บ้าน", summary="น้ำผึ้ง")
    work(title="Français", text=FRENCH, summary="Du miel.", language="fr")
    work(title="English", text="Honey of the village.")
    rows = [
        (row["Title"], row["Stands under"], row["Reads as"])
        for row in table_of(administrator, LANGUAGES)
    ]
    assert rows == [("French under English", "en", "fr"), ("Thai under English", "en", "th")]
    assert "Français" in html_of(administrator, LANGUAGES)


def asked(question: str, *, times: int = 3, language: str = "en", month: int = 10) -> None:
    UnansweredQuestion.objects.create(
        question=question, times=times, language=language, month=date(2026, month, 1)
    )


def test_only_what_was_asked_often_is_shown(administrator: Client) -> None:
    asked("who sells moringa?", times=3)
    asked("my neighbour mr somchai", times=2)
    html = html_of(administrator, QUESTIONS)
    assert "who sells moringa?" in html
    assert "somchai" not in html
    assert [row["Question"] for row in table_of(administrator, QUESTIONS)] == ["who sells moringa?"]


def test_questions_are_narrowed_by_language_and_month_the_newest_and_commonest_first(
    administrator: Client,
) -> None:
    asked("miel", language="fr", month=9)
    asked("rare", times=3)
    asked("common", times=9)

    def found(**query: str) -> list[str]:
        return [row["Question"] for row in table_of(administrator, QUESTIONS, **query)]

    assert found() == ["common", "rare", "miel"]
    assert found(language="fr") == ["miel"]
    assert found(month="2026-10-01") == ["common", "rare"]
    assert found(month="2026-10-01", language="fr") == []


def test_a_question_leads_to_search_and_to_the_board_whatever_it_holds(
    administrator: Client,
) -> None:
    asked('=1+1&q=x "<b>')
    html = html_of(administrator, QUESTIONS)
    assert "/search/?q=%3D1%2B1%26q%3Dx%20%22%3Cb%3E" in html
    assert "/board/ask?question=%3D1%2B1%26q%3Dx%20%22%3Cb%3E" in html
    assert "<b>" not in html.split("listing-results")[1]
    assert table_of(administrator, QUESTIONS)[0]["Question"].startswith("'=1+1")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_filter_breaks_a_report(administrator: Client, address: str, value: str) -> None:
    work(title="Honey", text="In 2023.")
    asked("honey")
    names = (
        "kind", "programme", "country", "mine", "behind", "reason", "language", "month", "p",
        "ordering", "q", "locale", "export", "_w_filter_fragment",
    )  # fmt: skip
    for place in (address, f"{address}results/"):
        for name in names:
            response = administrator.get(place, {name: value})
            assert response.status_code == 200, (place, name)
        assert administrator.get(place, dict.fromkeys(names, value)).status_code == 200


def test_an_empty_portal_has_empty_reports(administrator: Client) -> None:
    for address in ADDRESSES:
        assert "Nothing to show here." in html_of(administrator, address)

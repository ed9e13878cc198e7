"""What every work has: citations that exist, versions a reader may open."""

import contextlib
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from django.core.exceptions import ValidationError
from django.db.models.signals import pre_delete
from django.dispatch import Signal
from django.test import Client
from wagtail.models import Page, PageLogEntry

from content_seed.markdown import body_from_markdown
from knowledge.checks import check_work_types
from knowledge.models import CaseStudyPage, Fact, Source
from tests.factories import work

pytestmark = pytest.mark.django_db


def page_with(text: str, **fields: object) -> CaseStudyPage:
    page = work(publish=False, **fields)
    page.body = page._meta.get_field("body").to_python(body_from_markdown(text, name="x"))
    return page


def test_a_citation_of_a_fact_that_does_not_exist_is_refused_by_name() -> None:
    Fact.objects.create(code="VN-1", statement="x")
    page = page_with("A [@VN-1]. B [@VN-999]. C [@XX-1; @VN-1].")
    with pytest.raises(ValidationError) as caught:
        page.full_clean()
    assert caught.value.message_dict == {"body": ["No such fact: VN-999, XX-1."]}


@pytest.mark.parametrize(
    "mark", ["[@vn-1]", "[@VN1]", "[@VN-1, VN-2]", "[@VN-1; VN-2]", "[ @VN-1]", "[@]", "[@VN-1"]
)
def test_a_citation_that_nobody_can_read_is_refused_with_an_example(mark: str) -> None:
    Fact.objects.create(code="VN-1", statement="x")
    with pytest.raises(ValidationError) as caught:
        page_with(f"A [@VN-1]. B {mark}").full_clean()
    assert mark in caught.value.message_dict["body"][0]
    assert "Write [@VN-21]" in caught.value.message_dict["body"][0]


@pytest.mark.parametrize("text", ["Write to a@b.org [or @home].", "[1] @VN-1", "A [@VN-1; @VN-1]."])
def test_what_is_no_citation_or_a_good_one_is_let_through(text: str) -> None:
    Fact.objects.create(code="VN-1", statement="x")
    page_with(text).full_clean()


@pytest.mark.parametrize("code", ["vn-1", "VN 1", "VN1", "VN-1]", "VN-", "x"])
def test_a_fact_has_a_code_that_texts_can_cite(code: str) -> None:
    with pytest.raises(ValidationError, match="such as VN-21"):
        Fact(code=code, statement="x").full_clean()
    Fact(code="S0-01", statement="x").full_clean()


@pytest.mark.parametrize("text", ["## H [@VN-999]\n\nx", "| a [@VN-999] |\n|---|\n| b |"])
def test_headings_and_tables_are_checked_too(text: str) -> None:
    with pytest.raises(ValidationError, match="VN-999"):
        page_with(text).full_clean()


def test_known_citations_and_no_citations_are_fine() -> None:
    Fact.objects.create(code="VN-1", statement="x")
    page_with("A [@VN-1].").full_clean()
    page_with("Nothing cited.").full_clean()


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="YYYY-MM-DD"):
        page_with("x", dated="2023-13").full_clean()


def test_evidence_is_shown_with_status_and_source(client: Client) -> None:
    fact = Fact.objects.create(code="VN-1", statement="6,210 products", status="weak", note="L3")
    fact.sources.add(Source.objects.create(title="Report", address="https://example.org/r"))
    html = client.get(work(text="Many [@VN-1].").url).content.decode()
    assert 'id="fact-VN-1"' in html
    assert "6,210 products" in html
    assert "weak source" in html
    assert 'href="https://example.org/r"' in html


def test_a_work_is_found_by_what_its_evidence_says_and_by_its_correction_at_once(
    titles: Callable[..., list[str]],
) -> None:
    fact = Fact.objects.create(code="VN-1", statement="Kamwendo pressed it.")
    work(title="Oil", text="Many bottles [@VN-1].")
    assert titles("Kamwendo") == ["Oil"]
    fact.statement = "Senapathy pressed it."
    fact.save()
    assert titles("Kamwendo") == []
    assert titles("Senapathy") == ["Oil"]


def test_a_source_with_an_impossible_date_does_not_break_the_page(client: Client) -> None:
    """A source's date is not checked when it is written."""
    fact = Fact.objects.create(code="VN-1", statement="x")
    fact.sources.add(Source.objects.create(title="Report", document="a", dated="2023-13"))
    assert client.get(work(text="Many [@VN-1].").url).status_code == 200


def test_versions_are_told_the_original_first(client: Client) -> None:
    original = work(title="Tre", language="vi")
    english = work(title="Bamboo", translation_of=original)
    draft = work(title="Bambou", language="fr", translation_of=original, publish=False)
    assert [page.title for page in english.language_versions()] == ["Tre", "Bamboo"]
    html = client.get(english.url).content.decode()
    assert f'hreflang="vi" href="http://testserver{original.url}"' in html
    assert "Bambou" not in html
    assert draft.live is False


def test_every_kind_of_work_says_what_it_is() -> None:
    assert check_work_types(None) == []


def test_a_deletion_that_breaks_off_leaves_the_page_and_its_place_in_the_tree() -> None:
    page = work(title="Honey of the hills")

    def die(**_: object) -> NoReturn:
        raise KeyboardInterrupt

    with receiver_of(pre_delete, die, sender=type(page)), pytest.raises(KeyboardInterrupt):
        page.delete()

    assert Page.find_problems() == ([], [], [], [], [])
    assert not PageLogEntry.objects.filter(page_id=page.pk, action="wagtail.delete").exists()
    page.delete()
    assert not Page.objects.filter(slug=page.slug).exists()
    assert Page.find_problems() == ([], [], [], [], [])


@contextlib.contextmanager
def receiver_of(signal: Signal, receiver: Callable[..., object], *, sender: type) -> Iterator[None]:
    """Have a signal of one model received while the context lasts."""
    signal.connect(receiver, sender=sender)
    try:
        yield
    finally:
        signal.disconnect(receiver, sender=sender)

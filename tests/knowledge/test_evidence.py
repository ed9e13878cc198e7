import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from knowledge.models import Fact, FactTranslation
from knowledge.models.evidence import facts_cited
from tests.factories import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def fact() -> Fact:
    made = Fact.objects.create(code="VN-1", statement="They set 6,210.")
    for language, statement in (("pt", "Fixaram 6.210."), ("ar", "حددوا 6210.")):
        FactTranslation.objects.create(fact=made, language=language, statement=statement)
    return made


def told(language: str) -> tuple[str, str]:
    with translation.override(language):
        (found,) = facts_cited(["Many [@VN-1]."])
        return found.told, found.told_language


@pytest.mark.usefixtures("fact")
def test_a_fact_is_told_in_the_readers_language_or_in_english() -> None:
    assert told("pt") == ("Fixaram 6.210.", "pt")
    assert told("pt-br") == ("Fixaram 6.210.", "pt")
    assert told("vi") == ("They set 6,210.", "en")
    assert told("en") == ("They set 6,210.", "en")


def test_a_translation_of_another_figure_is_not_shown(fact: Fact) -> None:
    fact.statement = "They set 6,310."
    fact.save()
    assert told("pt") == ("They set 6,310.", "en")
    corrected = fact.translations.get(language="pt")
    corrected.statement = "Fixaram 6.310."
    corrected.save()
    assert told("pt") == ("Fixaram 6.310.", "pt")
    assert told("ar") == ("They set 6,310.", "en")


def test_saving_a_translation_as_it_is_does_not_confirm_it(fact: Fact) -> None:
    """The form saves all translations when the English changes."""
    fact.statement = "They set 6,310."
    fact.save()
    for one in fact.translations.all():
        one.save()
    assert told("pt") == ("They set 6,310.", "en")


def test_english_is_no_language_of_a_translation(fact: Fact) -> None:
    with pytest.raises(ValidationError, match="language"):
        FactTranslation(fact=fact, language="en", statement="Other.").full_clean()


def test_a_fact_has_one_translation_in_a_language(fact: Fact) -> None:
    with pytest.raises(IntegrityError):
        FactTranslation.objects.create(fact=fact, language="pt", statement="Outra.")


def test_two_translations_may_exchange_their_languages(fact: Fact) -> None:
    arabic, portuguese = fact.translations.order_by("language")
    arabic.language, portuguese.language = "pt", "ar"
    fact.translations = [arabic, portuguese]
    fact.save()
    assert told("ar") == ("Fixaram 6.210.", "ar")
    assert told("pt") == ("حددوا 6210.", "pt")


@pytest.mark.usefixtures("fact")
def test_evidence_below_a_text_says_its_language_and_direction(client: Client) -> None:
    page = work(text="Many [@VN-1].")
    for language, shown in (
        ("ar", '<span lang="ar" dir="rtl">حددوا 6210.</span>'),
        ("fr", '<span lang="en" dir="ltr">They set 6,210.</span>'),
    ):
        client.cookies["interface_language"] = language
        assert shown in client.get(page.url).content.decode()


@pytest.mark.usefixtures("fact")
def test_a_copy_to_take_home_has_evidence_in_the_readers_language(client: Client) -> None:
    client.cookies["interface_language"] = "pt"
    page = work(text="Many [@VN-1].")
    text = client.get(f"/work/{page.pk}.md").content.decode()
    assert "[^VN-1]: Fixaram 6.210. (" in text


@pytest.mark.usefixtures("fact")
def test_many_facts_take_no_more_queries_than_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in (2, 3):
        Fact.objects.create(code=f"VN-{number}", statement="x")
    with translation.override("pt"), django_assert_num_queries(3):
        told_all = [one.told for one in facts_cited(["[@VN-1] [@VN-2; @VN-3]"])]
    assert told_all == ["Fixaram 6.210.", "x", "x"]


def test_an_editor_changes_the_english_and_one_translation_in_one_form(
    admin_client: Client, fact: Fact
) -> None:
    rows = [
        {"id": one.pk, "language": one.language, "statement": one.statement}
        for one in fact.translations.all()
    ]
    for row in rows:
        if row["language"] == "pt":
            row["statement"] = "Fixaram 6.310."
    form = nested_form_data(
        {
            "code": fact.code,
            "statement": "They set 6,310.",
            "status": "sourced",
            "note": "",
            "sources": [],
            "translations": inline_formset(rows, initial=len(rows)),
        }
    )
    response = admin_client.post(f"/admin/snippets/knowledge/fact/edit/{fact.pk}/", form)
    assert response.status_code == 302, response.context["form"].errors
    assert told("pt") == ("Fixaram 6.310.", "pt")
    assert told("ar") == ("They set 6,310.", "en")


def test_the_language_of_a_document_is_not_said_to_be_that_of_its_title(
    client: Client, fact: Fact
) -> None:
    fact.sources.create(title="Report on the review", address="https://a.example/vn", language="vi")
    html = client.get(work(text="Many [@VN-1].").url).content.decode()
    assert (
        '<a href="https://a.example/vn" rel="noopener external" hreflang="vi" dir="auto">' in html
    )

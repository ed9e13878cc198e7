from collections.abc import Callable

import pytest
from wagtail.models import PageViewRestriction

from embeddings.types import Entity
from knowledge.models import Country, CountryName, ProgrammePage
from knowledge.rights import AnonymousReader
from knowledge.search.entities import known_entities
from knowledge.search.programmes import programme_versions
from knowledge.search.pulse import read_pulse
from knowledge.search.results import KnowledgeResults
from tests.factories import work

pytestmark = pytest.mark.django_db


def malawi() -> Country:
    country, _ = Country.objects.get_or_create(code="mw", defaults={"name": "Malawi"})
    CountryName.objects.get_or_create(country=country, language="th", name="มาลาวี")
    return country


def known() -> tuple[Entity, ...]:
    pulse = read_pulse(AnonymousReader())
    return known_entities(pulse, programme_versions(pulse))


def entities(facet: str) -> dict[str, tuple[str, ...]]:
    return {one.value: one.names for one in known() if one.facet == facet}


def test_a_country_is_known_by_its_name_in_each_language() -> None:
    malawi()
    assert set(entities("country")["mw"]) == {"Malawi", "มาลาวี"}
    assert all(one.is_place for one in known() if one.facet == "country")


def test_a_corrected_name_counts_at_once() -> None:
    malawi()
    known()
    name = CountryName.objects.get(language="th")
    name.name = "ประเทศมาลาวี"
    name.save()
    assert "ประเทศมาลาวี" in entities("country")["mw"]


def test_a_country_is_known_by_other_words_that_mean_it() -> None:
    country = malawi()
    country.other_names = "Malawian\n malawite \n\n"
    country.save()
    assert {"Malawi", "Malawian", "malawite"} <= set(entities("country")["mw"])
    assert "" not in entities("country")["mw"]


def test_a_programme_is_known_by_its_other_names_with_and_without_brackets() -> None:
    page = work(ProgrammePage, slug="otop", title="A profile", other_names="OTOP (Thailand)")
    assert entities("programme")[page.code] == ("A profile", "OTOP", "OTOP (Thailand)")
    page.unpublish()
    assert entities("programme") == {}


def test_the_name_of_a_private_programme_brings_nothing_forward(
    ask: Callable[..., KnowledgeResults],
) -> None:
    """The order of public works must not tell which of them belong to it."""
    page = work(ProgrammePage, slug="hidden", title="Zephyr", other_names="Zephyr")
    work(title="Other", text="Honey.")
    work(title="Member", text="Bamboo, silk, tea, salt and honey.", programme=page)
    titles = [card.title for card in ask("honey zephyr").cards]
    assert titles.index("Member") < titles.index("Other")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert entities("programme") == {}
    assert [card.title for card in ask("honey zephyr").cards] == ["Other", "Member"]


def test_a_question_that_names_a_country_finds_its_works_first(
    ask: Callable[..., KnowledgeResults],
) -> None:
    kenya, _ = Country.objects.get_or_create(code="ke", defaults={"name": "Kenya"})
    work(title="Other", text="Honey of the village, honey of the bees.", country=kenya)
    work(title="Filed", text="Honey.", country=malawi())
    assert [card.title for card in ask("honey มาลาวี").cards] == ["Filed", "Other"]

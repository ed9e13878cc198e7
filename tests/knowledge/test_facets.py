import pytest
from django.utils import translation

from knowledge.models import Country, CountryName, ProgrammePage, Theme, ThemeName
from knowledge.rights import AnonymousReader
from knowledge.search.facets import facets_from_counts
from knowledge.search.programmes import programme_labels, programme_versions
from knowledge.search.pulse import read_pulse
from tests.factories import work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def vocabulary() -> None:
    country = Country.objects.create(code="vn", name="Viet Nam")
    CountryName.objects.create(country=country, language="vi", name="Việt Nam")
    CountryName.objects.create(country=country, language="fr", name="Viêt Nam")
    theme = Theme.objects.create(code="grading", name="Grading")
    ThemeName.objects.create(theme=theme, language="vi", name="Phân hạng")
    ThemeName.objects.create(theme=theme, language="fr", name="Classement")


def labels(counts: dict[str, dict[str, int]], **filters: list[str]) -> dict[str, list[str]]:
    pulse = read_pulse(AnonymousReader())
    programmes = programme_labels(programme_versions(pulse))
    return {
        facet.name: [value.label for value in facet.values]
        for facet in facets_from_counts(counts, filters, programmes, pulse)
    }


@pytest.mark.parametrize(
    ("language", "country", "theme"),
    [
        ("vi", "Việt Nam", "Phân hạng"),
        ("fr", "Viêt Nam", "Classement"),
        ("fr-ca", "Viêt Nam", "Classement"),
        ("en", "Viet Nam", "Grading"),
        ("th", "Viet Nam", "Grading"),
    ],
)
def test_labels_are_in_the_readers_language_or_english(
    language: str, country: str, theme: str
) -> None:
    with translation.override(language):
        found = labels({"country": {"vn": 1}, "theme": {"grading": 2}})
    assert found == {"country": [country], "theme": [theme]}


def test_a_language_is_named_in_itself() -> None:
    with translation.override("fr"):
        assert labels({"language": {"vi": 2, "ja": 1}}) == {"language": ["Tiếng Việt", "日本語"]}


def test_a_programme_is_named_in_the_readers_language_else_in_english() -> None:
    """An Arabic or Portuguese reader cannot tell what OTOP ไทย is."""
    original = work(ProgrammePage, title="OTOP ไทย", language="th", slug="otop")
    work(ProgrammePage, title="OTOP in Thailand", slug="otop", translation_of=original)
    for language, title in (
        ("th", "OTOP ไทย"),
        ("en", "OTOP in Thailand"),
        ("ar", "OTOP in Thailand"),
    ):
        with translation.override(language):
            assert labels({"programme": {"otop": 1}}) == {"programme": [title]}


def test_a_programme_without_an_english_version_is_named_in_its_original() -> None:
    original = work(ProgrammePage, title="OTOP ไทย", language="th", slug="otop")
    work(ProgrammePage, title="OTOP Thaïlande", language="fr", slug="otop", translation_of=original)
    with translation.override("ar"):
        assert labels({"programme": {"otop": 1}}) == {"programme": ["OTOP ไทย"]}


def test_the_most_frequent_come_first_and_years_newest_first() -> None:
    counts = {"kind": {"policy": 1, "lesson": 5}, "year": {"2018": 9, "2025": 1}}
    assert labels(counts) == {"kind": ["Lesson learned", "Policy"], "year": ["2025", "2018"]}


def test_a_chosen_value_stays_even_without_a_work() -> None:
    (facet,) = facets_from_counts(
        {"country": {}}, {"country": ["vn", "zz"]}, {}, read_pulse(AnonymousReader())
    )
    assert {(value.label, value.count, value.selected) for value in facet.values} == {
        ("Viet Nam", 0, True),
        ("zz", 0, True),
    }


def test_a_facet_without_values_is_left_out_and_the_order_is_fixed() -> None:
    counts = {"year": {"2025": 1}, "theme": {}, "kind": {"policy": 1}, "country": {"vn": 1}}
    assert list(labels(counts)) == ["country", "kind", "year"]

import pytest
from django.http import QueryDict
from django.test import Client

from embeddings.service import FACETS
from knowledge.models import Country
from knowledge.search.forms import SearchForm, filters_from
from tests.factories import work


@pytest.mark.parametrize(
    ("data", "question", "page"),
    [
        ({}, "", 1),
        ({"q": " mật ong ", "page": ""}, "mật ong", 1),
        ({"q": "a", "page": "7"}, "a", 7),
        ({"q": "a" * 1000, "page": "1000"}, "a" * 1000, 1000),
    ],
)
def test_a_question_may_be_empty_and_up_to_1000_characters(
    data: dict[str, str], question: str, page: int
) -> None:
    form = SearchForm(data)
    assert form.is_valid()
    assert (form.cleaned_data["q"], form.cleaned_data["page"]) == (question, page)


@pytest.mark.parametrize(
    ("data", "field"),
    [({"q": "a" * 1001}, "q"), ({"page": "0"}, "page"), ({"page": "1001"}, "page"), ({"page": "x"}, "page"), ({"q": "\x00"}, "q")],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_at_its_field(data: dict[str, str], field: str) -> None:
    form = SearchForm(data)
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_filters_are_the_facets_values_each_once() -> None:
    query = QueryDict("kind=policy&kind=lesson&kind=policy&country=vn&year=2023&colour=red&q=x")
    assert filters_from(query) == {
        "kind": ["policy", "lesson"],
        "country": ["vn"],
        "year": ["2023"],
    }


@pytest.mark.parametrize("value", ["", "a b", "../x", "<b>", "x" * 65, "a\x00", "a;b"])
def test_what_cannot_be_a_value_is_left_out(value: str) -> None:
    query = QueryDict(mutable=True)
    query.setlist("kind", [value, "policy"])
    assert filters_from(query) == {"kind": ["policy"]}
    query.setlist("kind", [value])
    assert filters_from(query) == {}


def test_no_more_than_fifty_values_of_a_facet_are_used() -> None:
    query = QueryDict("&".join(f"theme=t{number}" for number in range(80)))
    assert len(filters_from(query)["theme"]) == 50


def test_every_facet_can_be_filtered_by() -> None:
    query = QueryDict("&".join(f"{name}=x" for name in FACETS))
    assert set(filters_from(query)) == set(FACETS)


@pytest.mark.django_db
def test_htmx_gets_the_results_part_alone(client: Client) -> None:
    whole = client.get("/search/")
    part = client.get("/search/", HTTP_HX_REQUEST="true")
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert b'id="results"' in part.content
    assert "HX-Request" in part.headers["Vary"]
    assert "HX-Request" in whole.headers["Vary"]


@pytest.mark.django_db
def test_a_search_changes_nothing_so_it_cannot_be_posted(client: Client) -> None:
    assert client.post("/search/").status_code == 405


@pytest.mark.django_db
def test_a_number_that_no_work_has_is_said_not_to_be_there(client: Client) -> None:
    work(title="Decision 148", text="Decision 148 grades products by stars.")
    said = "No work has the number, the date or the quoted words that you asked for."
    assert (
        said
        in client.get(
            "/search/", {"q": 'Decision 148 grades products by stars and "bamboo"'}
        ).content.decode()
    )
    assert said not in client.get("/search/", {"q": "Decision 148"}).content.decode()


@pytest.mark.django_db
def test_a_country_that_no_work_is_about_is_said_to_be_absent(client: Client) -> None:
    germany = Country.objects.create(code="de", name="Germany")
    kenya = Country.objects.create(code="ke", name="Kenya")
    work(title="Village products", text="Village products of Kenya and of Germany.", country=kenya)

    def said(question: str) -> bool:
        return "No work here is about" in client.get("/search/", {"q": question}).content.decode()

    assert said("village products of Germany")
    assert not said("village products of Kenya")
    work(title="Products", text="Village products.", country=germany)
    assert not said("village products of Germany")

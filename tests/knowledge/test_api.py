from typing import Any

import pytest
from django.test import Client

from embeddings.service import FACETS
from knowledge.models import Country, LessonPage, PolicyPage, ProgrammePage, Theme
from tests.factories import work

pytestmark = pytest.mark.django_db

FIELDS = ["rank", "work", "title", "url", "language", "kind", "programme", "country", "passage", "sentence", "place_url", "place_label", "score", "why"]  # fmt: skip


@pytest.fixture
def works() -> None:
    country = Country.objects.create(code="vn", name="Viet Nam")
    theme = Theme.objects.create(code="grading", name="Grading")
    programme = work(ProgrammePage, title="OCOP", slug="ocop", text="Roads.")
    work(
        PolicyPage,
        title="Decision",
        text="Honey is graded.",
        dated="2023",
        country=country,
        themes=[theme],
        programme=programme,
    )
    work(LessonPage, title="Bài học", text="Mật ong.", language="vi", dated="2021")


def get(client: Client, **query: Any) -> dict[str, Any]:
    response = client.get("/api/search", query)
    assert response.status_code == 200, response.content
    return response.json()


def titles(client: Client, **query: Any) -> list[str]:
    return sorted(result["title"] for result in get(client, q="miel", **query)["results"])


def test_the_schema_names_every_parameter_and_every_field(client: Client) -> None:
    schema = client.get("/api/openapi.json").json()
    operation = schema["paths"]["/api/search"]["get"]
    parameters = {one["name"]: one["schema"] for one in operation["parameters"]}
    assert set(parameters) == {"q", "lang", "limit", "offset", *FACETS} - {"language"}
    assert (parameters["limit"]["minimum"], parameters["limit"]["maximum"]) == (1, 100)
    assert parameters["offset"]["minimum"] == 0
    assert parameters["q"]["maxLength"] == 1000
    result = schema["components"]["schemas"]["Result"]
    assert list(result["properties"]) == FIELDS
    assert result["required"] == FIELDS
    assert schema["components"]["schemas"]["Reason"]["enum"] == ["meaning", "words", "glossary", "exact"]  # fmt: skip
    assert list(schema["components"]["schemas"]["SearchAnswer"]["properties"]) == ["query", "total", "results"]  # fmt: skip


@pytest.mark.usefixtures("works")
def test_an_answer_has_exactly_the_fields_of_the_schema(client: Client) -> None:
    answer = get(client, q=" miel ", kind="policy")
    assert (answer["query"], answer["total"]) == ("miel", 1)
    (result,) = answer["results"]
    assert sorted(result) == sorted(FIELDS)
    assert (result["rank"], result["title"], result["language"]) == (1, "Decision", "en")
    assert (result["kind"], result["programme"], result["country"]) == ("policy", "ocop", "VN")
    assert result["sentence"] == "Honey is graded."
    assert result["sentence"] in result["passage"]
    assert result["why"] == ["meaning"]
    assert client.get(result["url"]).status_code == 200


@pytest.mark.usefixtures("works")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Bài học", "Decision"]),
        ({"lang": "vi"}, ["Bài học"]),
        ({"lang": "ja"}, []),
        ({"kind": "policy"}, ["Decision"]),
        ({"kind": ["policy", "lesson"]}, ["Bài học", "Decision"]),
        ({"kind": "policy", "year": "2021"}, []),
        ({"country": "VN"}, ["Decision"]),
        ({"country": "vn"}, ["Decision"]),
        ({"programme": "ocop"}, ["Decision"]),
        ({"theme": "grading"}, ["Decision"]),
        ({"year": ["2021", "2023"]}, ["Bài học", "Decision"]),
    ],
    ids=str,
)
def test_filters_narrow_the_answer(client: Client, query: dict[str, Any], found: list[str]) -> None:
    assert titles(client, **query) == found


@pytest.mark.usefixtures("works")
def test_limit_and_offset_page_through_the_answer(client: Client) -> None:
    first, second = get(client, q="miel", limit=1), get(client, q="miel", limit=1, offset=1)
    assert first["total"] == second["total"] == 2
    assert [one["rank"] for one in (*first["results"], *second["results"])] == [1, 2]
    assert first["results"][0]["title"] != second["results"][0]["title"]
    assert get(client, q="miel", offset=2)["results"] == []


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"offset": -1}, {"offset": 10_001}, {"q": "a" * 1001}, {"lang": "x" * 17}],
    ids=str,
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused_with_its_name(
    client: Client, query: dict[str, Any]
) -> None:
    response = client.get("/api/search", query)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", next(iter(query))]


@pytest.mark.parametrize(
    "query", [{"limit": 1}, {"limit": 100}, {"offset": 10_000}, {"q": "a" * 1000}]
)
def test_the_bounds_themselves_are_allowed(client: Client, query: dict[str, Any]) -> None:
    assert get(client, **query)["results"] == []


@pytest.mark.usefixtures("works")
def test_without_a_question_all_works_are_listed(client: Client) -> None:
    answer = get(client)
    assert answer["total"] == 3
    assert answer["results"][0]["title"] == "Decision"

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from embeddings.service import FACETS
from knowledge.models import Country, Fact, LessonPage, PolicyPage, ProgrammePage, Source, Theme
from tests.factories import work

pytestmark = pytest.mark.django_db

FIELDS = ["rank", "work", "title", "url", "language", "kind", "programme", "country", "passage", "sentence", "place_url", "place_label", "score", "why", "date", "heading", "superseded", "versions", "facts", "licence", "cite", "markdown"]  # fmt: skip


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
    assert {one["score"] for one in answer["results"]} == {None}


def test_a_result_brings_its_date_its_section_its_evidence_and_its_licence(client: Client) -> None:
    gazette = Source.objects.create(title="Gazette", address="https://example.org/gazette")
    Fact.objects.create(code="VN-1", statement="Five levels.", status="weak").sources.add(gazette)
    Fact.objects.create(code="VN-2", statement="Of something else.")
    new = work(
        PolicyPage,
        title="Decision",
        text="## Grading\n\nHoney has five levels [@VN-1].\n\n## Other\n\nRoads [@VN-2].",
        dated="2023-02",
        licence="CC-BY-4.0",
    )
    vietnamese = work(PolicyPage, title="Quyết định", language="vi", translation_of=new)
    (result,) = get(client, q="honey levels")["results"]
    assert (result["date"], result["heading"], result["superseded"]) == (
        "2023-02",
        "Grading",
        False,
    )
    assert result["versions"] == [{"language": "vi", "url": vietnamese.url}]
    assert result["licence"] == "CC-BY-4.0"
    assert result["facts"] == [
        {
            "code": "VN-1",
            "status": "weak",
            "statement": "Five levels.",
            "sources": ["https://example.org/gazette"],
        }
    ]
    assert client.get(result["cite"]).json()[0]["title"] == "Decision"
    assert client.get(result["markdown"]).content.decode().startswith("# Decision\n")


def test_a_result_says_that_a_later_policy_has_replaced_it(client: Client) -> None:
    old = work(PolicyPage, title="Old", text="Honey is graded.")
    work(PolicyPage, title="New", text="Roads.", replaces=[old])
    (result,) = get(client, q="honey")["results"]
    assert (result["title"], result["superseded"]) == ("Old", True)


def test_more_results_cost_no_more_questions_of_the_database(client: Client) -> None:
    def asked(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(get(client, q="honey", limit=limit)["results"]) == limit
        return sum('FROM "knowledge_' in one["sql"] for one in captured)

    for number in range(6):
        Fact.objects.create(code=f"VN-{number}", statement="Honey.")
        work(LessonPage, title=f"Honey {number}", text=f"Honey is graded [@VN-{number}].")
    asked(6)  # what is asked once and kept
    assert asked(6) == asked(1)


@pytest.mark.parametrize("address", ["/api/search?q=honey", "/api/suggest?q=ho"])
def test_the_head_of_an_answer_can_be_asked_for(client: Client, address: str) -> None:
    response = client.head(address)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Type"] == client.get(address).headers["Content-Type"]
    assert client.post(address).status_code == 405

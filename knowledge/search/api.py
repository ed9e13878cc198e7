"""The JSON API: the same answers as the search page, documented at /api/docs."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import NinjaAPI, Query, Schema

from embeddings.types import Reason
from knowledge.search.forms import filters_from
from knowledge.search.service import search_knowledge
from knowledge.search.suggestions import Suggestion, suggest

api = NinjaAPI(
    title="Village Knowledge Portal",
    version="1",
    description="Ask in any language, get the passage that answers with its source.",
)


class Result(Schema):
    """One work that answers."""

    rank: int
    work: str
    title: str
    url: str
    language: str
    kind: str
    programme: str
    country: str
    passage: str
    sentence: str
    place_url: str
    place_label: str
    score: float
    why: list[Reason]


class SearchAnswer(Schema):
    """The works that answer, best first, and how many there are in all."""

    query: str
    total: int
    results: list[Result]


class SuggestedText(Schema):
    """What a reader may be about to ask for."""

    text: str
    kind: Literal["programme", "term", "work"]
    url: str | None
    language: str


Values = Annotated[list[str], Query(default_factory=list, description="OR inside, AND between")]


@api.get("/search", response=SearchAnswer, summary="Ask a question in any language")
def search(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=1000)] = "",
    lang: Annotated[str, Query(max_length=16, description="Language of the text")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
    kind: Values = [],  # noqa: B006 – ninja reads the annotation, the list is never changed
    programme: Values = [],  # noqa: B006
    country: Values = [],  # noqa: B006
    theme: Values = [],  # noqa: B006
    year: Values = [],  # noqa: B006
) -> dict[str, object]:
    """Return the works that answer and that this reader may open."""
    filters = filters_from(request.GET)
    if lang:
        filters["language"] = [lang]
    answer = search_knowledge(q, reader=request, filters=filters, limit=limit, offset=offset)
    return {"query": answer.query, "total": answer.total, "results": answer.cards}


@api.get("/suggest", response=list[SuggestedText], summary="Complete what is being typed")
def suggest_texts(
    request: HttpRequest,
    q: Annotated[str, Query(description="Two letters or more, accents optional")] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> list[Suggestion]:
    """Return programmes, glossary terms and titles of works that this reader may open."""
    return suggest(q, reader=request, limit=limit)

"""The JSON API: the same answers as the search page, documented at /api/docs."""

from typing import Annotated

from django.http import HttpRequest
from ninja import NinjaAPI, Query, Schema

from embeddings.types import Reason
from knowledge.search.forms import filters_from
from knowledge.search.service import search_knowledge

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
    score: float
    why: list[Reason]


class SearchAnswer(Schema):
    """The works that answer, best first, and how many there are in all."""

    query: str
    total: int
    results: list[Result]


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

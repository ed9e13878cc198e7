"""The JSON API: the same answers as the search page, documented at /api/docs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import NinjaAPI, Query, Schema

from embeddings.types import Reason
from knowledge.eligibility import work_types
from knowledge.models import Fact
from knowledge.search.forms import filters_from
from knowledge.search.results import KnowledgeResults, ResultCard
from knowledge.search.service import search_knowledge
from knowledge.search.suggestions import Suggestion, suggest

api = NinjaAPI(
    title="Village Knowledge Portal",
    version="1",
    description="Ask in any language, get the passage that answers with its source.",
)


class Version(Schema):
    """Another language in which the same work can be read."""

    language: str
    url: str


class Evidence(Schema):
    """A fact that the passage cites."""

    code: str
    status: str
    statement: str
    sources: list[str]


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
    score: float | None
    why: list[Reason]
    date: str
    heading: str
    superseded: bool
    versions: list[Version]
    facts: list[Evidence]
    licence: str
    cite: str
    markdown: str


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
@api.api_operation(["HEAD"], "/search", response=SearchAnswer, include_in_schema=False)
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
    return {"query": answer.query, "total": answer.total, "results": _results(answer)}


def _results(answer: KnowledgeResults) -> list[dict[str, object]]:
    """Return the cards with what a program wants and no page of results shows."""
    codes = {code for card in answer.cards for code in card.cited}
    facts = Fact.objects.prefetch_related("sources").in_bulk(codes, field_name="code")
    licences = _licences(answer.cards)
    return [
        {
            **asdict(card),
            "score": card.score if answer.query else None,
            "date": card.dated,
            "facts": [_evidence(facts[code]) for code in card.cited if code in facts],
            "licence": licences.get(card.page, ""),
            "cite": reverse("cite", args=[card.page, "json"]),
            "markdown": reverse("markdown", args=[card.page]),
        }
        for card in answer.cards
    ]


def _evidence(fact: Fact) -> dict[str, object]:
    return {
        "code": fact.code,
        "status": fact.status,
        "statement": fact.statement,
        "sources": [source.place for source in fact.sources.all()],
    }


def _licences(cards: Sequence[ResultCard]) -> Mapping[int, str]:
    """Return page → code of its licence; each kind of work has a table of its own."""
    kinds = {card.kind for card in cards}
    pages = [card.page for card in cards]
    return {
        page: licence
        for model in work_types()
        if model.kind in kinds
        for page, licence in model.objects.filter(pk__in=pages).values_list("pk", "licence")
    }


@api.get("/suggest", response=list[SuggestedText], summary="Complete what is being typed")
@api.api_operation(["HEAD"], "/suggest", response=list[SuggestedText], include_in_schema=False)
def suggest_texts(
    request: HttpRequest,
    q: Annotated[str, Query(description="Two letters or more, accents optional")] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> list[Suggestion]:
    """Return programmes, glossary terms and titles of works that this reader may open."""
    return suggest(q, reader=request, limit=limit)

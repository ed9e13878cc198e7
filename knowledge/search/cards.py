"""From hits of the index to the cards a reader sees. The database authorises each of them again."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import UUIDField
from django.utils import timezone
from django.utils.translation import get_language
from wagtail.models import Page

from embeddings.types import Hit, Reason
from knowledge.addresses import addresses_at
from knowledge.compare.policies import successors_of
from knowledge.dates import show_partial_date
from knowledge.documents import COLLECTION_SLUG, page_id_of
from knowledge.eligibility import kind_labels, work_types
from knowledge.files.places import FilePlace, places_of
from knowledge.models import PolicyPage
from knowledge.rights import pages_outside
from knowledge.search.programmes import Labels
from knowledge.search.results import LanguageVersion, ResultCard
from knowledge.statements import Statement

_KEY = UUIDField()
"""Makes a key of what a database without a type for it has: text."""


class _Page(NamedTuple):
    """What the database says of a page now."""

    id: int
    work: uuid.UUID
    title: str
    url: str
    language: str


def cards_of(
    hits: Sequence[Hit],
    *,
    barred: frozenset[str],
    programmes: Labels,
    countries: Labels,
    first_rank: int,
) -> list[ResultCard]:
    """Return the cards of those hits that the reader may open at this moment.

    Among them a policy comes before the one that it has replaced.

    Args:
        hits: Best first.
        barred: Scopes that the reader may not enter.
        programmes: Code → name of the programmes that the reader may open.
        countries: Code → name of all countries.
        first_rank: Rank of the first hit.
    """
    if not hits:
        return []
    pages = _readable(barred, {uuid.UUID(hit.work) for hit in hits})
    by_id = {page.id: page for page in pages}
    by_work: dict[uuid.UUID, list[_Page]] = {}
    for one in pages:
        by_work.setdefault(one.work, []).append(one)
    policies = {hit.work for hit in hits if PolicyPage.kind in hit.facets.get("kind", ())}
    successors = successors_of(policies, barred) if policies else {}
    places = places_of(hit.place for hit in hits if hit.place)
    cards: list[ResultCard] = []
    for hit in _in_force_first(hits, successors):
        page = by_id.get(page_id_of(hit.document_key))
        if page is None:
            continue
        versions = [
            LanguageVersion(language=other.language, url=other.url)
            for other in by_work[page.work]
            if other.language != page.language
        ]
        rank = first_rank + len(cards)
        cards.append(
            _card(
                hit, page, rank, versions, programmes, countries,
                place=places.get(hit.place), superseded=hit.work in successors,
            )
        )  # fmt: skip
    return cards


def _in_force_first(hits: Sequence[Hit], successors: Mapping[str, Collection[str]]) -> list[Hit]:
    """Return the hits, those that have replaced another one right before it.

    What was asked for to the letter stays where it is, and so does a list without a question.

    Args:
        hits: Best first.
        successors: Work → the works that have replaced it.
    """
    order: list[Hit] = []
    seen: set[str] = set()

    def place(hit: Hit) -> None:
        if hit.work in seen:
            return
        seen.add(hit.work)
        if hit.reasons and Reason.EXACT not in hit.reasons:
            newer = successors.get(hit.work, ())
            for other in hits:
                if other.work in newer:
                    place(other)
        order.append(hit)

    for hit in hits:
        place(hit)
    return order


def _readable(barred: frozenset[str], works: Collection[uuid.UUID]) -> list[_Page]:
    """Return all versions of some works outside the barred scopes, by language."""
    types = tuple(one.pk for one in ContentType.objects.get_for_models(*work_types()).values())
    rows = _versions(barred, len(works), types).ask([timezone.now(), *works])
    addresses = addresses_at(path for _, _, _, path, _ in rows)
    pages = [
        _Page(pk, _KEY.to_python(work), title, url, language)
        for (pk, work, title, _, language), url in zip(rows, addresses, strict=True)
    ]
    return sorted(pages, key=lambda page: page.language)


@lru_cache(maxsize=500)
def _versions(barred: frozenset[str], works: int, types: tuple[int, ...]) -> Statement:
    """Return what asks for the readable versions of so many works.

    Args:
        barred: Scopes that the reader may not enter.
        works: How many.
        types: Ids of the content types of works, which the statement names.
    """
    now = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    stand_ins = [uuid.UUID(int=number) for number in range(works)]
    # By id: SQLite would look through all pages that are no aliases for the ten works.
    ids = Page.objects.filter(translation_key__in=stand_ins).values("pk")
    rows = (
        pages_outside(barred, now)
        .filter(pk__in=ids)
        .order_by()
        .values_list("pk", "translation_key", "title", "url_path", "locale__language_code")
    )
    return Statement.of(rows, [now, *stand_ins])


def _card(
    hit: Hit,
    page: _Page,
    rank: int,
    versions: Sequence[LanguageVersion],
    programmes: Labels,
    countries: Labels,
    *,
    place: FilePlace | None,
    superseded: bool,
) -> ResultCard:
    kind, programme, country = (_first(hit, facet) for facet in ("kind", "programme", "country"))
    if programme not in programmes:
        programme = ""
    return ResultCard(
        rank=rank,
        page=page.id,
        work=_first(hit, COLLECTION_SLUG) or str(page.work),
        title=page.title,
        url=page.url,
        language=page.language,
        kind=kind,
        kind_label=kind_labels(get_language()).get(kind, ""),
        programme=programme,
        programme_label=programmes.get(programme, ""),
        country=country.upper(),
        country_label=countries.get(country, ""),
        date_label=show_partial_date(hit.dated),
        dated=hit.dated,
        heading=hit.heading,
        passage=hit.passage,
        sentence=hit.sentence,
        score=round(hit.score, 3),
        why=hit.reasons,
        versions=versions,
        superseded=superseded,
        cited=tuple(sorted(hit.cited)),
        place_url=place.url_on(page.id, hit.sentence) if place else "",
        place_label=place.label if place else "",
        file_title=place.title if place else "",
    )


def _first(hit: Hit, facet: str) -> str:
    return next(iter(hit.facets.get(facet, ())), "")

"""Lists of works for a reader: one entry per work, in the best language for that reader."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.utils.translation import get_language
from wagtail.models import Page, PageQuerySet

from knowledge.dates import language_only
from knowledge.eligibility import work_types
from knowledge.models.base import WorkPage
from knowledge.models.programme import ProgrammePage
from knowledge.models.vocabulary import CountryName
from knowledge.rights import Reader, readable_pages

WORKS_ON_A_PAGE = 50


class Version(Protocol):
    """One language version of a work."""

    @property
    def language(self) -> str:
        """BCP 47 code of the text."""

    @property
    def is_original(self) -> bool:
        """Whether the work was first written in this language."""


AnyVersion = TypeVar("AnyVersion", bound=Version)
AnyWork = TypeVar("AnyWork", bound=WorkPage)


def best_version(versions: Iterable[AnyVersion], language: str) -> AnyVersion:
    """Return the version in the wanted language, else the original, else English, else any."""

    def rank(page: AnyVersion) -> tuple[bool, bool, bool, str]:
        return (
            page.language != language,
            not page.is_original,
            page.language != "en",
            page.language,
        )

    return min(versions, key=rank)


def best_to_compare(versions: Iterable[AnyVersion], language: str) -> AnyVersion:
    """Return the version to compare by: in the wanted language, else English, else the original.

    Programmes are named by their profiles. Beside others a Thai or Japanese original would be signs
    without meaning to most who read neither, and many of them read English.
    """
    found = list(versions)
    known = any(one.language == language for one in found)
    return best_version(found, language if known else "en")


class ListedVersion(NamedTuple):
    """One language version of a work, as little of it as choosing and ordering need."""

    kind: str
    pk: int
    translation_key: uuid.UUID
    language: str
    is_original: bool
    dated: str
    title: str


AnyListed = TypeVar("AnyListed", ListedVersion, WorkPage)


def _one_each(versions: Iterable[AnyListed]) -> list[AnyListed]:
    """Return the version of each work that suits the reader, newest work first."""
    by_work: dict[uuid.UUID, list[AnyListed]] = {}
    for version in versions:
        by_work.setdefault(version.translation_key, []).append(version)
    language = language_only(get_language())
    chosen = [
        (best_to_compare if found[0].kind == "programme" else best_version)(found, language)
        for found in by_work.values()
    ]
    return sorted(chosen, key=lambda one: (one.dated, one.title), reverse=True)


def versions_for_reader(reader: Reader, works: Collection[uuid.UUID]) -> list[WorkPage]:
    """Return one page per work, in the reader's interface language where there is one."""
    # By id: SQLite would look through all pages that are no aliases.
    ids = Page.objects.filter(translation_key__in=works).values("pk")
    readable = readable_pages(reader).filter(pk__in=ids)
    return _one_each(full_pages(readable.values_list("pk", flat=True)))


def newest_first(
    readable: PageQuerySet, models: Iterable[type[WorkPage]], **filing: Any
) -> list[ListedVersion]:
    """Return the version of each work that suits the reader, newest work first.

    Args:
        readable: The pages that the reader may open; the active language is hers.
        models: The types of works.
        filing: Lookup → value, such as `country__code`. A work is filed where any version that the
            reader may open is.
    """
    return _one_each(version for model in models for version in _versions(model, readable, filing))


def _versions(
    model: type[WorkPage], readable: PageQuerySet, filing: Mapping[str, Any]
) -> Iterator[ListedVersion]:
    """Yield all readable versions of the works of a type that are filed there."""
    pages = model.objects.filter(pk__in=readable.values("pk"))
    if filing:
        # Keys first: SQLite plans the two as one statement badly.
        works = set(pages.filter(**filing).values_list("translation_key", flat=True))
        if not works:
            return
        pages = pages.filter(translation_key__in=works)
    rows = pages.values_list(
        "pk", "translation_key", "locale__language_code", "is_original", "dated", "title"
    )
    yield from (ListedVersion(model.kind, *row) for row in rows.order_by())


def listed_pages(versions: Iterable[ListedVersion]) -> list[WorkPage]:
    """Return the pages of some versions, in their order; one that has just gone is left out."""
    wanted = [one.pk for one in versions]
    pages = {page.pk: page for page in full_pages(wanted)}
    return [pages[pk] for pk in wanted if pk in pages]


def works_on_page(works: Sequence[ListedVersion], number: str | None) -> dict[str, Any]:
    """Return what a page with a list needs: `works` of that page of the list, and `page_obj`.

    A list of thousands would weigh megabytes, and readers have little bandwidth.
    """
    page = Paginator(works, WORKS_ON_A_PAGE).get_page(number)
    return {"works": listed_pages(page), "page_obj": page}


def all_works(reader: Reader, model: type[AnyWork]) -> list[AnyWork]:
    """Return the works of a type, newest first, each in the reader's language where possible."""
    pages = listed_pages(newest_first(readable_pages(reader), [model]))
    return [page for page in pages if isinstance(page, model)]


def programmes_by_code(reader: Reader) -> dict[str, ProgrammePage]:
    """Return code → page of the programmes that a reader may open, in the reader's language."""
    return {page.code: page for page in all_works(reader, ProgrammePage)}


def full_pages(page_ids: Iterable[int]) -> Iterator[WorkPage]:
    """Yield the pages of their own types, with all that a list shows of them."""
    wanted = list(page_ids)
    names = CountryName.objects.filter(language=language_only(get_language()))
    types = set(Page.objects.filter(pk__in=wanted).values_list("content_type", flat=True))
    for model in work_types():
        if ContentType.objects.get_for_model(model).pk not in types:
            continue
        related = ["locale", "country"]
        if model.kind != "programme":
            related.append("programme")
        pages = model.objects.filter(pk__in=wanted).select_related(*related)
        yield from pages.prefetch_related(Prefetch("country__names", queryset=names))

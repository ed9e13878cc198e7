"""Lists of works for a reader: one entry per work, in the best language for that reader."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from typing import Protocol, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch
from django.utils.translation import get_language
from wagtail.models import Page

from knowledge.dates import language_only
from knowledge.eligibility import work_types
from knowledge.models.base import WorkPage
from knowledge.models.programme import ProgrammePage
from knowledge.models.vocabulary import CountryName
from knowledge.rights import Reader, readable_pages


class Version(Protocol):
    """One language version of a work."""

    @property
    def language(self) -> str:
        """BCP 47 code of the text."""

    @property
    def is_original(self) -> bool:
        """Whether the work was first written in this language."""


AnyVersion = TypeVar("AnyVersion", bound=Version)


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


def versions_for_reader(reader: Reader, works: Collection[uuid.UUID]) -> list[WorkPage]:
    """Return one page per work, in the reader's interface language where there is one."""
    # By id: SQLite would look through all pages that are no aliases.
    ids = Page.objects.filter(translation_key__in=works).values("pk")
    readable = readable_pages(reader).filter(pk__in=ids)
    by_work: dict[uuid.UUID, list[WorkPage]] = {}
    for page in full_pages(readable.values_list("pk", flat=True)):
        by_work.setdefault(page.translation_key, []).append(page)
    language = language_only(get_language())
    chosen = [best_version(versions, language) for versions in by_work.values()]
    return sorted(chosen, key=lambda page: (page.dated, page.title), reverse=True)


def works_for_reader(
    reader: Reader, *, kind: str | None = None, programme: str | None = None
) -> list[WorkPage]:
    """Return the works of a kind or a programme, newest first."""
    works: set[uuid.UUID] = set()
    readable = readable_pages(reader)
    for model in work_types():
        if kind is not None and model.kind != kind:
            continue
        pages = model.objects.filter(pk__in=readable.values("pk"))
        if programme is not None:
            field = "code" if model.kind == "programme" else "programme__code"
            pages = pages.filter(**{field: programme})
        works |= set(pages.values_list("translation_key", flat=True))
    return versions_for_reader(reader, works)


def programmes_by_code(reader: Reader) -> dict[str, ProgrammePage]:
    """Return code → page of the programmes that a reader may open, in the reader's language."""
    pages = works_for_reader(reader, kind=ProgrammePage.kind)
    return {page.code: page for page in pages if isinstance(page, ProgrammePage)}


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

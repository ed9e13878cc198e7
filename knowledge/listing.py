"""Lists of works for a reader: one entry per work, in the best language for that reader."""

import uuid
from collections.abc import Collection, Iterable

from django.utils.translation import get_language
from wagtail.models import Page

from knowledge.dates import language_only
from knowledge.eligibility import work_types
from knowledge.models.base import WorkPage
from knowledge.rights import Reader, readable_pages


def best_version(versions: Iterable[WorkPage], language: str) -> WorkPage:
    """Return the version in the wanted language, else the original, else English, else any."""

    def rank(page: WorkPage) -> tuple[bool, bool, bool, str]:
        return (
            page.language != language,
            not page.is_original,
            page.language != "en",
            page.language,
        )

    return min(versions, key=rank)


def versions_for_reader(reader: Reader, works: Collection[uuid.UUID]) -> list[WorkPage]:
    """Return one page per work, in the reader's interface language where there is one."""
    pages = readable_pages(reader).filter(translation_key__in=works)
    by_work: dict[uuid.UUID, list[WorkPage]] = {}
    for page in pages.specific().select_related("locale"):
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


def pages_in_order(reader: Reader, page_ids: Collection[int]) -> dict[int, WorkPage]:
    """Return id → page for those of the given pages that this reader may open."""
    pages: Iterable[Page] = readable_pages(reader).filter(pk__in=page_ids).specific()
    return {page.pk: page for page in pages}

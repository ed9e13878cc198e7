"""What the pages say, as an editor would find it when opening them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from wagtail.models import Revision

from embeddings.language import detect_language
from embeddings.passages import without_citations
from knowledge.blocks import raw_text
from knowledge.desk.works import DeskPages, DeskWork, Row, Version
from knowledge.models import PolicyCell, ProgrammeCell
from knowledge.models.base import WorkPage

_FIELDS = ("summary", "licence", "body", "latest_revision_id", "has_unpublished_changes")
_READ = 1_000
"""Characters from which the language is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskText:
    """The text of one language version: of the latest draft for those who may edit it."""

    key: uuid.UUID
    """Of the work."""
    version: Version
    summary: str
    licence: str
    text: str
    """The body and the cells, with their citation marks."""


def texts_at_desk(request: HttpRequest) -> tuple[dict[uuid.UUID, DeskWork], list[DeskText]]:
    """Return the works that somebody may edit or open, and what their versions say."""
    pages = DeskPages(request)
    rows = list(pages.rows(*_FIELDS))
    drafts = _drafts([row for _, row in rows if row["pk"] in pages.editable])
    cells = _cells()
    texts = [
        _text(model, row, drafts.get(row["pk"]), cells.get(row["pk"], []), pages.version(row))
        for model, row in rows
    ]
    return pages.works(rows), texts


def _drafts(rows: list[Row]) -> dict[int, Mapping[str, Any]]:
    """Return the content of the latest draft, by page, where it differs from the page's row."""
    revisions = {
        row["latest_revision_id"]: row["pk"]
        for row in rows
        if row["latest_revision_id"] and (row["has_unpublished_changes"] or not row["live"])
    }
    contents = Revision.objects.filter(pk__in=revisions).values_list("pk", "content")
    return {revisions[pk]: content for pk, content in contents}


def _cells() -> dict[int, list[str]]:
    texts: dict[int, list[str]] = {}
    for model in (ProgrammeCell, PolicyCell):
        for page_id, text in model.objects.values_list("page_id", "text"):
            texts.setdefault(page_id, []).append(text)
    return texts


def _text(
    model: type[WorkPage],
    row: Row,
    draft: Mapping[str, Any] | None,
    cells: list[str],
    version: Version,
) -> DeskText:
    content = row if draft is None else draft
    if draft is not None:
        cells = [cell.get("text") or "" for cell in draft.get("cells", [])]
    body = raw_text(model._meta.get_field("body").to_python(content.get("body") or ""))
    return DeskText(
        key=row["translation_key"],
        version=version,
        summary=content.get("summary") or "",
        licence=content.get("licence") or "",
        text="\n".join([body, *cells]),
    )


def language_of_draft(page: WorkPage) -> str | None:
    """Return the language that a page is in, where that is clearly not the one it says."""
    return language_read(f"{page.summary}\n{raw_text(page.body)}", page.language)


def language_read(text: str, declared: str) -> str | None:
    """Return the language of a text, where that is clearly not the declared one."""
    return _language_read(without_citations(text[: 2 * _READ])[:_READ], declared)


@lru_cache(maxsize=2_000)
def _language_read(text: str, declared: str) -> str | None:
    found = detect_language(text, declared=declared)
    return None if found == declared else found

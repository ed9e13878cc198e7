"""Page → document of the index; page id ↔ document key."""

from wagtail.models import Page

from embeddings.types import SourceDocument
from knowledge.eligibility import is_searchable
from knowledge.models.base import WorkPage

_PREFIX = "page:"
COLLECTION_SLUG = "collection_slug"
"""A facet that is no reader's filter: the work's name in the starter collection."""


def document_key(page_id: int) -> str:
    """Return the index's name of a page."""
    return f"{_PREFIX}{page_id}"


def page_id_of(key: str) -> int:
    """Return the page id of a document key."""
    return int(key.removeprefix(_PREFIX))


def load_document(page_id: int) -> SourceDocument | None:
    """Return the page as the index wants it now, or None when it must not be found."""
    page = Page.objects.filter(pk=page_id).specific().first()
    if page is None or not is_searchable(page):
        return None
    return document_from_page(page)


def document_from_page(page: WorkPage) -> SourceDocument:
    """Return a work page's text and facets."""
    programme = page.programme_page
    facets = {
        "kind": [page.kind],
        "programme": [getattr(programme, "code", "")],
        "country": [page.country.code] if page.country else [],
        "theme": [theme.code for theme in page.themes.all()],
        "language": [page.language],
        "year": [page.year],
        COLLECTION_SLUG: [page.collection_slug],
    }
    return SourceDocument(
        key=document_key(page.pk),
        work=str(page.translation_key),
        language=page.language,
        title=page.title,
        sections=tuple(page.sections()),
        facets={name: [value for value in values if value] for name, values in facets.items()},
        is_original=page.is_original,
        notes={fact.code: fact.statement for fact in page.cited_facts},
        dated=page.dated,
        scope=page.path,
        visible_until=page.expire_at,
    )

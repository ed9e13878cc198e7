"""Wagtail admin: snippets, and the hand-over to the reader's language when a page is served."""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from knowledge.models import Country, Fact, GlossaryTerm, Source, Theme
from knowledge.reader_language import activate_reader_language


@hooks.register("before_serve_page", order=-100)
def serve_in_readers_language(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> None:
    """Render the page's surroundings in the reader's language."""
    activate_reader_language(request)


class FactViewSet(SnippetViewSet):
    """Facts: what texts cite."""

    model = Fact
    icon = "success"
    list_display = ["code", "statement", "status"]
    list_filter = ["status"]
    search_fields = ["code", "statement"]


class SourceViewSet(SnippetViewSet):
    """Sources: where facts were read."""

    model = Source
    icon = "link"
    list_display = ["title", "publisher", "dated", "language"]
    search_fields = ["title", "publisher", "address"]


class CountryViewSet(SnippetViewSet):
    """Countries."""

    model = Country
    icon = "globe"
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


class ThemeViewSet(SnippetViewSet):
    """Themes."""

    model = Theme
    icon = "tag"
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


class GlossaryTermViewSet(SnippetViewSet):
    """Glossary terms."""

    model = GlossaryTerm
    icon = "openquote"
    list_display = ["name"]
    search_fields = ["name"]


@register_snippet
class KnowledgeViewSetGroup(SnippetViewSetGroup):
    """One menu for evidence and vocabulary."""

    items = (FactViewSet, SourceViewSet, CountryViewSet, ThemeViewSet, GlossaryTermViewSet)
    menu_label = "Knowledge"
    menu_icon = "list-ul"

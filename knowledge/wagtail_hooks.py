"""Wagtail admin: snippets, and the hand-over to the reader's language when a page is served."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page, PageViewRestriction
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from embeddings.errors import EncoderUnavailable
from knowledge.desk import hooks as desk_hooks  # noqa: F401 – registers its own
from knowledge.desk import in_use, known  # noqa: F401 – likewise
from knowledge.files.rights import may_fetch
from knowledge.models import (
    AmbiguousName,
    Country,
    Fact,
    GlossaryTerm,
    Indicator,
    Source,
    Theme,
    Transfer,
)
from knowledge.models.base import WorkPage
from knowledge.models.files import StoredFile
from knowledge.reader_language import activate_reader_language
from knowledge.rights import may_open
from knowledge.search.similar import duplicates_of
from knowledge.work_panel import StandingWorkPanel
from knowledge.workshops.newcomers import CONFIRMED


@hooks.register("before_serve_page", order=-100)
def serve_in_readers_language(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> None:
    """Render the page's surroundings in the reader's language."""
    activate_reader_language(request)


@hooks.register("before_serve_page", order=-60)
def close_aliases(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> None:
    """Raise Http404 for an alias of a work that the reader may not open where it stands."""
    if (
        isinstance(page, WorkPage)
        and page.alias_of_id is not None
        and not may_open(request, page.alias_of_id)
    ):
        raise Http404


@hooks.register("before_serve_page", order=-50)
def refuse_outsiders(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> None:
    """Raise PermissionDenied for somebody signed in who is not in a group that a page is kept for.

    Wagtail would lead to the sign-in, which leads back, without end.
    """
    if request.user.is_authenticated and any(
        one.restriction_type == PageViewRestriction.GROUPS and not one.accept_request(request)
        for one in page.get_view_restrictions()
    ):
        raise PermissionDenied


@hooks.register("register_log_actions")
def name_confirming(actions: LogActionRegistry) -> None:
    """Name in the log what organisers do with accounts."""
    said = gettext_lazy("The e-mail address is confirmed.")
    actions.register_action(CONFIRMED, gettext_lazy("Confirm an account"), said)


@hooks.register("construct_homepage_panels")
def warn_of_standing_work(request: HttpRequest, panels: list[Any]) -> None:
    """Tell on the home of the admin that no worker runs, or that mails need a person."""
    panels.append(StandingWorkPanel())


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def warn_of_duplicates(request: HttpRequest, page: Page) -> None:
    """Tell an editor that another work says much of the same, in the same language."""
    work = page.specific
    if not isinstance(work, WorkPage) or work.alias_of_id is not None:
        return
    try:
        repeated = duplicates_of(work.get_latest_revision_as_object(), request)
    except EncoderUnavailable:
        return  # comparing needs it; saving does not
    if repeated:
        titles = ", ".join(f"“{one.title}”" for one in repeated)
        messages.warning(
            request,
            _("This text repeats much of %(titles)s. Should it be one work?") % {"titles": titles},
        )


@hooks.register("before_serve_document", order=-100)
def guard_document(document: StoredFile, request: HttpRequest) -> None:
    """Answer as if there were no such file, unless the reader may open a page that shows it."""
    if not may_fetch(request, document):
        raise Http404


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


class IndicatorViewSet(SnippetViewSet):
    """Indicators and their values."""

    model = Indicator
    icon = "table"
    list_display = ["name", "programme", "unit"]
    list_filter = ["programme", "unit", "kind"]
    search_fields = ["code", "name", "definition"]


class TransferViewSet(SnippetViewSet):
    """Lineage of the idea."""

    model = Transfer
    icon = "arrow-right"
    list_display = ["origin", "heir", "year"]


class AmbiguousNameViewSet(SnippetViewSet):
    """Names that mean more than one programme."""

    model = AmbiguousName
    icon = "help"
    list_display = ["name", "programmes"]


@register_snippet
class KnowledgeViewSetGroup(SnippetViewSetGroup):
    """One menu for evidence and vocabulary."""

    items = (
        FactViewSet,
        SourceViewSet,
        IndicatorViewSet,
        CountryViewSet,
        ThemeViewSet,
        GlossaryTermViewSet,
        TransferViewSet,
        AmbiguousNameViewSet,
    )
    menu_label = pgettext_lazy("menu of the admin", "Knowledge")
    menu_icon = "list-ul"

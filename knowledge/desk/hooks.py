"""The desk in Wagtail's admin: reports, menu, home, and what is said after saving."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from knowledge.desk.panels import ReviewQueuePanel
from knowledge.desk.reports import DESK_ACTIONS, REPORTS, DeskReport
from knowledge.desk.texts import language_of_draft
from knowledge.desk.works import page_policy
from knowledge.models.base import WorkPage


class DeskMenuItem(MenuItem):
    """A report of the desk, for whoever may change pages somewhere."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Return True for editors."""
        return bool(page_policy().user_has_any_permission(request.user, DESK_ACTIONS))


@hooks.register("register_admin_urls")
def desk_urls() -> list[Any]:
    """Return the addresses of the reports."""
    patterns = [
        route
        for report in REPORTS
        for route in (
            path(f"{report.name}/", report.as_view(), name=report.name),
            path(f"{report.name}/results/", report.as_view(results_only=True)),
        )
    ]
    return [path("desk/", include((patterns, "desk"), namespace="desk"))]


def _menu_item(report: type[DeskReport], order: int) -> Callable[[], MenuItem]:
    return lambda: DeskMenuItem(
        report.page_title,
        reverse(f"desk:{report.name}"),
        name=report.name,
        icon_name=report.header_icon,
        order=order,
    )


for number, one in enumerate(REPORTS):
    hooks.register("register_reports_menu_item", _menu_item(one, 100 + number))


@hooks.register("insert_global_admin_css")
def desk_style() -> str:
    """Return the style of the desk's tables."""
    return format_html('<link rel="stylesheet" href="{}">', static("portal/desk.css"))


@hooks.register("construct_homepage_panels")
def tell_of_review_queue(request: HttpRequest, panels: list[Any]) -> None:
    """Tell reviewers what waits for them."""
    panels.append(ReviewQueuePanel())


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def warn_of_language(request: HttpRequest, page: Page) -> None:
    """Tell an editor that a text reads as another language than the one it stands under."""
    work = page.specific
    if not isinstance(work, WorkPage) or work.alias_of_id is not None:
        return
    found = language_of_draft(work.get_latest_revision_as_object())
    if found is not None:
        names = dict(settings.LANGUAGES)
        messages.warning(
            request,
            _("This text reads as %(found)s, but the page stands under %(declared)s.")
            % {"found": names.get(found, found), "declared": names[work.language]},
        )

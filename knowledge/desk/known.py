"""What the admin shows to whoever may enter it: of others' pages and files what any reader may open.

Wagtail trusts all editors with the titles of all pages and files. Ours belong to countries, and
drafts and closed materials of one are no business of another.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.models import Page, PageQuerySet
from wagtail.permissions import policy_registry

from knowledge.desk.works import page_policy
from knowledge.models import StoredFile
from knowledge.rights import barred_scopes, outside


def known_pages(pages: PageQuerySet, request: HttpRequest) -> PageQuerySet:
    """Return those of some pages that somebody may find in the explorer, or open as a reader.

    The admin names pages by the title of their latest draft. Where that is another than readers see,
    only who finds the page in the explorer may know of it.
    """
    is_shown = Q(expire_at__isnull=True) | Q(expire_at__gt=timezone.now())
    same_title = Q(draft_title=F("title")) | Q(draft_title="")
    live = Page.objects.live().filter(is_shown, same_title)
    public = outside(live, barred_scopes(request))
    explorable = page_policy().explorable_instances(request.user)
    known: PageQuerySet = pages.filter(
        Q(pk__in=explorable.order_by().values("pk")) | Q(pk__in=public.order_by().values("pk"))
    )
    return known


def known_files(request: HttpRequest, numbers: Collection[int]) -> list[int]:
    """Return the numbers of those files that somebody may do something with in the admin."""
    return list(_allowed_files(request).filter(pk__in=numbers).values_list("pk", flat=True))


def _allowed_files(request: HttpRequest) -> QuerySet[StoredFile]:
    policy: Any = policy_registry.get_by_type(StoredFile)
    allowed: QuerySet[StoredFile] = policy.instances_user_has_any_permission_for(
        request.user, ["add", "change", "delete", "choose"]
    )
    return allowed


@hooks.register("construct_page_chooser_queryset")
def offer_known_pages(pages: PageQuerySet, request: HttpRequest) -> PageQuerySet:
    """Offer nothing to be linked to that the editor may not know of."""
    return known_pages(pages, request)


class KnownPagesMiddleware:
    """Answers at addresses of the admin as if there were no page that an editor may not know of.

    Wagtail refuses too, but often after it has said the title.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Any,  # noqa: ARG002 – Django's signature
        args: Sequence[Any],  # noqa: ARG002 – likewise
        kwargs: Mapping[str, Any],
    ) -> None:
        """Raise Http404 for pages that are not to be known, PermissionDenied for whole reports."""
        user: Any = request.user
        if not request.path.startswith(reverse("wagtailadmin_home")) or user.is_superuser:
            return
        if not user.has_perm("wagtailadmin.access_admin"):
            return  # Wagtail leads to the door
        if _view_name(request) in _OF_ADMINISTRATORS:
            raise PermissionDenied
        pages, files = _named(request, kwargs)
        known = known_pages(Page.objects.filter(pk__in=pages), request).values_list("pk", flat=True)
        if not pages <= {*known} or not files <= {*known_files(request, files)}:
            raise Http404


_NUMBERS_OF_PAGES = ("page_id", "parent_page_id", "page_to_move_id", "page_pk")
_ON_MANY = {"wagtail_bulk_action", "wagtailadmin_choose_page_chosen_multiple"}
"""Addresses that take numbers as a query, of pages unless they say otherwise."""
_OF_ADMINISTRATORS = {
    "wagtailadmin_reports:page_types_usage", "wagtailadmin_reports:page_types_usage_results",
}  # fmt: skip
"""Reports that name the latest page of each type, whoever may know of it."""
_LARGEST = 2**31 - 1


def _named(request: HttpRequest, kwargs: Mapping[str, Any]) -> tuple[set[int], set[int]]:
    """Return the numbers of pages and files that an address of the admin names and that exist."""
    pages = [kwargs[name] for name in _NUMBERS_OF_PAGES if name in kwargs]
    files: list[int] = []
    if _view_name(request) in _ON_MANY:
        many = _asked_for(request)
        model = kwargs.get("model_name", "page")
        if model == StoredFile._meta.model_name:
            files += many
        elif model == "page":
            pages += many
            if "all" in request.GET.getlist("id"):
                pages += _all_that_is_meant(request)
    existing = Page.objects.filter(pk__in=[number for number in pages if number <= _LARGEST])
    stored = StoredFile.objects.filter(pk__in=files)
    return {*existing.values_list("pk", flat=True)}, {*stored.values_list("pk", flat=True)}


def _asked_for(request: HttpRequest) -> list[int]:
    return [int(one) for one in request.GET.getlist("id") if _is_number(one)]


def _all_that_is_meant(request: HttpRequest) -> list[int]:
    """Return what "all" may mean: what is below a page, deep down in a search; else all pages."""
    parent = request.GET.get("childOf", "")
    pages: PageQuerySet = Page.objects.all()
    above = pages.filter(pk=int(parent)).first() if _is_number(parent) else None
    if above is not None:
        pages = above.get_descendants() if request.GET.get("q") else above.get_children()
    return list(pages.values_list("pk", flat=True))


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 10


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


@hooks.register("construct_reports_menu")
def offer_no_refused_report(request: HttpRequest, items: list[MenuItem]) -> None:
    """Leave out of the menu what would be refused."""
    user: Any = request.user
    if not user.is_superuser:
        refused = {reverse(name) for name in _OF_ADMINISTRATORS}
        items[:] = [item for item in items if item.url not in refused]


class KnownFilesAPIViewSet(DocumentsAdminAPIViewSet):
    """Files of the collections that somebody may do something with."""

    def get_queryset(self) -> QuerySet[StoredFile]:
        """Return the files."""
        files: QuerySet[StoredFile] = super().get_queryset()
        return files.filter(pk__in=_allowed_files(self.request).values("pk"))


@hooks.register("construct_admin_api", order=100)
def serve_known_files(router: WagtailAPIRouter) -> None:
    """Put it in the place of Wagtail's own, which serves all files."""
    router.register_endpoint("documents", KnownFilesAPIViewSet)

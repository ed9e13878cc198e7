"""Works as the desk lists them: one row a work, with its language versions."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from wagtail.models import Page
from wagtail.permissions import policy_registry

from knowledge.dates import language_only
from knowledge.eligibility import work_types
from knowledge.listing import best_version
from knowledge.models import Country
from knowledge.models.base import WorkPage
from knowledge.rights import readable_pages

_FIELDS = (
    "pk", "title", "draft_title", "translation_key", "locale__language_code", "is_original", "live",
    "url_path", "country_id", "last_published_at", "latest_revision_created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One language version of a work, as far as somebody at the desk may know of it."""

    pk: int
    title: str
    """With what the latest draft changed, for those who may edit the page."""
    language: str
    is_original: bool
    live: bool
    url_path: str
    may_edit: bool
    said_at: dt.datetime | None
    """When what readers see was published; of a draft, when it was saved."""

    @property
    def address(self) -> str:
        """Where to edit it; for those who may not, where to read it."""
        if self.may_edit:
            return reverse("wagtailadmin_pages:edit", args=[self.pk])
        return Page(pk=self.pk, url_path=self.url_path).get_url() or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskWork:
    """A work with those of its versions that somebody at the desk may know of."""

    kind: str
    kind_label: str | Promise
    country: str
    """Its code."""
    country_label: str
    programme: str
    """Its code; empty where it is one that the editor may not know of."""
    versions: dict[str, Version] = field(default_factory=dict)
    """By language."""

    @property
    def shown(self) -> Version:
        """The version whose title stands for the work."""
        return best_version(self.versions.values(), language_only(get_language()))

    @property
    def original(self) -> Version | None:
        """The version that was written first."""
        return next((one for one in self.versions.values() if one.is_original), None)


Row = Mapping[str, Any]


def page_policy() -> Any:
    """Return what decides who may do what with a page."""
    return policy_registry.get_by_type(Page)


class DeskPages:
    """The works' pages that somebody at the desk may know of, in few statements."""

    def __init__(self, request: HttpRequest) -> None:
        editable = page_policy().instances_user_has_permission_for(request.user, "change")
        editable = editable.type(*work_types()).filter(alias_of__isnull=True)
        readable = readable_pages(request)
        self.editable = frozenset(editable.values_list("pk", flat=True))
        self._known = Q(pk__in=editable.values("pk")) | Q(pk__in=readable.values("pk"))

    def rows(self, *more: str) -> Iterator[tuple[type[WorkPage], Row]]:
        """Yield type and fields of each page: those every report needs, and `more`."""
        for model in work_types():
            programme = "code" if model.kind == "programme" else "programme_id"
            pages = model.objects.filter(self._known).order_by("pk")
            for row in pages.values(*_FIELDS, programme, *more):
                yield model, row

    def works(
        self, rows: Sequence[tuple[type[WorkPage], Row]] | None = None
    ) -> dict[uuid.UUID, DeskWork]:
        """Return the works by translation key, in the order of their titles."""
        rows = list(self.rows()) if rows is None else rows
        programmes = {row["pk"]: str(row["code"]) for _, row in rows if "code" in row}
        countries = {one.pk: one for one in Country.objects.prefetch_related("names")}
        works: dict[uuid.UUID, DeskWork] = {}
        for model, row in rows:
            work = works.get(row["translation_key"])
            if work is None:
                country = countries.get(row["country_id"])
                work = works[row["translation_key"]] = DeskWork(
                    kind=model.kind,
                    kind_label=model.kind_label,
                    country=country.code if country else "",
                    country_label=country.label if country else "",
                    programme=row.get("code") or programmes.get(row.get("programme_id"), ""),
                )
            version = self.version(row)
            work.versions[version.language] = version
        return dict(sorted(works.items(), key=lambda one: one[1].shown.title.casefold()))

    def version(self, row: Row) -> Version:
        """Return one language version from the fields of its page."""
        may_edit = row["pk"] in self.editable
        published, saved = row["last_published_at"], row["latest_revision_created_at"]
        return Version(
            pk=row["pk"],
            title=(row["draft_title"] if may_edit else "") or row["title"],
            language=row["locale__language_code"],
            is_original=row["is_original"],
            live=row["live"],
            url_path=row["url_path"],
            may_edit=may_edit,
            said_at=published if row["live"] else saved,
        )

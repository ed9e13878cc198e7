"""Beside the form of a work: works like it in all languages, and those that it repeats."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from knowledge.models.base import WorkPage
from knowledge.search.similar import duplicates_of, similar_to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A published work that a text is like."""

    page: WorkPage
    address: str
    """Where to edit it; for those who may not, where to read it."""
    repeats: bool
    """Whether it says nearly the same in the same language."""

    @property
    def language_name(self) -> str:
        """The language under its own name."""
        return dict(settings.LANGUAGES).get(self.page.language, self.page.language)


def works_beside(page: WorkPage, request: HttpRequest) -> list[Similar]:
    """Return what an editor may open of the works like a page, repeated ones first.

    Raises:
        EncoderUnavailable: Meaning cannot be compared.
    """
    repeated = duplicates_of(page, request)
    keys = {one.translation_key for one in repeated}
    alike = [one for one in similar_to_text(page, request) if one.translation_key not in keys]
    return [
        Similar(page=one, address=_address(one, request), repeats=one.translation_key in keys)
        for one in (*repeated, *alike)
    ]


def _address(page: WorkPage, request: HttpRequest) -> str:
    if page.permissions_for_user(request.user).can_edit():
        return reverse("wagtailadmin_pages:edit", args=[page.pk])
    return page.get_url(request) or ""


def saved_draft(page: WorkPage) -> WorkPage:
    """Return a page as it was saved last, whatever a form has made of it since."""
    saved: WorkPage = type(page).objects.get(pk=page.pk).get_latest_revision_as_object()
    return saved

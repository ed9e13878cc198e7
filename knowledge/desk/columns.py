"""Columns of the desk's tables."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn

from knowledge.dates import direction
from knowledge.desk.translations import BoardRow, Status
from knowledge.desk.works import Version

_TEMPLATES = "knowledge/admin/desk"


class VersionColumn(TitleColumn):
    """The title of a version in its language, leading to where it is edited or read."""

    cell_template_name = f"{_TEMPLATES}/version_cell.html"

    def __init__(self, version_of: Callable[[Any], Version]) -> None:
        super().__init__("title", label=_("Title"), accessor=lambda row: version_of(row).title)
        self.version_of = version_of

    def get_link_url(self, instance: Any, parent_context: Any) -> str:  # noqa: ARG002 – Wagtail's
        """Return where the title leads."""
        return self.version_of(instance).address

    def get_link_attrs(self, instance: Any, parent_context: Any) -> dict[str, str]:  # noqa: ARG002 – likewise
        """Return the language of the title."""
        language = self.version_of(instance).language
        return {"lang": language, "dir": direction(language)}

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        """Add the version."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"version": self.version_of(instance)}


class TemplateColumn(Column):
    """A column whose template takes what it needs from the row."""

    def __init__(self, name: str, label: Any, template: str) -> None:
        super().__init__(name, label=label, accessor=lambda row: row)
        self.cell_template_name = f"{_TEMPLATES}/{template}"


class LanguageColumn(Column):
    """How each work stands in one language."""

    header_template_name = f"{_TEMPLATES}/language_header.html"
    cell_template_name = f"{_TEMPLATES}/status_cell.html"

    def __init__(self, language: str, *, may_submit: bool) -> None:
        """Make the column of a language; `may_submit` translations, by wagtail-localize's right."""
        super().__init__(f"in_{language}", label=language)
        self.language = language
        self.language_name = dict(settings.LANGUAGES).get(language, language)
        self.may_submit = may_submit

    def get_value(self, instance: BoardRow) -> Status:
        """Return the status of a work."""
        return instance.status_in(self.language)

    def get_cell_context_data(self, instance: BoardRow, parent_context: Any) -> dict[str, Any]:
        """Add the version there is, and where it can be made where there is none."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        version = instance.work.versions.get(self.language)
        address = version.address if version else ""
        if version is None and self.may_submit:
            address = self._translate_address(instance)
        return context | {
            "status": self.get_value(instance),
            "version": version,
            "address": address,
            "title": instance.work.shown.title,
        }

    def _translate_address(self, row: BoardRow) -> str:
        source = row.work.original or row.work.shown
        page = reverse("wagtail_localize:submit_page_translation", args=[source.pk])
        back = {"select_locale": self.language, "next": reverse("desk:translation-status")}
        return f"{page}?{urlencode(back)}"

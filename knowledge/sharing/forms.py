"""Forms of the share pages. What is faulty in one field never loses the others."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from knowledge.dates import language_only
from knowledge.fields import Words
from knowledge.listing import programmes_by_code
from knowledge.models import Country, MaterialPage, ProgrammePage, WorkshopPage
from knowledge.models.base import LICENCES
from knowledge.sharing.branches import open_languages
from knowledge.sharing.drafts import session_of, workshop_of
from knowledge.workshops.participation import takes_part

_SESSION = "|"
"""Between a workshop and the title of a session."""
Choices = list[tuple[Any, Any]]


class MaterialForm(forms.Form):
    """First step: what it is and where it belongs."""

    title = Words(label=_("Title"), max_length=255, required=False)
    form = forms.ChoiceField(label=_("What is it?"), choices=MaterialPage.Form.choices)
    country = forms.ChoiceField(label=_("Country"), required=False)
    programme = forms.ChoiceField(label=_("Programme"), required=False)
    workshop = forms.ChoiceField(label=_("Handed in for"), required=False)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._countries = {
            country.code: country for country in Country.objects.prefetch_related("names")
        }
        self._programmes = programmes_by_code(request)
        self._workshops = workshops_of(request)
        self._offer("country", _country_choices(list(self._countries.values())))
        self._offer("programme", _programme_choices(list(self._programmes.values())))
        self._offer("workshop", _workshop_choices(list(self._workshops.values())))

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def has_workshops(self) -> bool:
        """Whether the contributor takes part in any."""
        return bool(self._workshops)

    def clean(self) -> dict[str, Any]:
        """Turn codes into what they name; a programme brings its country along."""
        found: dict[str, Any] = dict(super().clean() or {})
        programme = self._programmes.get(found.get("programme") or "")
        number, _sep, session = (found.get("workshop") or "").partition(_SESSION)
        workshop = self._workshops.get(number)
        country = self._countries.get(found.get("country") or "")
        if country is None and programme is not None:
            country = programme.country
        if country is None and workshop is not None and not found.get("country"):
            country = workshop.country
        if programme is not None and programme.country_id not in {None, country and country.pk}:
            self.add_error("programme", _("This programme belongs to another country."))
            programme = None
        return found | {
            "country": country, "programme": programme, "workshop": workshop, "session": session,
        }  # fmt: skip


def _language_choices() -> Choices:
    names = dict(settings.LANGUAGES)
    return sorted(((code, names[code]) for code in open_languages()), key=lambda one: one[1])


class CheckForm(forms.Form):
    """Second step: in which words others find it, and how they may use it."""

    language = forms.ChoiceField(
        label=_("Language of the text"), choices=_language_choices, required=False
    )
    summary = Words(label=_("Summary"), max_length=400, required=False)
    credit = Words(label=_("Who made it?"), max_length=200, required=False)
    licence = forms.ChoiceField(
        label=_("How may others use it?"), choices=[("", ""), *LICENCES], required=False
    )
    translation_of = forms.IntegerField(min_value=0, max_value=2**31, required=False)
    answer = Words(
        label=_("Your answer to the reviewer"),
        max_length=2000,
        required=False,
        widget=forms.Textarea,
    )
    consent = forms.BooleanField(required=False)


def first_values(page: MaterialPage) -> dict[str, Any]:
    """Return what the first step shows of a working copy."""
    workshop = workshop_of(page)
    session = session_of(page)
    place = f"{workshop.pk}{_SESSION}{session}" if workshop and session else ""
    return {
        "title": page.title,
        "form": page.form,
        "country": page.country.code if page.country else "",
        "programme": page.programme.code if page.programme else "",
        "workshop": place or (str(workshop.pk) if workshop else ""),
    }


def workshops_of(request: HttpRequest) -> dict[str, WorkshopPage]:
    """Return id → original version of the workshops that somebody takes part in and may open."""
    return {str(page.pk): page for page in takes_part(request)}


def _country_choices(countries: Sequence[Country]) -> Choices:
    language = language_only(get_language())
    named = sorted((country.name_in(language), country.code) for country in countries)
    return [("", _("Several countries, or none")), *((code, name) for name, code in named)]


def _programme_choices(programmes: Sequence[ProgrammePage]) -> Choices:
    groups: dict[str, Choices] = {}
    for page in sorted(programmes, key=lambda one: one.title):
        name = page.country.label if page.country else str(_("International"))
        groups.setdefault(name, []).append((page.code, page.title))
    return [("", _("None, or not listed")), *sorted(groups.items())]


def _workshop_choices(workshops: Sequence[WorkshopPage]) -> Choices:
    choices: Choices = [("", _("no workshop"))]
    for page in workshops:
        sessions = [(f"{page.pk}{_SESSION}{one.title}", one.title) for one in page.sessions.all()]
        whole = (str(page.pk), _("The workshop as a whole"))
        choices.append((page.title, [whole, *sessions]))
    return choices

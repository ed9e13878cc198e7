"""The search form: what may be asked and narrowed by."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from embeddings.service import FACETS

_VALUE = re.compile(r"[\w-]{1,64}")
_MOST_VALUES = 50


class SearchForm(forms.Form):
    """A question of any length up to 1,000 characters, and a page number."""

    q = forms.CharField(
        label=_("Your question"),
        required=False,
        max_length=1000,
        error_messages={
            "max_length": _("The question is too long: ask in at most 1,000 characters.")
        },
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=1000)

    def clean_page(self) -> int:
        """Return the page number, 1 by default."""
        return self.cleaned_data["page"] or 1


def filters_from(query: QueryDict) -> dict[str, list[str]]:
    """Return the facet values of an address; what cannot be a value is left out."""
    filters: dict[str, Any] = {}
    for name in FACETS:
        given = [value.lower() for value in query.getlist(name)]
        values = [value for value in given if _VALUE.fullmatch(value)]
        if values:
            filters[name] = list(dict.fromkeys(values))[:_MOST_VALUES]
    return filters

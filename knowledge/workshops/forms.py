"""Forms of workshops."""

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.workshops.codes import LONGEST


class CodeForm(forms.Form):
    """A join code as somebody types it."""

    code = forms.CharField(
        label=_("Code of the workshop"),
        help_text=_(
            "The organisers show it: eight letters and digits. Case, spaces and hyphens do not matter."
        ),
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class NewcomerForm(forms.Form):
    """The address of somebody whose account is to be confirmed, and the organiser's word for it."""

    address = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    sure = forms.BooleanField(label=_("The person stands before me and told me this address."))


class ActionForm(forms.Form):
    """An agreed action."""

    text = forms.CharField(label=_("What is to be done"), max_length=300)
    responsible = forms.CharField(label=_("By whom"), max_length=200, required=False)
    due_on = forms.DateField(
        label=_("Until when"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

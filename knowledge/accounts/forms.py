"""What somebody says of themselves."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class AboutForm(forms.Form):
    """The name that is shown, and the language of pages and mails."""

    name = forms.CharField(
        label=_("Name to be shown"),
        required=False,
        max_length=150,
        help_text=_("Your own, or that of your office. Your e-mail address is shown to nobody."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    language = forms.ChoiceField(label=_("Language of pages and mails"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(settings.LANGUAGES)
        codes = settings.KNOWLEDGE["INTERFACE_LANGUAGES"]
        self.fields["language"].choices = [(code, names[code]) for code in codes]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Return the name in one line."""
        return " ".join(self.cleaned_data["name"].split())


class LeaveForm(forms.Form):
    """Proof that it is really the owner who wants the account to be gone."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(label=_("Delete my account for good."))

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:  # signs in with an organisation
            del self.fields["password"]

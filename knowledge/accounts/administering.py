"""How administrators make and change accounts: one address, one account, as at signing up."""

from typing import Any

from django import forms
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet as WagtailUserViewSet

from knowledge.accounts.words import ADDRESS_TAKEN
from knowledge.people import has_another_account


class _OneAccount:
    cleaned_data: dict[str, Any]
    changed_data: list[str]
    instance: Any

    def clean_email(self) -> str:
        """Refuse the address of another account; what stands there already is left alone."""
        address: str = self.cleaned_data["email"]
        if "email" in self.changed_data and has_another_account(address, than=self.instance):
            raise forms.ValidationError(ADDRESS_TAKEN, code="email_taken")
        return address


class NewUserForm(_OneAccount, UserCreationForm):
    """A new account."""


class ChangedUserForm(_OneAccount, UserEditForm):
    """An account that is there."""


class UserViewSet(WagtailUserViewSet):
    """Settings → Users in the admin."""

    def get_form_class(self, for_update: bool = False) -> type[Any]:
        """Return the form of an account."""
        return ChangedUserForm if for_update else NewUserForm

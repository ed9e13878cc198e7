"""Where one wanted to go before the address was confirmed, carried by the link in the mail.

The session that signed up knows it too, but a mail is often opened on another device. What the link
says is signed for this link: nobody but the portal writes into it.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import ConfirmEmailView
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest
from django.utils.http import urlencode

_FIELD = "to"
_LONGEST = 500
"""Characters of an address that a link carries."""


def with_destination(link: str, *, key: str, request: HttpRequest) -> str:
    """Return the link of a mail with where the form that was sent says that one wants to go."""
    wanted = get_next_redirect_url(request) or ""
    if not 0 < len(wanted) <= _LONGEST:
        return link
    return f"{link}?{urlencode({_FIELD: _signer(key).sign(wanted)})}"


def _signer(key: str) -> signing.Signer:
    return signing.Signer(salt=f"knowledge.confirming:{key}")


class ConfirmationView(ConfirmEmailView):
    """The page of the link; its button leads on to where one wanted to go."""

    redirect_field_name = _FIELD

    def get_next_url(self) -> str | None:
        """Return the address that the link was signed with, by way of signing in where needed."""
        request: Any = self.request
        signed = request.POST.get(_FIELD) or request.GET.get(_FIELD) or ""
        try:
            wanted = _signer(self.kwargs["key"]).unsign(signed)
        except signing.BadSignature:
            return None
        if not get_adapter().is_safe_url(wanted):
            return None
        return wanted if request.user.is_authenticated else redirect_to_login(wanted).url

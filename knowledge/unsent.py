"""What somebody wrote and could not send: the session had ended, or the form was too old.

It lies in the anonymous session under the address that it was sent to. Django takes along what an
anonymous session holds when somebody signs in, and forgets it when they sign out.
"""

import json
import time

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

_KEY = "unsent"
_LARGEST = 20_000
"""Bytes: the longest question, answer or description fits many times."""
_SECONDS = 3600


def keep_unsent(request: HttpRequest, address: str) -> None:
    """Keep the fields that were sent, without files; only the last form counts."""
    fields = _fields(request)
    if len(json.dumps(fields, ensure_ascii=False).encode()) <= _LARGEST:
        request.session[_KEY] = {
            "address": address,
            "fields": fields,
            "files": bool(request.FILES),
            "at": time.time(),
        }


def unsent(request: HttpRequest) -> QueryDict | None:
    """Return what was once sent to this address in vain, and tell the reader; None if nothing."""
    kept = request.session.get(_KEY)
    if not kept or kept["address"] != request.path or time.time() - kept["at"] > _SECONDS:
        return None
    words = [_("This is what you wrote before you signed in. It is not sent yet.")]
    if kept["files"]:
        words.append(_("Files have to be chosen again."))
    messages.info(request, " ".join(words))
    fields = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        fields.setlist(name, values)
    return fields


def forget_unsent(request: HttpRequest) -> None:
    """Forget what was kept for this address: it has been sent."""
    if request.session.get(_KEY, {}).get("address") == request.path:
        del request.session[_KEY]


def to_send_again(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Return the fields of a form that was too old, each with whether it was written by hand.

    None if they came from another site: what it has made a browser send must not be offered as the
    reader's own words. And a password belongs into no page.
    """
    here = f"{request.scheme}://{request.get_host()}"
    if request.method != "POST" or request.headers.get("Origin") != here:
        return []
    fields = _fields(request)
    if any("password" in name for name in fields):
        return []
    return [(name, one, _is_text(one)) for name, values in fields.items() for one in values]


def _is_text(value: str) -> bool:
    return not value.isascii() or any(map(str.isspace, value))


def _fields(request: HttpRequest) -> dict[str, list[str]]:
    return {
        name: [str(one) for one in values]
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
    }

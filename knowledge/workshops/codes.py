"""Join codes as people type them: case, spaces, hyphens, digits of other scripts, look-alikes."""

import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from knowledge.models import WorkshopPage
from knowledge.rights import Reader, readable_pages

LONGEST = 64
"""Characters of a code as typed; more is none."""
MOST_WRONG = 10
"""Wrong codes in a row that one account or address may try."""
FORGET_AFTER = 15 * 60
"""Seconds until wrong codes are forgotten."""
_GROUP = 4
_LOOK_ALIKES = str.maketrans({"I": "L", "1": "L", "0": "O", "Q": "O", "5": "S", "8": "B", "2": "Z"})


class TooManyWrongCodesError(Exception):
    """Somebody is guessing, or needs a rest."""


def shown_code(code: str) -> str:
    """Return a code in groups that can be read out."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def folded(typed: str) -> str:
    """Return what is the same for all ways of typing one code; empty for what is no code."""
    if len(typed) > LONGEST:
        return ""
    letters = []
    for character in unicodedata.normalize("NFKC", typed).upper():
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            letters.append(str(digit))
        elif character.isalpha():
            letters.append(character)
    return "".join(letters).translate(_LOOK_ALIKES)


def workshop_by_code(
    typed: str, request: HttpRequest, reader: Reader | None = None
) -> WorkshopPage | None:
    """Return the workshop of a code, or None when there is none that this reader may open.

    The reader is who asks, if no other is named. Raises TooManyWrongCodesError after too many wrong
    ones; nothing is looked up then.
    """
    key = f"wrong-codes:{_who(request)}"
    if cache.get(key, 0) >= MOST_WRONG:
        raise TooManyWrongCodesError
    wanted = folded(typed)
    found = _find(wanted, reader or request) if wanted else None
    if found is None and not cache.add(key, 1, FORGET_AFTER):
        cache.incr(key)
    return found


def _find(wanted: str, reader: Reader) -> WorkshopPage | None:
    originals = WorkshopPage.objects.filter(
        pk__in=readable_pages(reader).values("pk"), is_original=True
    )
    # Folded in Python: there are hundreds of workshops, not thousands.
    for pk, code in originals.values_list("pk", "join_code"):
        if folded(code) == wanted:
            found: WorkshopPage = originals.select_related("locale", "country").get(pk=pk)
            return found
    return None


def _who(request: HttpRequest) -> str:
    user: Any = request.user
    if user.is_authenticated:
        return f"user:{user.pk}"
    try:
        return f"address:{get_adapter().get_client_ip(request)}"
    except (ImproperlyConfigured, PermissionDenied):
        return "address:unknown"

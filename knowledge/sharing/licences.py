"""Licences and statements of rights in plain words, for people who are no lawyers."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PLAIN_WORDS: dict[str, Promise] = {
    "CC-BY-4.0": _("Everybody may use, translate and change it, if they name who made it."),
    "CC-BY-SA-4.0": _(
        "Everybody may use and change it, naming who made it; what they make of it must be as free."
    ),
    "CC-BY-NC-4.0": _(
        "Everybody may use and change it, naming who made it, but not to earn money with it."
    ),
    "CC-BY-ND-4.0": _("Everybody may pass it on unchanged, naming who made it."),
    "CC-BY-NC-ND-4.0": _(
        "Everybody may pass it on unchanged, naming who made it, but not to earn money with it."
    ),
    "CC0-1.0": _("I give up my rights: everybody may do with it what they like."),
    "InC-1.0": _("All rights reserved. It may be read here; for anything else one has to ask."),
    "NoC-NC-1.0": _("Copyright has ended, but by contract it may not be used to earn money."),
    "CNE-1.0": _("Nobody has found out yet whether it is protected, and for whom."),
}
"""By the codes of `knowledge.models.base.LICENCES`, in the order they are offered."""

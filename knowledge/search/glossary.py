"""Glossary expansion: a term of the field in one language brings its names in the others."""

import re
from functools import lru_cache

from embeddings.language import fold
from knowledge.models import GlossaryName, GlossaryTerm

_WORD_EDGE_NEEDED = re.compile(r"[a-z]")
_SHORTEST = 3


def expansions_for(text: str) -> list[str]:
    """Return the other names of every glossary concept that the text mentions."""
    folded = fold(text)
    found: dict[str, None] = {}
    for names in _concepts(_version()):
        if any(_mentions(folded, fold(name)) for name in names):
            found.update(dict.fromkeys(name for name in names if fold(name) not in folded))
    return list(found)


def _mentions(folded: str, name: str) -> bool:
    if len(name) < _SHORTEST or name not in folded:
        return False
    if not _WORD_EDGE_NEEDED.search(name):
        return True  # scripts without spaces have no word edges
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded) is not None


def _version() -> tuple[int, int, int]:
    """Return what changes when the glossary does, so that every process notices."""
    newest = GlossaryName.objects.order_by("-pk").values_list("pk", flat=True).first()
    return GlossaryTerm.objects.count(), GlossaryName.objects.count(), newest or 0


@lru_cache(maxsize=1)
def _concepts(version: tuple[int, int, int]) -> list[tuple[str, ...]]:
    terms = GlossaryTerm.objects.prefetch_related("names")
    return [(term.name, *(local.name for local in term.names.all())) for term in terms]

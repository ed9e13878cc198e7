"""The glossary as the search's concepts: one concept, its name in each language."""

from functools import lru_cache

from django.db.models import Count, Max

from embeddings.language import fold
from embeddings.types import Concept
from knowledge.models import GlossaryName, GlossaryTerm, ProgrammePage

Version = tuple[object, ...]


def glossary_concepts() -> tuple[Concept, ...]:
    """Return all concepts, read anew when glossary or programmes changed."""
    return _concepts(_version())


def _version() -> Version:
    """Return what changes when glossary or programmes do, in whatever process."""
    terms = GlossaryTerm.objects.aggregate(Count("pk"), Max("changed_at"))
    names = GlossaryName.objects.aggregate(Count("pk"), Max("changed_at"))
    programmes = ProgrammePage.objects.live().aggregate(Count("pk"), Max("last_published_at"))
    return tuple(value for found in (terms, names, programmes) for value in found.values())


@lru_cache(maxsize=1)
def _concepts(version: Version) -> tuple[Concept, ...]:
    programmes = _programme_names()
    concepts = []
    for term in GlossaryTerm.objects.prefetch_related("names").order_by("code"):
        names = (term.name, *(local.name for local in term.names.all()))
        is_programme = any(_plain(name) in programmes for name in names)
        concepts.append(Concept(names=names, is_programme=is_programme))
    return tuple(concepts)


def _programme_names() -> set[str]:
    pages = ProgrammePage.objects.live()
    return {_plain(name) for page in pages for name in page.other_names.splitlines()}


def _plain(name: str) -> str:
    """Return a name without what stands in brackets, folded."""
    return fold(without_brackets(name))


def without_brackets(name: str) -> str:
    """Return a name up to its first bracket: "OTOP" for "OTOP (Thailand)"."""
    return name.split("(", maxsplit=1)[0].strip()

"""The glossary as the search's concepts: one concept, its name in each language."""

from functools import lru_cache

from embeddings.language import fold
from embeddings.types import Concept, Vocabulary
from knowledge.models import GlossaryTerm, ProgrammePage
from knowledge.search.pulse import Pulse, Version


def glossary_concepts(pulse: Pulse) -> Vocabulary[Concept]:
    """Return all concepts, read anew when glossary or programmes changed."""
    return _concepts(pulse.glossary)


@lru_cache(maxsize=2)
def _concepts(version: Version) -> Vocabulary[Concept]:
    programmes = _programme_names()
    concepts = []
    for term in GlossaryTerm.objects.prefetch_related("names").order_by("code"):
        names = (term.name, *(local.name for local in term.names.all()))
        is_programme = any(_plain(name) in programmes for name in names)
        concepts.append(Concept(names=names, is_programme=is_programme))
    return Vocabulary(concepts)


def _programme_names() -> set[str]:
    pages = ProgrammePage.objects.live()
    return {_plain(name) for page in pages for name in page.other_names.splitlines()}


def _plain(name: str) -> str:
    """Return a name without what stands in brackets, folded."""
    return fold(without_brackets(name))


def without_brackets(name: str) -> str:
    """Return a name up to its first bracket: "OTOP" for "OTOP (Thailand)"."""
    return name.split("(", maxsplit=1)[0].strip()

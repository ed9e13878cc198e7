"""Suggestions while a reader types: programmes, glossary terms and titles of works.

Nothing is suggested that this reader may not open at this moment. Case does not count, nor do accents
where none was typed: "quyet dinh" finds "Quyết định".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from wagtail.models import Page

from embeddings import service as index
from embeddings.language import as_compared, fold, unspaced_letters
from embeddings.types import PROFILE, TitleHit
from knowledge.dates import language_only
from knowledge.documents import page_id_of
from knowledge.listing import best_to_compare, best_version
from knowledge.models import GlossaryName, GlossaryTerm
from knowledge.rights import Reader
from knowledge.search.programmes import ProgrammeVersion, programme_versions
from knowledge.search.pulse import Pulse, Version, read_pulse

_LONGEST = 100
"""Letters from which on nobody is typing a name any more."""
_SHORTEST = 2
"""Letters of scripts with spaces; in others one letter is nearly a word."""
_MOST_TITLES = 64
Compared = Callable[[str], str]
"""Makes names comparable with what was typed: accents count once they are typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What the reader may be about to ask for."""

    text: str
    kind: Literal["programme", "term", "work"]
    url: str | None
    """Where it leads; None for a term, which is only something to ask for."""
    language: str
    """BCP 47 code of `text`."""


class TermName(NamedTuple):
    """A glossary term's name in one language."""

    code: str
    text: str
    language: str
    is_original: bool
    """True for the English name, which every term has."""


def suggest(text: str, *, reader: Reader, limit: int = 8) -> list[Suggestion]:
    """Return what begins with the text at one of its words, the three kinds in turn."""
    compared = as_compared(text)
    typed = compared(" ".join(text.split()))
    if not _is_worth_a_look(typed):
        return []
    pulse = read_pulse(reader)
    kinds = (
        _programmes(typed, compared, pulse),
        _terms(typed, compared, pulse.glossary),
        _works(typed, compared, pulse.barred),
    )
    found: dict[str, Suggestion] = {}
    for one in chain.from_iterable(zip_longest(*kinds)):
        if len(found) == limit:
            break
        if one is not None:
            found.setdefault(fold(one.text), one)
    return list(found.values())


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer with the options of the question box."""
    text = request.GET.get("q", "")
    found = suggest(text, reader=request)
    # A browser shows only options that hold what was typed to the letter.
    options = [(one, text.casefold() not in one.text.casefold()) for one in found]
    context = {"options": options, "typed": text}
    return render(request, "knowledge/search/suggestions.html", context)


def _is_worth_a_look(typed: str) -> bool:
    letters = [character for character in typed if character.isalnum()]
    shortest = 1 if unspaced_letters(typed) else _SHORTEST
    return shortest <= len(letters) and len(typed) <= _LONGEST


def _begins_a_word(typed: str, name: str) -> bool:
    """Return True if one of the words of a folded name begins as it was typed.

    Beside letters of a script without spaces a word may begin anywhere.
    """
    at = name.find(typed)
    while at > 0 and name[at - 1].isalnum() and not unspaced_letters(name[at - 1 : at + 1]):
        at = name.find(typed, at + 1)
    return at >= 0


def _programmes(typed: str, compared: Compared, pulse: Pulse) -> Iterator[Suggestion]:
    """Yield the programmes that one of their names is begun of, under their title."""
    versions: dict[str, list[ProgrammeVersion]] = {}
    for version in programme_versions(pulse):
        versions.setdefault(version.code, []).append(version)
    language = language_only(get_language())
    ranked = []
    for code, of_one in versions.items():
        titled = [one for one in of_one if _begins_a_word(typed, compared(one.title))]
        names = [
            compared(name) for one in of_one for name in (one.title, *one.other_names.splitlines())
        ]
        if begun := [_rank(typed, name) for name in names if _begins_a_word(typed, name)]:
            ranked.append((min(begun), code, best_to_compare(titled or of_one, language)))
    for _, code, version in sorted(ranked):
        yield Suggestion(
            text=version.title,
            kind="programme",
            url=f"{reverse('search')}?{urlencode({'programme': code})}",
            language=version.language,
        )


def _rank(typed: str, name: str) -> tuple[bool, int]:
    """Return what sorts names that begin as it was typed first, then the shorter."""
    return not name.startswith(typed), len(name)


def _terms(typed: str, compared: Compared, version: Version) -> Iterator[Suggestion]:
    """Yield the glossary terms that a name is begun of, those that begin with it first."""
    names: dict[str, list[TermName]] = {}
    for name, plain in zip(_term_names(version), _plain_names(version, compared), strict=True):
        if _begins_a_word(typed, plain):
            names.setdefault(name.code, []).append(name)
    language = language_only(get_language())
    chosen = [best_version(of_one, language) for of_one in names.values()]
    chosen.sort(key=lambda one: (_rank(typed, compared(one.text)), one.text))
    for one in chosen:
        yield Suggestion(text=one.text, kind="term", url=None, language=one.language)


@lru_cache(maxsize=1)
def _term_names(version: Version) -> tuple[TermName, ...]:
    english = GlossaryTerm.objects.order_by("code").values_list("code", "name")
    local = GlossaryName.objects.order_by("pk").values_list("term__code", "name", "language")
    return (
        *(TermName(code, name, "en", is_original=True) for code, name in english),
        *(TermName(code, name, language, is_original=False) for code, name, language in local),
    )


@lru_cache(maxsize=2)
def _plain_names(version: Version, compared: Compared) -> list[str]:
    """Return the names of `_term_names`, made comparable."""
    return [compared(name.text) for name in _term_names(version)]


def _works(typed: str, compared: Compared, barred: frozenset[str]) -> Iterator[Suggestion]:
    """Yield the works whose title is begun, the shortest titles first.

    Each in one language; the reader's, where that title is begun too.
    """
    found = index.titles_begun(fold(typed), barred_scopes=barred, limit=_MOST_TITLES)
    begun: dict[str, list[TitleHit]] = {}
    for one in found:
        if _begins_a_word(typed, compared(one.title)) and PROFILE not in one.facets["kind"]:
            begun.setdefault(one.work, []).append(one)
    language = language_only(get_language())

    def rank(one: TitleHit) -> tuple[tuple[bool, int], str]:
        return _rank(typed, compared(one.title)), one.title

    chosen = [
        min(versions, key=lambda one: (one.language != language, rank(one)))
        for versions in begun.values()
    ]
    pages = Page.objects.in_bulk([page_id_of(one.document_key) for one in chosen])
    for one in sorted(chosen, key=rank):
        page = pages.get(page_id_of(one.document_key))
        if page is not None:
            yield Suggestion(text=one.title, kind="work", url=page.get_url(), language=one.language)

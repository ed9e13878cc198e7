"""Suggestions while a reader types: programmes, glossary terms and titles of works.

Nothing is suggested that this reader may not open at this moment. Accents and case do not count:
"quyet dinh" finds "Quyết định".
"""

from collections.abc import Iterator
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
from embeddings.language import fold, unspaced_letters
from knowledge.dates import language_only
from knowledge.documents import page_id_of
from knowledge.listing import best_to_compare, best_version
from knowledge.models import GlossaryName, GlossaryTerm, ProgrammePage
from knowledge.rights import Reader
from knowledge.search.programmes import ProgrammeVersion, programme_versions
from knowledge.search.pulse import Pulse, Version, read_pulse

_LONGEST = 100
"""Letters from which on nobody is typing a name any more."""
_SHORTEST = 2
"""Letters of scripts with spaces; in others one letter is nearly a word."""
_MOST_TITLES = 64


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
    folded: str
    language: str
    is_original: bool
    """True for the English name, which every term has."""


def suggest(text: str, *, reader: Reader, limit: int = 8) -> list[Suggestion]:
    """Return what begins with the text at one of its words, the three kinds in turn."""
    typed = fold(" ".join(text.split()))
    if not _is_worth_a_look(typed):
        return []
    pulse = read_pulse(reader)
    kinds = (_programmes(typed, pulse), _terms(typed, pulse.glossary), _works(typed, pulse.barred))
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


def _programmes(typed: str, pulse: Pulse) -> Iterator[Suggestion]:
    """Yield the programmes that one of their names is begun of, under their title."""
    versions: dict[str, list[ProgrammeVersion]] = {}
    for version in programme_versions(pulse):
        versions.setdefault(version.code, []).append(version)
    language = language_only(get_language())
    ranked = []
    for code, of_one in versions.items():
        titled = [one for one in of_one if _begins_a_word(typed, fold(one.title))]
        names = [
            fold(name) for one in of_one for name in (one.title, *one.other_names.splitlines())
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


def _terms(typed: str, version: Version) -> Iterator[Suggestion]:
    """Yield the glossary terms that a name is begun of, those that begin with it first."""
    names: dict[str, list[TermName]] = {}
    for name in _term_names(version):
        if _begins_a_word(typed, name.folded):
            names.setdefault(name.code, []).append(name)
    language = language_only(get_language())
    chosen = [best_version(of_one, language) for of_one in names.values()]
    chosen.sort(key=lambda one: (_rank(typed, one.folded), one.text))
    for one in chosen:
        yield Suggestion(text=one.text, kind="term", url=None, language=one.language)


@lru_cache(maxsize=1)
def _term_names(version: Version) -> tuple[TermName, ...]:
    english = GlossaryTerm.objects.order_by("code").values_list("code", "name")
    local = GlossaryName.objects.order_by("pk").values_list("term__code", "name", "language")
    return (
        *(TermName(code, name, fold(name), "en", is_original=True) for code, name in english),
        *(
            TermName(code, name, fold(name), language, is_original=False)
            for code, name, language in local
        ),
    )


def _works(typed: str, barred: frozenset[str]) -> Iterator[Suggestion]:
    """Yield the works whose title is begun, the shortest titles first, each in one language."""
    found = index.titles_begun(typed, barred_scopes=barred, limit=_MOST_TITLES)
    begun = [
        one
        for one in found
        if _begins_a_word(typed, fold(one.title)) and ProgrammePage.kind not in one.facets["kind"]
    ]
    begun.sort(key=lambda one: (_rank(typed, fold(one.title)), one.title))
    keys = {one.work: one for one in reversed(begun)}
    pages = Page.objects.in_bulk([page_id_of(one.document_key) for one in keys.values()])
    for one in begun:
        page = pages.get(page_id_of(one.document_key))
        if page is not None and keys[one.work] is one:
            yield Suggestion(text=one.title, kind="work", url=page.get_url(), language=one.language)

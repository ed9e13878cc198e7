"""What the database alone says each reader may find: no index, no rule of `knowledge.rights`.

Written a second time on purpose and as plainly as can be, so that it and the search cannot be
wrong in the same way by sharing code.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone
from wagtail.models import PageViewRestriction

from embeddings.service import FACETS
from knowledge.models import CaseStudyPage, LessonPage, PolicyPage, ProgrammePage
from knowledge.search.results import KnowledgeResults

MODELS = (CaseStudyPage, LessonPage, PolicyPage, ProgrammePage)
MARK = re.compile(r"zq\d{5}")
"""Every edition of every text holds a mark of its own; a mark that shows tells which text leaked."""

Filters = Mapping[str, Sequence[str]]


@dataclass
class Reader:
    """Someone who asks: what the search looks at of a request."""

    name: str
    user: Any = field(default_factory=AnonymousUser)
    session: dict[str, Any] = field(default_factory=dict)
    reader_language: str | None = None


@dataclass(frozen=True)
class Version:
    """One language version of a work, as its row says."""

    page: int
    work: str
    title: str
    language: str
    text: str
    facets: Mapping[str, frozenset[str]]
    path: str
    is_out: bool
    """Live, not expired and no alias: open to those whom no restriction keeps out."""

    def passes(self, filters: Filters) -> bool:
        return all(self.facets[name] & set(values) for name, values in filters.items())

    def holds(self, word: str) -> bool:
        return word in re.findall(r"[^\W_]+", self.text.casefold())


class Oracle:
    """The state of the database at one moment."""

    def __init__(self) -> None:
        now = timezone.now()
        self.versions = [
            _version(page, is_out=_is_out(page, now)) for model in MODELS for page in _pages(model)
        ]
        restrictions = PageViewRestriction.objects.select_related("page").order_by("pk")
        self._restrictions = list(restrictions.prefetch_related("groups"))

    def open_to(self, reader: Reader) -> list[Version]:
        """Return the versions this reader may open."""
        groups = set(Group.objects.filter(user=reader.user.pk)) if reader.user.pk else set()
        barred = [
            restriction.page.path
            for restriction in self._restrictions
            if not _lets_in(restriction, reader, groups)
        ]
        return [
            version
            for version in self.versions
            if version.is_out and not any(version.path.startswith(path) for path in barred)
        ]

    def check(
        self,
        answer: KnowledgeResults,
        *,
        reader: Reader,
        question: str,
        filters: Filters,
        marks: set[str],
    ) -> None:
        """Fail unless the answer, asked for without a limit, is what the database says.

        Args:
            marks: All that were ever written, wherever they stand now.
        """
        visible = self.open_to(reader)
        named = _programmes_of(visible)
        effective = dict(filters)
        if "programme" in filters:  # one that may not be opened is like one that does not exist
            effective["programme"] = [one for one in filters["programme"] if one in named]
        allowed = [version for version in visible if version.passes(effective)]
        _check_cards(answer, visible=visible, allowed=allowed, named=named)
        _check_marks(answer, shown=visible, marks=marks - set(MARK.findall(question)))
        counted = {one.name: {v.value: v.count for v in one.values} for one in answer.facets}
        most = _count_facets(visible, effective, filters, named)
        found = {card.work for card in answer.cards}
        if not question:
            assert found == works_of(allowed), (reader.name, filters)
            assert counted == most, (reader.name, filters)
            return
        for facet, values in counted.items():
            for value, count in values.items():
                assert count <= most[facet][value], (reader.name, question, facet, value)
        if len(question.split()) == 1:
            holders = [version for version in allowed if version.holds(question)]
            assert works_of(holders) <= found, (reader.name, question, filters)


def _check_cards(
    answer: KnowledgeResults, *, visible: list[Version], allowed: list[Version], named: set[str]
) -> None:
    assert answer.total == len(answer.cards)
    assert [card.rank for card in answer.cards] == list(range(1, answer.total + 1))
    assert len({card.work for card in answer.cards}) == answer.total
    fitting = {(version.work, version.language, version.title) for version in allowed}
    languages: dict[str, set[str]] = {}
    for version in visible:
        languages.setdefault(version.work, set()).add(version.language)
    for card in answer.cards:
        assert (card.work, card.language, card.title) in fitting
        assert {one.language for one in card.versions} == languages[card.work] - {card.language}
        assert card.programme in named | {""}


def _check_marks(answer: KnowledgeResults, *, shown: list[Version], marks: set[str]) -> None:
    hidden = marks - marks_in(version.text for version in shown)
    leaked = hidden & marks_in([repr((answer.cards, answer.facets, answer.expansions))])
    assert not leaked


def _programmes_of(versions: Iterable[Version]) -> set[str]:
    return {
        code
        for version in versions
        if version.facets["kind"] == {"programme"}
        for code in version.facets["programme"]
    }


def _count_facets(
    visible: list[Version], filters: Filters, asked: Filters, named: set[str]
) -> dict[str, dict[str, int]]:
    """Return facet → value → works, each facet counted under the filters of the others.

    A programme is named only to those who may open its page; a chosen value stays with 0.
    """
    counts: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        others = {name: values for name, values in filters.items() if name != facet}
        works: dict[str, set[str]] = {value: set() for value in asked.get(facet, ())}
        for version in visible:
            if version.passes(others):
                for value in version.facets[facet]:
                    works.setdefault(value, set()).add(version.work)
        if facet == "programme":
            works = {
                one: of for one, of in works.items() if one in named | set(asked.get(facet, ()))
            }
            works = {one: (of if one in named else set()) for one, of in works.items()}
        if works:
            counts[facet] = {value: len(of) for value, of in works.items()}
    return counts


def _pages(model: Any) -> Iterator[Any]:
    related = ["locale", "country", *(["programme"] if model is not ProgrammePage else [])]
    yield from model.objects.select_related(*related).prefetch_related("themes").order_by("pk")


def _is_out(page: Any, now: Any) -> bool:
    has_expired = page.expire_at is not None and page.expire_at <= now
    return page.live and page.alias_of_id is None and not has_expired


def _lets_in(restriction: PageViewRestriction, reader: Reader, groups: set[Group]) -> bool:
    kind = restriction.restriction_type
    if kind == "login":
        return bool(reader.user.is_authenticated)
    if kind == "groups":
        return bool(groups & set(restriction.groups.all()))
    if kind == "password":
        return restriction.pk in reader.session.get("passed_page_view_restrictions", [])
    return True


def _version(page: Any, *, is_out: bool) -> Version:
    language = page.locale.language_code
    programme = page if isinstance(page, ProgrammePage) else page.programme
    facets = {
        "kind": {page.kind},
        "programme": {programme.code} if programme is not None else set(),
        "country": {page.country.code} if page.country is not None else set(),
        "theme": {theme.code for theme in page.themes.all()},
        "language": {language},
        "year": {page.dated[:4]} - {""},
    }
    texts = [page.title, page.summary, *(str(block.value) for block in page.body)]
    return Version(
        page=page.pk,
        work=page.collection_slug or str(page.translation_key),
        title=page.title,
        language=language,
        text="\n".join([*texts, getattr(page, "other_names", "")]),
        facets={name: frozenset(values) for name, values in facets.items()},
        path=page.path,
        is_out=is_out,
    )


def works_of(versions: Iterable[Version]) -> set[str]:
    return {version.work for version in versions}


def marks_in(texts: Iterable[str]) -> set[str]:
    return {mark for text in texts for mark in MARK.findall(text)}

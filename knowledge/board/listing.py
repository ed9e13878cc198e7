"""The list of problems: what it may be narrowed by, open ones first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from embeddings.language import fold
from knowledge.board.rights import Person, visible_problems
from knowledge.models import Country, Problem, Theme

_STATES: Sequence[tuple[str, Promise, bool]] = (
    ("open", _("open"), False),
    ("solved", _("solved"), True),
)
_ALL = {
    "theme": pgettext_lazy("themes", "all"),
    "country": pgettext_lazy("countries", "all"),
    "language": pgettext_lazy("languages", "all"),
    "state": pgettext_lazy("states", "all"),
}
"""What a select says while it narrows nothing: the word agrees with its noun in some languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A select above the list."""

    name: str
    label: str | Promise
    options: Sequence[tuple[str, str | Promise]]
    chosen: str

    @property
    def everything(self) -> str | Promise:
        """What it says while nothing is chosen."""
        return _ALL[self.name]


@dataclass(frozen=True, kw_only=True)
class Board:
    """The problems a reader asked for, and what else they may ask for."""

    problems: QuerySet[Problem]
    choices: Sequence[Choice] = field(default_factory=list)

    @property
    def is_narrowed(self) -> bool:
        """Whether something is chosen."""
        return any(choice.chosen for choice in self.choices)


def board_for(query: QueryDict, user: Person) -> Board:
    """Return the list for an address; values that are none of the choices are left out."""
    everything = visible_problems(user)
    choices = [
        _choice(query, "theme", _("Theme"), _themes(everything)),
        _choice(query, "country", _("Country"), _countries(everything)),
        _choice(query, "language", _("Language"), _languages(everything)),
        _choice(query, "state", _("State"), [(value, label) for value, label, _is in _STATES]),
    ]
    chosen = {choice.name: choice.chosen for choice in choices if choice.chosen}
    problems = everything
    if "theme" in chosen:
        problems = problems.filter(themes__code=chosen["theme"])
    if "country" in chosen:
        problems = problems.filter(country__code=chosen["country"])
    if "language" in chosen:
        problems = problems.filter(language=chosen["language"])
    if "state" in chosen:
        problems = problems.filter(is_solved=chosen["state"] == "solved")
    return Board(problems=problems.order_by("is_solved", "-asked_at", "-pk"), choices=choices)


def _choice(
    query: QueryDict, name: str, label: Promise, options: Sequence[tuple[str, str | Promise]]
) -> Choice:
    given = query.get(name, "")
    chosen = given if given in {value for value, _label in options} else ""
    return Choice(name=name, label=label, options=options, chosen=chosen)


def _themes(problems: QuerySet[Problem]) -> list[tuple[str, str]]:
    themes = Theme.objects.filter(pk__in=problems.exclude(themes=None).values("themes"))
    return _by_label(themes.prefetch_related("names"))


def _countries(problems: QuerySet[Problem]) -> list[tuple[str, str]]:
    countries = Country.objects.filter(pk__in=problems.exclude(country=None).values("country"))
    return _by_label(countries.prefetch_related("names"))


def _by_label(named: QuerySet[Theme] | QuerySet[Country]) -> list[tuple[str, str]]:
    return sorted(((one.code, one.label) for one in named), key=lambda pair: fold(pair[1]))


def _languages(problems: QuerySet[Problem]) -> list[tuple[str, str]]:
    from knowledge.templatetags.knowledge_tags import language_name

    codes = problems.order_by().values_list("language", flat=True).distinct()
    return sorted((code, language_name(code)) for code in codes)

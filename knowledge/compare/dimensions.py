"""Which dimension of the comparison a question is about.

A dimension lies where its description lies, in the languages of the interface, together with what
people ask about it: `questions.tsv` has three questions in each of twelve languages, a plain one, one
as it is spoken and one in key words.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from embeddings import service as index
from knowledge.models import Dimension

HINTS: Mapping[Dimension, Promise] = {
    Dimension.SCALE: _(
        "Which unit and how large: villages, communes, districts, provinces, how many take part"
    ),
    Dimension.START: _("When and how it began: year, who started it, origin, history"),
    Dimension.LEAD: _(
        "Who leads it: ministry, committee, office, levels of government, who runs the programme"
    ),
    Dimension.LAW: _(
        "On which law it rests: decision, decree, act, regulation in force, legal basis"
    ),
    Dimension.GRADING: _(
        "How products are selected and graded: stars, levels, who decides, classification"
    ),
    Dimension.CRITERIA: _("By what products are judged: criteria, points, score, principles"),
    Dimension.PRODUCERS: _(
        "Who takes part: producers, households, cooperatives, firms, women, minorities, how many"
    ),
    Dimension.FINANCE: _(
        "Where the money comes from: budget, funding, capital, loans, credit, cost sharing, who pays"
    ),
    Dimension.MARKET: _(
        "How and where products are sold: market, fairs, shops, supermarkets, online, export"
    ),
    Dimension.TRAINING: _("How producers are trained: courses, schools, skills, advice"),
    Dimension.MONITORING: _(
        "How it is followed up: quality control, inspection, renewal of certificates, evaluation"
    ),
    Dimension.RESULTS: _("What came of it: results, sales, income, achievements, effect"),
    Dimension.CRITICISM: _(
        "What goes wrong: problems, difficulties, weaknesses, criticism, failures, limits"
    ),
}
"""What one asks about each; shown as a hint."""
_QUESTIONS = Path(__file__).with_name("questions.tsv")
_NEAR = 0.18
"""Nearness from which a question is about a dimension. Decision 9."""
_AS_NEAR = 0.85
"""Share of the nearest's nearness from which the next dimension is asked about as well: "how are
producers trained in packaging and marketing" is near to training with 0.33 and to the market with 0.30."""


def dimensions_of(text: str) -> list[Dimension]:
    """Return the dimension that a question is about, and the next if it is as near; or none."""
    nearest = _by_nearness(text)[:2]
    least = max(_NEAR, _AS_NEAR * max((nearness for nearness, _ in nearest), default=0.0))
    return [dimension for nearness, dimension in nearest if nearness >= least]


def nearest_dimensions(text: str) -> list[Dimension]:
    """Return all dimensions, that which a text is nearest to first; none without an encoder."""
    return [dimension for _, dimension in _by_nearness(text)]


def _by_nearness(text: str) -> list[tuple[float, Dimension]]:
    near = zip(index.nearness(text, _topics()), HINTS, strict=False)
    return sorted(near, key=lambda one: -one[0])


@cache
def _topics() -> tuple[tuple[str, ...], ...]:
    asked = _asked()
    return tuple((*dict.fromkeys(_told(hint)), *asked[one]) for one, hint in HINTS.items())


def _told(hint: Promise) -> Iterator[str]:
    """Yield a description in each language of the interface."""
    for language in settings.KNOWLEDGE["INTERFACE_LANGUAGES"]:
        with translation.override(language):
            yield str(hint)


def _asked() -> dict[Dimension, list[str]]:
    """Return dimension → what people ask about it."""
    asked: dict[Dimension, list[str]] = {one: [] for one in HINTS}
    with _QUESTIONS.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            asked[Dimension(line["dimension"])].append(line["question"])
    return asked

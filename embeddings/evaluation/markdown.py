"""Reports as Markdown tables. Shares of matching are percents, measures of ranking are not."""

from collections.abc import Mapping, Sequence

from embeddings.evaluation.matching import TatoebaScore
from embeddings.evaluation.ntrex import UNREADABLE, NtrexReport
from embeddings.evaluation.pools import PoolReport
from embeddings.evaluation.retrieval import RetrievalReport, RetrievalScore
from embeddings.evaluation.tables import table
from embeddings.evaluation.targets import Laggard, TargetResult

_REACHED = {True: "yes", False: "no", None: "not measured"}


def targets_table(targets: Sequence[TargetResult], behind: Sequence[Laggard]) -> str:
    """Return every target, then the languages far under a mean."""
    rows = [
        (one.label, _percent(one.goal), _percent(one.measured), _REACHED[one.reached])
        for one in targets
    ]
    text = "### Targets\n\n" + table(["percent", "target", "measured", "reached"], rows)
    names = [
        f"{one.language} {_percent(one.share)} ({one.measure}, mean {_percent(one.mean)})"
        for one in behind
    ]
    return f"{text}\n\nMore than 25 points under the mean: {'; '.join(names) or 'none'}."


def tatoeba_table(scores: Mapping[str, TatoebaScore], mean: float | None) -> str:
    """Return Tatoeba by language."""
    rows: list[Sequence[object]] = [
        (code, score.sentences, _percent(score.to_english), _percent(score.from_english))
        for code, score in scores.items()
    ]
    rows.append(("mean of fifteen", "", _percent(mean), ""))
    return (
        "### Tatoeba\n\nPercent of sentences whose nearest is their translation. "
        "Source: LASER test sets (CC BY 2.0 FR). Lao and Burmese have none.\n\n"
    ) + table(["language", "sentences", "→ en", "en →"], rows)


def ntrex_tables(report: NtrexReport) -> str:
    """Return the matrix of pairs, then the pools of mixed languages."""
    pivots = list(report.to_pivot)
    others = (code for shares in report.to_pivot.values() for code in shares)
    languages = dict.fromkeys([*pivots, *others])
    rows: list[Sequence[object]] = [
        (
            f"{code} (Zawgyi)" if code == UNREADABLE else code,
            *(_percent(report.to_pivot[pivot].get(code)) for pivot in pivots),
            *(_percent(report.from_pivot[pivot].get(code)) for pivot in pivots),
        )
        for code in languages
    ]
    rows.append(
        (
            "mean",
            *(_percent(report.mean_to_pivot[pivot]) for pivot in pivots),
            *(_percent(report.mean_from_pivot[pivot]) for pivot in pivots),
        )
    )
    header = ["language", *(f"→ {pivot}" for pivot in pivots), *(f"{pivot} →" for pivot in pivots)]
    mixed: list[Sequence[object]] = [
        (
            code,
            _percent(score.random_language),
            _percent(score.all_languages),
            _percent(score.all_recall),
        )
        for code, score in report.mixed.items()
    ]
    mixed.append(("mean", _percent(report.mean_random_language), "", ""))
    return "\n\n".join(
        [
            f"### NTREX\n\nPercent of {report.sentences} sentences whose nearest is their translation, "
            "both directions. Source: NTREX-128, first sentences (CC BY-SA 4.0). Its Burmese is "
            "Zawgyi-encoded: shown, but in no mean and in no pool.",
            table(header, rows),
            "Pools of mixed languages. *Random*: every sentence once, in a random other language; "
            "the nearest is the translation. *All*: all other languages together, harder, as a model "
            "that keeps languages apart prefers a wrong sentence of the right language; the nearest "
            "is a translation, and the share of the n translations among the nearest n.",
            table(["question in", "random", "all: top-1", "all: recall"], mixed),
        ]
    )


def pools_table(report: PoolReport) -> str:
    """Return retrieval in small pools."""
    scores = {
        "**same language**": report.same_language,
        **report.same_by_language,
        "**across languages**": report.cross_language,
        **report.cross_by_kind,
        **{f"{code}↔en": score for code, score in report.cross_by_language.items()},
    }
    return (
        f"### Retrieval in pools of at most {report.pool_size} passages\n\n"
        "Source: the held-back rows of the retrieval files. Same language: the language's passages, "
        "where there are few also others. Across: passages of all languages mixed.\n\n"
    ) + _retrieval("questions", scores)


def retrieval_table(report: RetrievalReport) -> str:
    """Return retrieval in one pool, totals first, and the score floor."""
    scores = {
        "same language": report.same_language,
        "across languages": report.cross_language,
        **report.by_language,
    }
    heading = f"questions ({report.passages} passages, all languages)"
    return "\n\n".join(
        [
            "### Retrieval in one pool\n\nSource: the same rows; all passages of all languages in one "
            "pool.",
            _retrieval(heading, scores),
            f"Score floor {report.score_floor}: 95 % of the passages found reach it. Without their "
            f"passage, {report.below_floor:.0%} of the questions find nothing above it.",
        ]
    )


def _retrieval(heading: str, scores: dict[str, RetrievalScore]) -> str:
    return table(
        [heading, "n", "MRR@10", "recall@10"],
        [
            (label, score.questions, f"{score.mrr:.3f}", f"{score.recall:.3f}")
            for label, score in scores.items()
        ],
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"

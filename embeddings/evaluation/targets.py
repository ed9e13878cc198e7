"""What an encoder is expected to reach, and which languages fall far behind."""

from collections.abc import Mapping
from dataclasses import dataclass

FAR_BEHIND = 0.25
"""Distance under the mean from which a language needs an explanation in the model card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A goal for one of the headline figures; shares between 0 and 1."""

    figure: str
    label: str
    goal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """A target and what was measured; None where it was not."""

    label: str
    goal: float
    measured: float | None
    reached: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Laggard:
    """A language far under the mean of a measure."""

    measure: str
    language: str
    share: float
    mean: float


TARGETS = (
    Target(figure="tatoeba", label="Tatoeba X→en, mean of the fifteen", goal=0.80),
    Target(figure="tatoeba.vi", label="Tatoeba vi→en", goal=0.92),
    Target(figure="tatoeba.th", label="Tatoeba th→en", goal=0.90),
    Target(figure="tatoeba.ja", label="Tatoeba ja→en", goal=0.86),
    Target(figure="tatoeba.fr", label="Tatoeba fr→en", goal=0.86),
    Target(figure="tatoeba.sw", label="Tatoeba sw→en", goal=0.76),
    Target(figure="tatoeba.ar", label="Tatoeba ar→en", goal=0.70),
    Target(figure="tatoeba.ko", label="Tatoeba ko→en", goal=0.75),
    Target(figure="tatoeba.km", label="Tatoeba km→en", goal=0.48),
    Target(figure="ntrex.en", label="NTREX X→en, mean without Burmese", goal=0.91),
    Target(figure="ntrex.vi", label="NTREX X→vi, mean without Burmese", goal=0.84),
    Target(figure="ntrex.random", label="NTREX, candidates in random languages", goal=0.70),
    Target(figure="pools.same", label="Retrieval recall@10, same language, small pool", goal=0.93),
    Target(figure="pools.cross", label="Retrieval recall@10, across, small pool", goal=0.76),
)


def compared(figures: Mapping[str, float | None]) -> list[TargetResult]:
    """Return every target with its figure; unrounded, so 0.6996 does not reach 0.70."""
    results = []
    for target in TARGETS:
        measured = figures.get(target.figure)
        results.append(
            TargetResult(
                label=target.label,
                goal=target.goal,
                measured=measured,
                reached=None if measured is None else measured >= target.goal,
            )
        )
    return results


def laggards(measure: str, shares: Mapping[str, float], mean: float | None) -> list[Laggard]:
    """Return the languages more than 25 points under the mean, furthest first."""
    if mean is None:
        return []
    behind = [
        Laggard(measure=measure, language=language, share=share, mean=mean)
        for language, share in shares.items()
        if mean - share > FAR_BEHIND
    ]
    return sorted(behind, key=lambda one: one.share)

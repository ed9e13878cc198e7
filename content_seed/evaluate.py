"""Search quality over the relevance files: a work answers a need when it cites one of its facts.

Measures: `embeddings.evaluation.measures`, and facts@10: the share of a need's facts that the first
ten works cite. Several works cite one fact; a reader who has read it in one of them misses nothing
in the others, and a need that twenty works touch cannot have them all among ten. `same` and `cross` split the needs by whether some
relevant work has a version in the language of the query.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from content_seed.parse import ROOT, read_collection, read_table
from embeddings.evaluation.measures import DEPTH, MEASURES, judged
from knowledge.rights import AnonymousReader
from knowledge.search.service import search_knowledge

FACTS = f"facts@{DEPTH}"
SHOWN = (*MEASURES, FACTS)
"""The measures in the order in which they are printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A search need with the works that answer it."""

    id: str
    language: str
    query: str
    answers: Mapping[str, frozenset[str]]
    """Work → which of the need's facts it cites."""
    has_same_language: bool
    """Some relevant work has a version in the language of the query."""

    @property
    def relevant(self) -> frozenset[str]:
        """The works that answer."""
        return frozenset(self.answers)

    def facts_in(self, works: Iterable[str]) -> float:
        """Return the share of the need's facts that some works cite; 0 for a need without any."""
        wanted = frozenset[str]().union(*self.answers.values())
        cited = frozenset[str]().union(*(self.answers.get(work, frozenset()) for work in works))
        return len(cited) / len(wanted) if wanted else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Means over a group of needs."""

    needs: int
    values: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Scores overall, by query language, and by whether the answer is in the query's language."""

    overall: Scores
    by_language: dict[str, Scores]
    by_direction: dict[str, Scores]
    missed: list[str]
    """Needs without a relevant work among the first ten."""


def read_needs(name: str = "needs") -> list[Need]:
    """Return the needs of a relevance file."""
    works = read_collection()
    needs = []
    for row in read_table(f"relevance/{name}.tsv"):
        codes = set(row["fact_codes"].split())
        relevant = [work for work in works if work.facts & codes]
        needs.append(
            Need(
                id=row["id"],
                language=row["query_lang"],
                query=row["query"],
                answers={work.slug: work.facts & codes for work in relevant},
                has_same_language=any(row["query_lang"] in work.versions for work in relevant),
            )
        )
    return needs


def relevance_files() -> list[str]:
    """Return the names of the relevance files."""
    return sorted(path.stem for path in (ROOT / "relevance").glob("*.tsv"))


def evaluate(
    needs: Sequence[Need], progress: Callable[[Iterable[Need]], Iterable[Need]] = iter
) -> Evaluation:
    """Search for every need as an anonymous reader and score the answers."""
    ranked = {}
    for need in progress(needs):
        answer = search_knowledge(need.query, reader=AnonymousReader(), limit=DEPTH)
        ranked[need.id] = [card.work for card in answer.cards]
    return scored(needs, ranked)


def scored(needs: Sequence[Need], ranked: Mapping[str, Sequence[str]]) -> Evaluation:
    """Score answers: need id → slugs of works, best first."""
    per_need = judged({need.id: need.relevant for need in needs}, ranked)
    for need in needs:
        per_need[need.id][FACTS] = need.facts_in(ranked.get(need.id, ())[:DEPTH])
    return Evaluation(
        overall=_mean(needs, per_need),
        by_language=_grouped(needs, per_need, lambda need: need.language),
        by_direction=_grouped(
            needs, per_need, lambda need: "same" if need.has_same_language else "cross"
        ),
        missed=[need.id for need in needs if not per_need[need.id]["MRR"]],
    )


def _mean(needs: Sequence[Need], per_need: dict[str, dict[str, float]]) -> Scores:
    values = {
        name: sum(per_need[need.id][name] for need in needs) / max(len(needs), 1) for name in SHOWN
    }
    return Scores(needs=len(needs), values=values)


def _grouped(
    needs: Sequence[Need], per_need: dict[str, dict[str, float]], group: Callable[[Need], str]
) -> dict[str, Scores]:
    groups: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        groups[group(need)].append(need)
    return {name: _mean(members, per_need) for name, members in sorted(groups.items())}

"""One report per encoder: every measure that needs no database, as values and as Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.encoders.base import Encoder
from embeddings.evaluation import markdown
from embeddings.evaluation.held_back import read_held_back
from embeddings.evaluation.matching import TatoebaScore, mean_of_fifteen, tatoeba_scores
from embeddings.evaluation.ntrex import UNREADABLE, NtrexReport, ntrex_report
from embeddings.evaluation.pools import PoolReport, pool_report
from embeddings.evaluation.progress import Progress, silent
from embeddings.evaluation.retrieval import RetrievalReport, retrieval_report
from embeddings.evaluation.targets import Laggard, TargetResult, compared, laggards

# fmt: off
LANGUAGES = (
    "en", "vi", "th", "ja", "fr", "lo", "km", "id", "ms",
    "my", "tl", "zh", "ko", "pt", "es", "sw", "ar", "am",
)
# fmt: on
"""The content languages of the portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderReport:
    """All scores of one encoder; shares are between 0 and 1."""

    encoder_id: str
    targets: list[TargetResult]
    laggards: list[Laggard]
    """Languages more than 25 points under the mean of a measure."""
    tatoeba: dict[str, TatoebaScore]
    tatoeba_mean: float | None
    """Into English over the fifteen languages, if all were measured."""
    ntrex: NtrexReport
    pools: PoolReport
    retrieval: RetrievalReport

    def to_markdown(self) -> str:
        """Return all of it as tables, targets first, each with its source."""
        return "\n\n".join(
            [
                markdown.targets_table(self.targets, self.laggards),
                markdown.tatoeba_table(self.tatoeba, self.tatoeba_mean),
                markdown.ntrex_tables(self.ntrex),
                markdown.pools_table(self.pools),
                markdown.retrieval_table(self.retrieval),
            ]
        )


def evaluate_encoder(
    encoder: Encoder,
    data_dir: Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    progress: Progress = silent,
) -> EncoderReport:
    """Measure an encoder on everything in a data directory.

    Args:
        encoder: The encoder.
        data_dir: Holds `benchmarks/` and `retrieval/` in the documented format.
        languages: Languages to report.
        progress: Shows how far it has come.

    Raises:
        OSError: A benchmark file is missing.
        ValueError: One holds nothing of the wanted languages.
    """
    benchmarks = data_dir / "benchmarks"
    tatoeba = tatoeba_scores(
        encoder, benchmarks / "tatoeba", languages=languages, progress=progress
    )
    ntrex = ntrex_report(
        encoder, benchmarks / "ntrex-first1000.jsonl.zst", languages=languages, progress=progress
    )
    held = read_held_back(encoder, data_dir, languages=languages, progress=progress)
    pools = pool_report(held)
    return EncoderReport(
        encoder_id=encoder.encoder_id,
        targets=compared(_figures(tatoeba, ntrex, pools)),
        laggards=_laggards(tatoeba, ntrex, pools),
        tatoeba=tatoeba,
        tatoeba_mean=mean_of_fifteen(tatoeba),
        ntrex=ntrex,
        pools=pools,
        retrieval=retrieval_report(held),
    )


def _figures(
    tatoeba: Mapping[str, TatoebaScore], ntrex: NtrexReport, pools: PoolReport
) -> dict[str, float | None]:
    """Return the headline figures by the names that targets use."""
    same, cross = pools.same_language, pools.cross_language
    return {
        "tatoeba": mean_of_fifteen(tatoeba),
        **{f"tatoeba.{code}": score.to_english for code, score in tatoeba.items()},
        **{f"ntrex.{pivot}": mean for pivot, mean in ntrex.mean_to_pivot.items()},
        "ntrex.random": ntrex.mean_random_language,
        "pools.same": same.recall if same.questions else None,
        "pools.cross": cross.recall if cross.questions else None,
    }


def _laggards(
    tatoeba: Mapping[str, TatoebaScore], ntrex: NtrexReport, pools: PoolReport
) -> list[Laggard]:
    """Return the languages far under the mean; the unreadable Burmese says nothing."""
    to_english = {code: score.to_english for code, score in tatoeba.items()}
    ntrex_english = {
        code: share for code, share in ntrex.to_pivot.get("en", {}).items() if code != UNREADABLE
    }
    recall = {code: score.recall for code, score in pools.same_by_language.items()}
    return [
        *laggards("Tatoeba X→en", to_english, mean_of_fifteen(tatoeba)),
        *laggards("NTREX X→en", ntrex_english, ntrex.mean_to_pivot.get("en")),
        *laggards("recall@10, same language", recall, pools.same_language.recall),
    ]

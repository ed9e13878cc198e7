"""One report per encoder: every measure, as values and as a Markdown table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.encoders.base import Encoder
from embeddings.evaluation.matching import (
    NtrexScore,
    TatoebaScore,
    ntrex_scores,
    tatoeba_scores,
)
from embeddings.evaluation.retrieval import RetrievalReport, RetrievalScore, retrieval_report

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
    tatoeba: dict[str, TatoebaScore]
    ntrex: dict[str, NtrexScore]
    retrieval: RetrievalReport

    def to_markdown(self) -> str:
        """Return two tables: one row per language, then the retrieval scores."""
        header = [
            "| language | Tatoeba → en | en → | NTREX → en | → vi | mixed top-1 | mixed recall |",
            "|---|---|---|---|---|---|---|",
        ]
        rows = [
            _language_row(code, self.tatoeba.get(code), self.ntrex.get(code))
            for code in dict.fromkeys([*self.ntrex, *self.tatoeba])
        ]
        return "\n".join([*header, *rows, "", *_retrieval_rows(self.retrieval)])


def evaluate_encoder(
    encoder: Encoder, data_dir: Path, *, languages: Sequence[str] = LANGUAGES
) -> EncoderReport:
    """Measure an encoder on everything in a data directory.

    Args:
        encoder: The encoder.
        data_dir: Holds `benchmarks/` and `retrieval/` in the documented format.
        languages: Languages to report.

    Raises:
        OSError: A benchmark file is missing.
    """
    benchmarks = data_dir / "benchmarks"
    return EncoderReport(
        encoder_id=encoder.encoder_id,
        tatoeba=tatoeba_scores(encoder, benchmarks / "tatoeba", languages=languages),
        ntrex=ntrex_scores(encoder, benchmarks / "ntrex-first1000.jsonl.zst", languages=languages),
        retrieval=retrieval_report(encoder, data_dir, languages=languages),
    )


def _language_row(code: str, tatoeba: TatoebaScore | None, ntrex: NtrexScore | None) -> str:
    """Return one table row; what was not measured is a dash."""
    shares = [
        tatoeba.to_english if tatoeba else None,
        tatoeba.from_english if tatoeba else None,
        ntrex.to_english if ntrex else None,
        ntrex.to_vietnamese if ntrex else None,
        ntrex.mixed_top1 if ntrex else None,
        ntrex.mixed_recall if ntrex else None,
    ]
    cells = ["–" if share is None else f"{100 * share:.1f}" for share in shares]
    return f"| {code} | {' | '.join(cells)} |"


def _retrieval_rows(retrieval: RetrievalReport) -> list[str]:
    """Return the retrieval table with totals first."""
    scores: dict[str, RetrievalScore] = {
        "same language": retrieval.same_language,
        "across languages": retrieval.cross_language,
        **retrieval.by_language,
    }
    return [
        f"| questions ({retrieval.passages} passages, all languages) | n | MRR@10 | recall@10 |",
        "|---|---|---|---|",
        *(
            f"| {label} | {score.questions} | {score.mrr:.3f} | {score.recall:.3f} |"
            for label, score in scores.items()
        ),
    ]

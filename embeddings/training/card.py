"""The model card: what the model is, what it was made from, what it can do and cannot."""

from collections.abc import Sequence
from importlib.resources import files

from embeddings.evaluation.report import EncoderReport
from embeddings.training.config import TrainingConfig
from embeddings.training.sources import Source


def model_card(
    *, name: str, config: TrainingConfig, report: EncoderReport, sources: Sequence[Source]
) -> str:
    """Return the card as Markdown with a YAML head."""
    template = files(__package__).joinpath("card.md").read_text(encoding="utf-8")
    optimiser, sampling = config.optimiser, config.sampling
    return template.format(
        name=name,
        encoder_id=report.encoder_id,
        language_list="\n".join(f"  - {code}" for code in config.languages),
        languages=" ".join(config.languages),
        language_count=len(config.languages),
        source_temperature=config.sources.temperature,
        vocabulary=f"{config.tokenizer.vocabulary_size:,}",
        dimensions=optimiser.dimensions,
        folded=", ".join(
            f"{code} {share:.0%}" for code, share in config.tokenizer.folded_share.items()
        ),
        steps=f"{optimiser.steps:,}",
        batch_size=f"{sampling.batch_size:,}",
        learning_rate=optimiser.learning_rate,
        scale=optimiser.scale,
        retrieval_share=f"{sampling.retrieval_share:.0%}",
        window_share=f"{sampling.window_share:.0%}",
        token_dropout=f"{sampling.token_dropout:.0%}",
        hard_from=f"{config.hardness.first_share:.0%}",
        pool_batches=config.hardness.pool_batches,
        group_size=config.hardness.group_size,
        directions=config.subspace.directions,
        seed=config.seed,
        scores=report.to_markdown(),
        copyleft=", ".join(source.name for source in sources if source.is_copyleft) or "none",
        sources="\n".join(
            f"| {source.name} | {source.origin} | {source.licence} |" for source in sources
        ),
    )

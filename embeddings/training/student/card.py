"""The model card of a student."""

from collections.abc import Sequence

from embeddings.training.sources import Source
from embeddings.training.student.config import StudentConfig

_CARD = """---
library_name: sentence-transformers
language:
{language_list}
---

# {name}

A transformer of {layers} layers with {heads} heads over the vocabulary and the token table of the
static encoder {static}; mean of the token vectors, length one. Encoder id: `{encoder_id}`.

Trained for {steps:,} steps of {batch_size:,} pairs, learning rate {learning_rate}, seed {seed}; the
loss of the last step was {loss:.3f}. Texts are cut after {max_tokens} tokens.

Scores are not part of this card until they have been measured: `manage.py evaluate_encoder`.

## Sources

Copyleft sources: {copyleft}.

| Source | Where from | Licence |
|---|---|---|
{sources}
"""


def student_card(
    *,
    name: str,
    encoder_id: str,
    static: str,
    config: StudentConfig,
    loss: float,
    sources: Sequence[Source],
) -> str:
    """Return the card as Markdown with a YAML head."""
    recipe = config.recipe
    return _CARD.format(
        name=name,
        encoder_id=encoder_id,
        static=static,
        language_list="\n".join(f"  - {code}" for code in recipe.languages),
        layers=config.layers,
        heads=config.heads,
        max_tokens=config.max_tokens,
        steps=recipe.optimiser.steps,
        batch_size=recipe.sampling.batch_size,
        learning_rate=recipe.optimiser.learning_rate,
        seed=recipe.seed,
        loss=loss,
        copyleft=", ".join(source.name for source in sources if source.is_copyleft) or "none",
        sources="\n".join(
            f"| {source.name} | {source.origin} | {source.licence} |" for source in sources
        ),
    )

"""Train an encoder: tokenizer, corpus, table, measurement, export. Every stage can be resumed."""

import argparse
import os
from pathlib import Path

# Threads that spin at every barrier make training ten times slower as soon as another process wants
# one of the cores. Must be set before PyTorch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from embeddings.training.config import DEFAULT_CONFIG, load_config
from embeddings.training.run import train_encoder


def main() -> None:
    """Run all stages that are not done yet and print the scores."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="parallel/, retrieval/, benchmarks/"
    )
    parser.add_argument("--work-dir", type=Path, required=True, help="for caches and checkpoints")
    parser.add_argument("--output", type=Path, required=True, help="the model directory to write")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="recipe (TOML)")
    arguments = parser.parse_args()
    report = train_encoder(
        arguments.data,
        work_dir=arguments.work_dir,
        output=arguments.output,
        config=load_config(arguments.config),
    )
    print(report.to_markdown())


if __name__ == "__main__":
    main()

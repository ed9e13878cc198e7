"""Train a small transformer from a finished static encoder: corpus, training, export. Resumable."""

import argparse
import os
from pathlib import Path

# Threads that spin at every barrier slow training down as soon as another process wants a core.
# Must be set before PyTorch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from embeddings.training.student.config import DEFAULT_CONFIG, load_student_config
from embeddings.training.student.run import train_student


def main() -> None:
    """Run all stages that are not done yet."""
    parser = argparse.ArgumentParser(
        prog="python -m embeddings.training.student", description=__doc__
    )
    parser.add_argument("--static", type=Path, required=True, help="the static encoder's directory")
    parser.add_argument("--data", type=Path, required=True, help="parallel/, retrieval/")
    parser.add_argument("--work-dir", type=Path, required=True, help="for caches and checkpoints")
    parser.add_argument("--output", type=Path, required=True, help="the model directory to write")
    parser.add_argument("--onnx", type=Path, help="also write an int8 ONNX directory")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="recipe (TOML)")
    arguments = parser.parse_args()
    train_student(
        arguments.static,
        arguments.data,
        work_dir=arguments.work_dir,
        output=arguments.output,
        onnx=arguments.onnx,
        config=load_student_config(arguments.config),
    )


if __name__ == "__main__":
    main()

"""Measure an encoder directory: `python -m embeddings.evaluation PATH --data DIR [--json]`."""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from embeddings.encoders.static import StaticEncoder
from embeddings.evaluation.report import evaluate_encoder


def main() -> None:
    """Print the report of one model directory."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.evaluation", description=__doc__)
    parser.add_argument("path", type=Path, help="model directory")
    parser.add_argument("--data", type=Path, required=True, help="benchmarks/ and retrieval/")
    parser.add_argument("--json", action="store_true", help="print JSON, not Markdown")
    arguments = parser.parse_args()
    report = evaluate_encoder(StaticEncoder(arguments.path), arguments.data)
    if arguments.json:
        json.dump(dataclasses.asdict(report), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(f"{report.encoder_id}\n\n{report.to_markdown()}\n")


if __name__ == "__main__":
    main()

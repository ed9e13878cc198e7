"""What the bundled encoder costs, beside sentence-transformers with the same model in one run.

    python -m benchmarks.encoding [MODEL_DIR] [--json FILE]

Each of the two runs in a process of its own, on one core. Texts are passages of 60 tokens, and
headings as questions, out of `content_seed/collection/`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
TOKENS = 60
PASSAGES = 10_000
QUERIES = 1_000
COMPARED = 2_000
SIDES = ("StaticEncoder", "sentence-transformers")
ROWS = {
    "first_vector_s": "start to first vector, s",
    "query_p50_ms": "query p50, ms",
    "query_p95_ms": "query p95, ms",
    "passages_per_s": f"passages of {TOKENS} tokens per second",
    "resident_mb": f"resident after {PASSAGES:,} passages, MB",
}


def collection_texts(tokenizer_file: Path) -> dict[str, list[str]]:
    """Return questions and passages of the collection, in all its languages."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    queries, passages = [], []
    for path in sorted((ROOT / "content_seed" / "collection").glob("**/*.md")):
        text = path.read_text(encoding="utf-8").split("---\n", 2)[-1]
        queries += [line.strip("# ") for line in text.splitlines() if line.startswith("#")]
        spans = tokenizer.encode(text, add_special_tokens=False).offsets
        passages += [
            text[spans[first][0] : spans[first + TOKENS - 1][1]]
            for first in range(0, len(spans) - TOKENS + 1, TOKENS)
        ]
    return {
        "queries": list(islice(cycle(queries), QUERIES)),
        "passages": list(islice(cycle(passages), PASSAGES)),
    }


def load(side: str, model: str) -> Callable[[list[str]], np.ndarray]:
    """Return the encoding function of one side."""
    if side == "StaticEncoder":
        from embeddings.encoders.static import StaticEncoder

        return StaticEncoder(model).encode_passages
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    # Half precision is slow on a CPU; a table of one byte a weight arrives as single precision.
    encoder = SentenceTransformer(model, device="cpu").float()
    return lambda texts: encoder.encode(texts, normalize_embeddings=True)


def measure(side: str, model: str, directory: Path, began: float) -> dict[str, float]:
    """Return the figures of one side and leave some of its vectors in the directory."""
    encode = load(side, model)
    encode(["một làng một sản phẩm"])
    figures = {"first_vector_s": time.time() - began}
    texts = json.loads((directory / "texts.json").read_text(encoding="utf-8"))
    times = []
    for query in texts["queries"]:
        start = time.perf_counter()
        encode([query])
        times.append(1000 * (time.perf_counter() - start))
    figures["query_p50_ms"], figures["query_p95_ms"] = np.percentile(times, [50, 95]).tolist()
    start = time.perf_counter()
    vectors = encode(texts["passages"])
    figures["passages_per_s"] = len(vectors) / (time.perf_counter() - start)
    np.save(directory / f"{side}.npy", vectors[:COMPARED])
    del vectors
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    figures["resident_mb"] = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return figures


def run_sides(model: Path) -> dict[str, object]:
    """Measure both sides one after the other."""
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
    environment["OPENBLAS_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as directory:
        texts = collection_texts(model / "tokenizer.json")
        (Path(directory) / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        result: dict[str, object] = {"model": model.name}
        for side in SIDES:
            command = [sys.executable, "-m", "benchmarks.encoding", str(model)]
            command += ["--side", side, "--directory", directory, "--began", str(time.time())]
            done = subprocess.run(  # noqa: S603 – this file
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
            )
            result[side] = json.loads(done.stdout)
        ours, theirs = (np.load(Path(directory) / f"{side}.npy") for side in SIDES)
        result["largest_difference"] = float(np.abs(ours - theirs).max())
    return result


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    bundled = next(ROOT.glob("embeddings/models/*/tokenizer.json")).parent
    parser.add_argument("model", type=Path, nargs="?", default=bundled)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    for name in ("--side", "--directory", "--began"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        figures = measure(
            arguments.side,
            str(arguments.model),
            Path(arguments.directory),
            float(arguments.began),
        )
        print(json.dumps(figures))
        return
    result = run_sides(arguments.model.resolve())
    print(f"{result['model']}, one core")
    print(f"{'':<42}{SIDES[0]:>16}{SIDES[1]:>24}{'theirs/ours':>13}")
    for key, label in ROWS.items():
        ours, theirs = (result[side][key] for side in SIDES)
        print(f"{label:<42}{ours:>16,.3f}{theirs:>24,.3f}{theirs / ours:>13,.2f}")
    print(f"{'largest difference of a component':<42}{result['largest_difference']:>16.1e}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

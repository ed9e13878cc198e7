"""Where the time of a search goes, as ratios to a raw FAISS scan of the same vectors in the same run.

    python benchmarks/search_latency.py [--rounds 200]

Uses the database of the current settings (`script/setup` fills it) and the needs in
`content_seed/relevance/` as questions. Single thread, one question at a time.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
django.setup()

import numpy as np

from content_seed.evaluate import read_needs
from embeddings import service
from embeddings.conf import get_encoder
from embeddings.types import SearchQuery
from embeddings.view import get_view
from knowledge.rights import AnonymousReader
from knowledge.search.glossary import glossary_concepts
from knowledge.search.service import search_knowledge


def median_ms(act: Callable[[str], object], questions: list[str]) -> float:
    """Return the median time of one call in milliseconds, after one round to warm up."""
    for question in questions[:40]:
        act(question)
    times = []
    for question in questions:
        start = time.perf_counter()
        act(question)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    questions = list(islice(cycle(need.query for need in read_needs()), rounds))
    service.search(SearchQuery(text="warm"))
    view, encoder = get_view(), get_encoder()
    assert view.dense is not None
    dense = view.dense
    vectors = dict(zip(questions, encoder.encode_queries(questions), strict=True))
    everyone = np.ones(len(view.columns.slots), dtype=bool)
    concepts = glossary_concepts()
    rows = {
        "raw FAISS scan, k=10": lambda text: dense.search(
            vectors[text], allowed=everyone, limit=10
        ),
        "encode the question": lambda text: encoder.encode_queries([text]),
        "index service (encode, rank, fuse, facets, rows)": lambda text: service.search(
            SearchQuery(text=text, concepts=concepts)
        ),
        "search door (and authorised pages)": lambda text: search_knowledge(
            text, reader=AnonymousReader()
        ),
    }
    print(f"{len(dense)} passages, {encoder.encoder_id}, {rounds} questions")
    base = 0.0
    for name, act in rows.items():
        took = median_ms(act, questions)
        base = base or took
        print(f"{name:<52}{took:>9.3f} ms {took / base:>9.1f} x")


if __name__ == "__main__":
    main()

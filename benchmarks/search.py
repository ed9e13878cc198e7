"""What a search costs, beside the raw limits of this machine, in one run on one thread.

    python -m benchmarks.search [--passages 100000] [--json FILE] [--keep DIR] [--peers]

A portal of so many passages is written to a scratch directory (kept with --keep, and used again).
Questions of people are asked of the whole portal, and beside each the raw libraries do their part
of it over the same vectors and words: NumPy a matrix–vector product, FAISS a scan of one-byte codes
and a search of cells with the same recall, tantivy the ten best passages, Wagtail's own backend a
search of page titles. `--peers` adds vector databases that are installed.

The raw libraries are measured twice: alone, with nothing else in the caches, and in turn with the
portal, as a portal would meet them. Ratios are given for both.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import portal
from benchmarks.corpus import questions

QUESTIONS = 300
WARM = 60
FEW_FOR_EXACT = 200
Act = Callable[[int], object]


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument("--keep", type=Path, help="directory of the portal, kept and used again")
    parser.add_argument("--peers", action="store_true", help="measure vector databases too")
    asked = parser.parse_args()
    directory = asked.keep or Path(tempfile.mkdtemp(prefix="portal-"))
    try:
        found = measure(directory, asked.passages, peers=asked.peers)
    finally:
        if asked.keep is None:
            shutil.rmtree(directory, ignore_errors=True)
    for name, value in found.items():
        print(f"{name:<32} {value:,.3f}" if isinstance(value, float) else f"{name:<32} {value}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measure(directory: Path, count: int, *, peers: bool = False) -> dict[str, Any]:
    """Return name → figure; times in milliseconds unless they say otherwise."""
    from threadpoolctl import threadpool_limits

    portal.use(directory)
    import logging

    import faiss

    logging.disable(logging.INFO)
    found: dict[str, Any] = machine()
    found |= portal.fill(count)
    found["rebuild_s"] = rebuild(directory)
    found |= {f"{name}": value for name, value in processes(directory).items()}
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        found |= latencies()
        if peers:
            from benchmarks.peers import measure_peers

            found |= measure_peers(*vectors())
    return found


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    import faiss
    import tantivy

    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        capture_output=True, text=True, cwd=portal.ROOT, check=False,
    ).stdout.strip()  # fmt: skip
    cpu = next(
        (
            line.split(":", maxsplit=1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "commit": commit,
        "cpu": cpu,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "faiss": faiss.__version__,
        "tantivy": tantivy.__version__,
    }


def rebuild(directory: Path) -> float:
    """Return the seconds that a snapshot of all rows takes, in a process of its own."""
    shutil.rmtree(directory / "index", ignore_errors=True)
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "django", "write_snapshot"],
        check=True, env={**os.environ, "PYTHONPATH": str(portal.ROOT)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


SERVING = """
import json, sys, time
from pathlib import Path
from benchmarks import portal
portal.use(Path(sys.argv[1]))
import logging
logging.disable(logging.INFO)
from benchmarks.corpus import questions
from embeddings.view import get_view
from knowledge.rights import AnonymousReader
from knowledge.search.service import search_knowledge
began = time.perf_counter()
view = get_view()
with view.lock:
    view.catch_up()
start_s = time.perf_counter() - began
for question in questions(100):
    search_knowledge(question.text, reader=AnonymousReader())
sizes = {}
for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
    name, number = line.split(":")
    sizes[name] = int(number.split()[0]) / 1024
print(json.dumps({"start_s": start_s, "rss": sizes["Rss"], "pss": sizes["Pss"],
    "own": sizes["Private_Dirty"] + sizes["Private_Clean"]}), flush=True)
sys.stdin.readline()
"""


def processes(directory: Path) -> dict[str, float]:
    """Return start and memory of a serving process (MB), and what a second one beside it adds."""
    serving = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", SERVING, str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=portal.ROOT,
            env={**os.environ, "PYTHONPATH": str(portal.ROOT)},
        )
        for _ in range(2)
    ]
    told = []
    for process in serving:
        assert process.stdout is not None
        told.append(json.loads(process.stdout.readline()))
    shared = serving[0].pid, serving[1].pid
    own = [_private_mb(pid) for pid in shared]
    for process in serving:
        process.communicate("\n")
    return {
        "start_s": min(one["start_s"] for one in told),
        "rss_mb": max(one["rss"] for one in told),
        "second_worker_mb": min(own),
    }


def _private_mb(pid: int) -> float:
    """Return what a process has for itself alone."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
    return (sizes["Private_Dirty"] + sizes["Private_Clean"]) / 1024


def vectors() -> tuple[np.ndarray, np.ndarray]:
    """Return (row ids, vectors) of all passages, as the rows have them."""
    from embeddings.models import Passage

    count = Passage.objects.count()
    ids, made = np.empty(count, np.int64), None
    rows = Passage.objects.order_by("pk").values_list("pk", "vector")
    for number, (pk, vector) in enumerate(rows.iterator(chunk_size=5_000)):
        one = np.frombuffer(vector, "<f2")
        if made is None:
            made = np.empty((count, len(one)), np.float32)
        ids[number], made[number] = pk, one
    assert made is not None
    return ids, made


def latencies() -> dict[str, Any]:
    """Return times of the portal and of the raw libraries, and recall against exact search."""
    from embeddings.conf import get_encoder
    from embeddings.view import get_view
    from knowledge.rights import AnonymousReader
    from knowledge.search.service import search_knowledge

    asked = [question.text for question in questions(QUESTIONS)]
    reader = AnonymousReader()

    def search(**how: Any) -> Act:
        return lambda number: search_knowledge(asked[number], reader=reader, **how)

    view = get_view()
    with view.lock:
        view.catch_up()
    encoded = get_encoder().encode_queries(asked)
    ids, stored = vectors()
    recall = Recall(view, encoded, ids, stored)
    found: dict[str, Any] = {
        "passages": len(ids),
        "questions": len(asked),
        "dense_kind": view.describe().dense_kind,
        **recall.all(),
    }
    raw = raw_acts(view, encoded, stored, asked, wanted=found["recall_at_10"])
    hybrid = search(facets=False)
    beside = "raw_ivf" if "raw_ivf" in raw else "raw_dense"
    for name, times in in_turn({"hybrid": hybrid, **raw}, len(asked)).items():
        found |= percentiles(f"in_turn_{name}" if name != "hybrid" else name, times)
    for name, act in raw.items():
        found |= percentiles(name, alone(act, len(asked)))
    others = {
        "hybrid_alone": hybrid,
        "hybrid_with_facets": search(),
        "filtered10": search(facets=False, filters=portal.TENTH),
        "filtered1": search(facets=False, filters=portal.HUNDREDTH),
    }
    for name, act in others.items():
        found |= percentiles(name, alone(act, len(asked)))
    for part in ("p50", "p95"):
        found[f"ratio_{part}"] = found[f"hybrid_{part}_ms"] / found[f"in_turn_{beside}_{part}_ms"]
        found[f"ratio_alone_{part}"] = (
            found[f"hybrid_alone_{part}_ms"] / found[f"{beside}_{part}_ms"]
        )
    found["ratio_to"] = beside
    return found


def raw_acts(
    view: Any, encoded: np.ndarray, stored: np.ndarray, asked: Sequence[str], *, wanted: float
) -> dict[str, Act]:
    """Return name → one search of a raw library, by number of the question."""
    import faiss
    from wagtail.models import Page
    from wagtail.search.backends import get_search_backend

    from embeddings.language import folded_words

    scan = faiss.IndexScalarQuantizer(
        stored.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    scan.train(stored[:: max(1, len(stored) // 50_000)])
    scan.add(stored)
    backend = get_search_backend()
    words = [" ".join(folded_words(text)) for text in asked]  # signs are syntax to some backends
    lexical = _raw_lexical(view, asked)
    acts: dict[str, Act] = {
        "raw_dense": lambda number: scan.search(encoded[number][None], 10),
        "raw_lexical": lexical,
    }
    if len(stored) <= 200_000:
        acts["raw_wagtail"] = lambda number: list(
            backend.search(words[number], Page.objects.live())[:10]
        )
        acts["raw_numpy"] = lambda number: np.argpartition(-(stored @ encoded[number]), 10)[:10]
    if view.describe().dense_kind == "ivf" and len(stored) >= 200_000:
        acts["raw_ivf"] = _raw_cells(encoded, stored, wanted)
    return acts


def _raw_lexical(view: Any, asked: Sequence[str]) -> Act:
    """Return tantivy's ten best passages for the words of a question, over the same index."""
    from tantivy import Occur, Query

    from embeddings.language import folded_words

    segment = view.lexical.segments[0]
    queries = [
        Query.boolean_query(
            [(Occur.Should, Query.term_query(segment.schema, "words", word)) for word in words]
        )
        for words in map(folded_words, asked)
    ]
    return lambda number: segment.searcher.search(queries[number], 10)


def _raw_cells(encoded: np.ndarray, stored: np.ndarray, wanted: float) -> Act:
    """Return a search of FAISS's cells with the fewest probes that reach a recall."""
    import faiss

    cells = round(4 * len(stored) ** 0.5)
    index = faiss.index_factory(stored.shape[1], f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    index.cp.niter = 8
    index.cp.max_points_per_centroid = 40
    index.train(stored[:: max(1, len(stored) // (cells * 40))])
    index.add(stored)
    faiss.omp_set_num_threads(1)
    sample = encoded[:FEW_FOR_EXACT]
    exact = _exact(sample, stored)
    for probes in (16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, cells):
        index.nprobe = probes
        _, near = index.search(sample, 10)
        hits = sum(len(set(mine) & set(theirs)) for mine, theirs in zip(near, exact, strict=True))
        if hits / exact.size >= wanted:
            break
    return lambda number: index.search(encoded[number][None], 10)


def _exact(queries: np.ndarray, stored: np.ndarray) -> np.ndarray:
    """Return the places of the ten nearest of each query, over blocks that fit into memory."""
    import faiss

    _, near = faiss.knn(queries, stored, 10, metric=faiss.METRIC_INNER_PRODUCT)
    return np.asarray(near)


class Recall:
    """Recall@10 of the engine's dense side against exact search, whole and under filters."""

    def __init__(self, view: Any, encoded: np.ndarray, ids: np.ndarray, stored: np.ndarray) -> None:
        self._view, self._encoded, self._ids, self._stored = view, encoded, ids, stored

    def all(self) -> dict[str, float]:
        """Return the recall under each kind of filter."""
        from embeddings.models import Passage

        programme = Passage.objects.exclude(facets__programme=[]).values_list("facets", flat=True)
        chosen: Mapping[str, Mapping[str, list[str]]] = {
            "recall_at_10": {},
            "recall_at_10_filtered10": portal.TENTH,
            "recall_at_10_filtered1": portal.HUNDREDTH,
            "recall_at_10_language": {"language": ["th"]},
            "recall_at_10_programme": {"programme": [programme[0]["programme"][0]]},
        }
        return {name: self._under(filters) for name, filters in chosen.items()}

    def _under(self, filters: Mapping[str, list[str]]) -> float:
        view = self._view
        with view.lock:
            view.catch_up()
            selection = view.columns.select(
                filters=filters, barred_scopes=frozenset(), now=time.time()
            )
        slots = np.arange(view.columns.count_slots())
        allowed = slots if selection.slots is None else slots[selection.slots]
        rows = np.searchsorted(self._ids, view.columns.rows_of(np.sort(allowed)))
        exact = _exact(self._encoded, self._stored[rows])
        hits = wanted = 0
        for query, nearest in zip(self._encoded, exact, strict=True):
            truth = set(self._ids[rows[nearest[nearest >= 0]]].tolist())
            near = view.nearest(query, selection=selection, limit=10)
            hits += len(truth & {row for row, _ in near})
            wanted += len(truth)
        return hits / max(wanted, 1)


def in_turn(acts: Mapping[str, Act], count: int) -> dict[str, list[float]]:
    """Return name → times in ms; for each question every one of them acts in turn."""
    for act in acts.values():
        for number in range(min(WARM, count)):
            act(number)
    times: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(count):
        for name, act in acts.items():
            began = time.perf_counter()
            act(number)
            times[name].append((time.perf_counter() - began) * 1000)
    return times


def alone(act: Act, count: int) -> list[float]:
    """Return times in ms of one act and nothing else."""
    return in_turn({"": act}, count)[""]


def percentiles(name: str, times: Sequence[float]) -> dict[str, float]:
    """Return p50 and p95."""
    return {
        f"{name}_p50_ms": statistics.median(times),
        f"{name}_p95_ms": float(np.percentile(times, 95)),
    }


if __name__ == "__main__":
    main()

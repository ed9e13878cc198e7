"""What a search costs, beside the raw limits of this machine, in one run on one thread.

    python -m benchmarks.search [--passages 100000] [--json FILE] [--keep DIR] [--peers]

A portal of so many passages is written to a scratch directory (kept with --keep, and used again).
Questions of people are asked of the whole portal, and beside each the raw libraries do their part
of it over the same vectors and words: NumPy a matrix–vector product, FAISS a scan of one-byte codes
and a search of cells with the same recall, tantivy the ten best passages, Wagtail's own backend a
search of pages. `--peers` adds vector databases that are installed.

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
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import portal
from benchmarks.corpus import passages, questions
from benchmarks.raw import Act, nearest, raw_acts, recall_of
from benchmarks.serving import measure_serving

WARM = 60
_ENCODED = 2_000
_VERSIONS = ("numpy", "faiss-cpu", "tantivy", "Django", "wagtail")


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument("--keep", type=Path, help="directory of the portal, kept and used again")
    parser.add_argument("--peers", action="store_true", help="measure vector databases too")
    asked = parser.parse_args()
    with portal.scratch(asked.keep) as directory:
        found = measure(directory, asked.passages, asked=asked.questions, peers=asked.peers)
    for name, value in found.items():
        print(f"{name:<34} {value:,.3f}" if isinstance(value, float) else f"{name:<34} {value}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measure(directory: Path, count: int, *, asked: int, peers: bool) -> dict[str, Any]:
    """Return name → figure; times in milliseconds unless they say otherwise."""
    import faiss
    from threadpoolctl import threadpool_limits

    found = machine()
    portal.fill(count)
    found["rebuild_s"] = rebuild(directory)
    found |= measure_serving(directory)
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        found |= encoding_rates()
        found |= Run(asked).measure(peers=peers)
    return found


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    from django.db import connection

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
        "database": connection.vendor,
        "python": platform.python_version(),
        **{name.lower(): version(name) for name in _VERSIONS},
    }


def rebuild(directory: Path) -> float:
    """Return the seconds that a snapshot of all rows takes, in a process of its own."""
    shutil.rmtree(directory / "index", ignore_errors=True)
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "django", "write_snapshot"],
        check=True, cwd=portal.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


def encoding_rates() -> dict[str, float]:
    """Return how many passages a second are made ready for the index, and get a vector only.

    Ready means a record: a vector for each sentence too, and all tokens.
    """
    from embeddings import store
    from embeddings.models import Passage

    rows = [Passage(title="", heading="", text=one.text, notes={}) for one in passages(_ENCODED)]
    encoder = store.encoder_in_force()
    store.encode(rows[:WARM], encoder)
    began = time.perf_counter()
    encoder.encode_passages([row.text for row in rows])
    encoded = time.perf_counter()
    store.encode(rows, encoder)
    finished = time.perf_counter()
    return {
        "encode_per_s": len(rows) / (finished - encoded),
        "vectors_per_s": len(rows) / (encoded - began),
    }


def stored_vectors() -> tuple[np.ndarray, np.ndarray]:
    """Return (row ids in ascending order, vectors) of all passages, as the rows have them."""
    from embeddings.models import Passage

    rows = Passage.objects.order_by("pk").values_list("pk", "vector")
    ids = np.empty(rows.count(), np.int64)
    made = np.empty((0, 0), np.float32)
    for number, (pk, vector) in enumerate(rows.iterator(chunk_size=5_000)):
        one = np.frombuffer(vector, "<f2")
        if not made.size:
            made = np.empty((len(ids), len(one)), np.float32)
        ids[number], made[number] = pk, one
    return ids, made


class Run:
    """The questions, the portal's view and the vectors of one run."""

    def __init__(self, count: int) -> None:
        from embeddings.conf import get_encoder
        from embeddings.view import forget_view, get_view

        self.asked = [question.text for question in questions(count)]
        self.encoded = get_encoder().encode_queries(self.asked)
        self.ids, self.stored = stored_vectors()
        portal.settle()
        forget_view()  # that of filling may still be without a base
        self.view = get_view()
        with self.view.lock:
            self.view.catch_up()

    def measure(self, *, peers: bool) -> dict[str, Any]:
        """Return recall, then times of the portal and of the raw libraries."""
        found: dict[str, Any] = {
            "passages": len(self.ids),
            "questions": len(self.asked),
            "questions_without_vector": int((~self.encoded.any(axis=1)).sum()),
            "dense_kind": self.view.describe().dense_kind,
        }
        found |= self.recalls()
        found |= self.times(found["recall_at_10"])
        if peers:
            found |= self.peers()
        return found

    def times(self, recall: float) -> dict[str, Any]:
        """Return p50 and p95 of everything, and ratios."""
        hybrid = self._search(facets=False)
        raw = raw_acts(self.view, self.encoded, self.stored, self.asked, recall=recall)
        count, beside = len(self.asked), "raw_ivf" if "raw_ivf" in raw else "raw_dense"
        found: dict[str, Any] = {
            "raw_lexical_answered": sum(bool(raw["raw_lexical"](n).hits) for n in range(count))
            / count
        }
        for name, times in in_turn({"hybrid": hybrid, **raw}, count).items():
            found |= percentiles(name if name == "hybrid" else f"in_turn_{name}", times)
        others = {
            "hybrid_alone": hybrid,
            "hybrid_with_facets": self._search(),
            "filtered10": self._search(facets=False, filters=portal.TENTH),
            "filtered1": self._search(facets=False, filters=portal.HUNDREDTH),
            "dense": lambda number: self.view.nearest(self.encoded[number], limit=10),
        }
        for name, act in {**raw, **others}.items():
            found |= percentiles(name, in_turn({name: act}, count)[name])
        for part in ("p50", "p95"):
            whole, alone = found[f"hybrid_{part}_ms"], found[f"hybrid_alone_{part}_ms"]
            found[f"ratio_{part}"] = whole / found[f"in_turn_{beside}_{part}_ms"]
            found[f"ratio_alone_{part}"] = alone / found[f"{beside}_{part}_ms"]
        return found | {"ratio_to": beside}

    def _search(self, **how: Any) -> Act:
        from knowledge.rights import AnonymousReader
        from knowledge.search.service import search_knowledge

        reader = AnonymousReader()
        return lambda number: search_knowledge(self.asked[number], reader=reader, limit=10, **how)

    def recalls(self) -> dict[str, float]:
        """Return recall@10 of the dense side against exact search, whole and under filters.

        Questions without a vector, of which the encoder knows nothing, have no nearest passages.
        """
        from embeddings.models import Passage

        programme = Passage.objects.exclude(facets__programme=[]).values_list("facets", flat=True)
        chosen: Mapping[str, Mapping[str, list[str]]] = {
            "recall_at_10": {},
            "recall_at_10_filtered10": portal.TENTH,
            "recall_at_10_filtered1": portal.HUNDREDTH,
            "recall_at_10_language": {"language": ["th"]},
            "recall_at_10_programme": {"programme": [programme[0]["programme"][0]]},
        }
        return {name: self._recall_under(filters) for name, filters in chosen.items()}

    def _recall_under(self, filters: Mapping[str, list[str]]) -> float:
        queries = self.encoded[self.encoded.any(axis=1)]
        selection, allowed = self._selected(filters)
        exact = nearest(queries, self.stored[allowed])
        found = [
            np.searchsorted(
                self.ids, [row for row, _ in self.view.nearest(query, selection=selection)]
            )
            for query in queries
        ]
        return recall_of(queries, self.stored, found, np.where(exact >= 0, allowed[exact], -1))

    def _selected(self, filters: Mapping[str, list[str]]) -> tuple[Any, np.ndarray]:
        """Return what the filters leave, as the view has it and as places among the vectors."""
        columns = self.view.columns
        selection = columns.select(filters=filters, barred_scopes=frozenset(), now=time.time())
        mask = columns.alive_slots()
        slots = np.flatnonzero(mask if selection.slots is None else mask & selection.slots)
        return selection, np.searchsorted(self.ids, np.sort(columns.rows_of(slots)))

    def peers(self) -> dict[str, Any]:
        """Return figures of vector databases that are installed."""
        from benchmarks.peers import measure_peers

        tenth = np.zeros(len(self.stored), bool)
        tenth[self._selected(portal.TENTH)[1]] = True
        known = self.encoded[self.encoded.any(axis=1)]
        return measure_peers(known, self.stored, tenth)


def in_turn(acts: Mapping[str, Act], count: int) -> dict[str, list[float]]:
    """Return name → times in ms; for each question every one of them acts in turn."""
    from tqdm import tqdm

    for act in acts.values():
        for number in range(min(WARM, count)):
            act(number)
    times: dict[str, list[float]] = {name: [] for name in acts}
    for number in tqdm(range(count), desc=", ".join(acts)[:60], unit="question", disable=None):
        for name, act in acts.items():
            began = time.perf_counter()
            act(number)
            times[name].append((time.perf_counter() - began) * 1000)
    return times


def percentiles(name: str, times: Sequence[float]) -> dict[str, float]:
    """Return p50 and p95."""
    return {
        f"{name}_p50_ms": statistics.median(times),
        f"{name}_p95_ms": float(np.percentile(times, 95)),
    }


if __name__ == "__main__":
    main()

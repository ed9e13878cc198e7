"""Vector databases that run inside a process, over the same vectors: those that are installed.

They use as many threads as they like.
"""

import struct
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.raw import nearest, recall_of

_AT_ONCE = 2_000
Found = Callable[[np.ndarray, bool], Sequence[int]]
"""(vector of a question, only among the tenth) → places of the ten nearest passages."""


class Peer(NamedTuple):
    """A database and how it is opened, filled and asked."""

    package: str
    begin: Callable[[Path, np.ndarray, np.ndarray], Found]
    """(directory, vectors of the passages, which of them are in the tenth) → its search."""


def measure_peers(encoded: np.ndarray, stored: np.ndarray, tenth: np.ndarray) -> dict[str, Any]:
    """Return figures of each peer, or why there are none.

    Args:
        encoded: Vectors of the questions, shape (questions, dimensions).
        stored: Vectors of the passages, shape (passages, dimensions).
        tenth: Which passages pass a filter that few pass, shape (passages,).
    """
    found: dict[str, Any] = {}
    for peer in PEERS:
        name = f"peer_{peer.package.replace('-', '_')}"
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            try:
                figures = _measure(peer, Path(directory), encoded, stored, tenth)
            except ImportError:
                found[name] = "not installed"
            except NotSupportedHereError as error:
                found[name] = str(error)
            else:
                found[name] = version(peer.package)
                found |= {f"{name}_{figure}": value for figure, value in figures.items()}
    return found


class NotSupportedHereError(Exception):
    """This Python or this machine cannot run a peer that is installed."""


def _measure(
    peer: Peer,
    directory: Path,
    encoded: np.ndarray,
    stored: np.ndarray,
    tenth: np.ndarray,
) -> dict[str, float]:
    from tqdm import tqdm

    began = time.perf_counter()
    search = peer.begin(directory, stored, tenth)
    figures = {"fill_s": time.perf_counter() - began}
    for filtered in (False, True):
        for vector in encoded[:20]:
            search(vector, filtered)
        times, places = [], []
        for vector in tqdm(encoded, desc=peer.package, disable=None):
            began = time.perf_counter()
            places.append(list(search(vector, filtered)))
            times.append((time.perf_counter() - began) * 1000)
        own = "filtered10" if filtered else "all"
        of_all = np.flatnonzero(tenth) if filtered else np.arange(len(stored))
        near = nearest(encoded, stored[of_all])
        exact = np.where(near >= 0, of_all[near], -1)
        figures |= {
            f"{own}_p50_ms": float(np.median(times)),
            f"{own}_p95_ms": float(np.percentile(times, 95)),
            f"{own}_recall_at_10": recall_of(encoded, stored, places, exact),
        }
    return figures


def _blocks(count: int, size: int = _AT_ONCE) -> list[range]:
    return [range(first, min(first + size, count)) for first in range(0, count, size)]


def _sqlite_vec(directory: Path, stored: np.ndarray, tenth: np.ndarray) -> Found:
    import sqlite3

    import sqlite_vec

    connection = sqlite3.connect(directory / "vectors.sqlite3")
    if not hasattr(connection, "enable_load_extension"):
        raise NotSupportedHereError("this Python's sqlite3 loads no extensions")
    connection.enable_load_extension(True)
    sqlite_vec.load(connection)
    connection.execute(
        f"CREATE VIRTUAL TABLE near USING vec0("
        f"vector float[{stored.shape[1]}] distance_metric=cosine, tenth integer)"
    )
    rows = ((place, stored[place].tobytes(), int(tenth[place])) for place in range(len(stored)))
    connection.executemany("INSERT INTO near(rowid, vector, tenth) VALUES (?, ?, ?)", rows)
    connection.commit()
    question = "SELECT rowid FROM near WHERE vector MATCH ? AND k = 10"

    def search(vector: np.ndarray, filtered: bool) -> list[int]:
        text = question + (" AND tenth = 1" if filtered else "")
        asked = struct.pack(f"{len(vector)}f", *vector)
        return [row for (row,) in connection.execute(text, [asked])]

    return search


def _chroma(directory: Path, stored: np.ndarray, tenth: np.ndarray) -> Found:
    import chromadb

    client = chromadb.PersistentClient(
        str(directory), settings=chromadb.Settings(anonymized_telemetry=False)
    )
    collection = client.create_collection(
        "passages", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
    )
    for block in _blocks(len(stored)):
        collection.add(
            ids=[str(place) for place in block],
            embeddings=stored[block.start : block.stop],
            metadatas=[{"tenth": bool(tenth[place])} for place in block],
        )

    def search(vector: np.ndarray, filtered: bool) -> list[int]:
        only: Any = {"tenth": True} if filtered else None
        answer = collection.query(query_embeddings=[vector], n_results=10, where=only, include=[])
        return [int(place) for place in answer["ids"][0]]

    return search


def _lance(directory: Path, stored: np.ndarray, tenth: np.ndarray) -> Found:
    import lancedb
    import pyarrow as pa

    flat = pa.array(stored.reshape(-1))
    data = pa.table(
        {
            "place": np.arange(len(stored)),
            "vector": pa.FixedSizeListArray.from_arrays(flat, stored.shape[1]),
            "tenth": tenth,
        }
    )
    table = lancedb.connect(directory).create_table("passages", data)
    if len(stored) > 50_000:  # below, a scan is what its makers advise
        table.create_index(metric="cosine", index_type="IVF_HNSW_SQ")

    def search(vector: np.ndarray, filtered: bool) -> list[int]:
        asked = (
            table.search(vector).distance_type("cosine").select(["place", "_distance"]).limit(10)
        )
        if filtered:
            asked = asked.where("tenth", prefilter=True)
        return asked.to_arrow()["place"].to_pylist()

    return search


def _milvus(directory: Path, stored: np.ndarray, tenth: np.ndarray) -> Found:
    import milvus_lite  # noqa: F401 – without it the client wants a server
    from pymilvus import MilvusClient

    client = MilvusClient(str(directory / "vectors.db"))
    client.create_collection(
        "passages", dimension=stored.shape[1], metric_type="IP", consistency_level="Strong"
    )
    for block in _blocks(len(stored)):
        client.insert(
            "passages",
            [
                {"id": place, "vector": stored[place], "tenth": bool(tenth[place])}
                for place in block
            ],
        )

    def search(vector: np.ndarray, filtered: bool) -> list[int]:
        only = "tenth == true" if filtered else ""
        answer = client.search("passages", data=[vector.tolist()], limit=10, filter=only)
        return [hit["id"] for hit in answer[0]]

    return search


PEERS = (
    Peer("sqlite-vec", _sqlite_vec),
    Peer("chromadb", _chroma),
    Peer("lancedb", _lance),
    Peer("milvus-lite", _milvus),
)

"""What a process that serves searches costs: its start, and its memory beside another one.

    python -m benchmarks.serving DIR

is such a server: it reads questions, and forks two workers as gunicorn does with
`portal/gunicorn.conf.py`. Each says how long its parts took to start, asks the questions, and stays
until its input ends, for its memory to be looked at.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import portal
from benchmarks.corpus import questions

_ASKED = 100
_WORKERS = 2


def measure_serving(directory: Path) -> dict[str, float]:
    """Return start and memory (MB) of a worker, and what a second one beside it adds."""
    with subprocess.Popen(  # noqa: S603 – this file
        [sys.executable, "-m", "benchmarks.serving", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=portal.ROOT,
    ) as server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("The server was started without pipes.")
        asked = [question.text for question in questions(_ASKED)]
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        workers = [json.loads(server.stdout.readline()) for _ in range(_WORKERS)]
        memory = [memory_of(worker["pid"]) for worker in workers]
        server.stdin.close()
    return {
        "setup_s": workers[0]["setup_s"],
        "start_s": min(worker["start_s"] for worker in workers),
        "rss_mb": max(one["rss"] for one in memory),
        "pss_mb": max(one["pss"] for one in memory),
        "second_worker_mb": min(one["private"] for one in memory),
    }


def memory_of(pid: int | str) -> dict[str, float]:
    """Return resident, proportional and private memory of a process in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in text.splitlines()[1:]}
    private = sizes["Private_Dirty"] + sizes["Private_Clean"]
    return {"rss": sizes["Rss"], "pss": sizes["Pss"], "private": private}


def main() -> None:
    """Start, fork, and wait for the workers."""
    began = time.perf_counter()
    asked = json.loads(sys.stdin.buffer.raw.readline())
    portal.use(Path(sys.argv[1]))
    portal.settle()
    set_up = time.perf_counter() - began
    workers = []
    for _ in range(_WORKERS):
        worker = os.fork()
        if not worker:
            _serve(asked, set_up)
            os._exit(0)
        workers.append(worker)
    for worker in workers:
        os.waitpid(worker, 0)


def _serve(asked: list[str], set_up: float) -> None:
    from embeddings.view import get_view
    from knowledge.rights import AnonymousReader
    from knowledge.search.service import search_knowledge

    began = time.perf_counter()
    view = get_view()
    with view.lock:
        view.catch_up()
    started = time.perf_counter() - began
    for text in asked:
        search_knowledge(text, reader=AnonymousReader())
    said = {"pid": os.getpid(), "setup_s": set_up, "start_s": started}
    # In one piece: two of them write.
    os.write(sys.stdout.fileno(), f"{json.dumps(said)}\n".encode())
    sys.stdin.buffer.raw.read()


if __name__ == "__main__":
    main()

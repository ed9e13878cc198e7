"""What a process that serves searches costs: its start, and its memory beside another one.

    python -m benchmarks.serving DIR

is such a process: it says how long its parts took to start, asks some questions, says what memory it
has, and waits for a line.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import portal
from benchmarks.corpus import questions

_ASKED = 100


def measure_serving(directory: Path) -> dict[str, float]:
    """Return start and memory (MB) of a serving process, and what a second one beside it adds."""
    processes = [
        subprocess.Popen(  # noqa: S603 – this file
            [sys.executable, "-m", "benchmarks.serving", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=portal.ROOT,
        )
        for _ in range(2)
    ]
    started = [json.loads(process.stdout.readline()) for process in processes if process.stdout]
    memory = [memory_of(process.pid) for process in processes]
    for process in processes:
        process.communicate("\n")
    return {
        "setup_s": min(one["setup_s"] for one in started),
        "start_s": min(one["start_s"] for one in started),
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
    """Start, search, tell, and stay until told to go."""
    began = time.perf_counter()
    portal.use(Path(sys.argv[1]))
    from embeddings.view import get_view
    from knowledge.rights import AnonymousReader
    from knowledge.search.service import search_knowledge

    set_up = time.perf_counter()
    view = get_view()
    with view.lock:
        view.catch_up()
    started = time.perf_counter()
    for question in questions(_ASKED):
        search_knowledge(question.text, reader=AnonymousReader())
    print(json.dumps({"setup_s": set_up - began, "start_s": started - set_up}), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()

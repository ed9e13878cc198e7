# ruff: noqa: N999 – gunicorn looks for a file of this name
"""How gunicorn serves the portal; `script/server` names this file and adds the address.

The code is loaded once, before the workers are forked, so that they share its memory. Nothing else
is: threads of FAISS, tantivy and PyTorch do not survive a fork, and a database connection must not
be shared by two processes.
"""

import contextlib
import ctypes
import gc
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import number

_ROOT = Path(__file__).resolve().parent.parent
_METRICS = Path(os.environ.get("PORTAL_VAR_DIR", _ROOT / "var")) / "metrics"

wsgi_app = "portal.wsgi"
try:
    workers = number("PORTAL_WORKERS", 2, least=1)
except ImproperlyConfigured as error:
    sys.exit(str(error))
threads = 4
worker_connections = threads  # one that has work leaves the next reader to the other workers
keepalive = 0  # idle connections would count; the proxy in front keeps those with browsers
preload_app = True
limit_request_line = 0  # Django says in the reader's language what is too long
accesslog = None  # addresses contain questions
control_socket_disable = True

_ARENAS = 2
_M_ARENA_MAX = -8
"""`mallopt(3)`: glibc would give every thread a heap of its own, each with room to spare."""
with contextlib.suppress(OSError, AttributeError):  # a C library without it
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        pass
    return True


def _open_metrics_directory() -> Path:
    """Return a directory of this master's own for the counts of its workers; remove those left over.

    It is named before the application is imported, which is when the choice is made for good. A
    reload reads this file again, in the same master, and must keep what was counted.
    """
    own = _METRICS / str(os.getpid())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR") == str(own) and own.is_dir():
        return own
    if _METRICS.is_dir():
        for left in _METRICS.iterdir():
            if left == own or not _is_running(left.name):
                shutil.rmtree(left, ignore_errors=True)
    own.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(own)
    return own


_own_metrics = _open_metrics_directory()


def when_ready(server: Any) -> None:
    """Import what the first request of every worker would, and keep it on shared pages."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()


def on_reload(server: Any) -> None:
    """Log as the settings say; gunicorn has just put a handler of its own beside theirs."""
    from django.conf import settings
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


def pre_fork(server: Any, worker: Any) -> None:
    """Close what a worker must not inherit; nothing should have been opened."""
    from django.db import connections

    connections.close_all()


def child_exit(server: Any, worker: Any) -> None:
    """Tell the metrics that a worker is gone."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove the counts, which belong to this run."""
    shutil.rmtree(_own_metrics, ignore_errors=True)

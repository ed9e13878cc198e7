"""Figures for whoever watches the portal, in Prometheus' text format at `/metrics`.

What happens is counted where it happens, in every worker process; under gunicorn the workers keep
their counts in files (`PROMETHEUS_MULTIPROC_DIR`, set by `portal/gunicorn.conf.py`) and whichever
is asked adds them up. How the index is, is asked of it when somebody wants to know.
"""

import contextlib
import ipaddress
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache as shared
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from embeddings import service as index
from embeddings.errors import EmbeddingsError
from embeddings.status import IndexStatus, ViewStatus
from embeddings.telemetry import (
    EncodingReport,
    SearchReport,
    passages_encoded,
    search_finished,
)
from knowledge.models import PendingSync
from knowledge.work import seconds_since_beat, work_waiting

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_FILE_BYTES = 1 << 16
"""Size of a file of counts in the library, which enlarges none of these."""
_BUCKETS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)
"""Seconds: fine around the tens of milliseconds that a search takes."""
_STATUS_SECONDS = 60
"""How long rows and snapshot are not counted again: both are read in full for it."""
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What this process counts."""

    registry: CollectorRegistry
    seconds: Histogram
    searches: Counter
    without_result: Counter
    words_only: Counter
    passages: Counter
    encoding_seconds: Counter


_making = threading.Lock()


def counts() -> Counts:
    """Return the counts, made at the first use: a process that counts nothing leaves no file."""
    with _making:  # made twice by two threads, each would overwrite what the other counted
        _prepare_files()
        return _counts()


def _prepare_files() -> None:
    """Make the directory, if it is gone, and the files of this process at their full size.

    They are mapped into memory: on a disk that is full, the first count in a file with holes would
    end the process, where writing the file merely raises OSError.
    """
    if _DIRECTORY not in os.environ:
        return
    directory = Path(os.environ[_DIRECTORY])
    directory.mkdir(parents=True, exist_ok=True)
    for kind in ("counter", "histogram"):
        path = directory / f"{kind}_{os.getpid()}.db"
        if not path.exists():
            try:
                path.write_bytes(bytes(_FILE_BYTES))
            except OSError:
                path.unlink(missing_ok=True)
                raise


@cache
def _counts() -> Counts:
    registry = CollectorRegistry()

    def counter(name: str, meaning: str) -> Counter:
        return Counter(name, meaning, registry=registry)

    return Counts(
        registry=registry,
        seconds=Histogram(
            "portal_search_seconds",
            "Time that the index took to answer a question",
            buckets=_BUCKETS,
            registry=registry,
        ),
        searches=counter("portal_searches", "Questions answered"),
        without_result=counter("portal_searches_without_result", "Questions that found nothing"),
        words_only=counter(
            "portal_search_words_only", "Questions answered without the encoder, by words alone"
        ),
        passages=counter("portal_encoded_passages", "Passages that got a vector"),
        encoding_seconds=counter("portal_encoding_seconds", "Time spent on vectors of passages"),
    )


@receiver(search_finished, dispatch_uid="knowledge.metrics.search")
def count_search(report: SearchReport, **_: Any) -> None:
    """Count an answered question; a listing without one can neither fail nor succeed."""
    if not report.text:
        return
    counted = counts()
    counted.seconds.observe(report.seconds)
    counted.searches.inc()
    if not report.total:
        counted.without_result.inc()
    if report.by_words_only:
        counted.words_only.inc()


@receiver(passages_encoded, dispatch_uid="knowledge.metrics.encoding")
def count_encoding(report: EncodingReport, **_: Any) -> None:
    """Count passages that got their vectors in this process."""
    counted = counts()
    counted.passages.inc(report.passages)
    counted.encoding_seconds.inc(report.seconds)


class IndexCollector(Collector):
    """The state of the index, asked for when the figures are; a database that fails is a figure."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            figures = _figures()
        except (DatabaseError, EmbeddingsError):
            figures = []
        yield _gauge("readable", "1 when database and index answer", bool(figures))
        yield from figures


def _figures() -> list[GaugeMetricFamily]:
    view = index.view_status()
    behind = index.current_state().position - view.position  # before the status catches up
    status: IndexStatus = shared.get_or_set(  # type: ignore[assignment]
        "knowledge.metrics.status", index.index_status, _STATUS_SECONDS
    )
    return [
        _gauge("passages", "Passage rows", status.passages),
        _gauge("documents", "Documents with passages", status.documents),
        _gauge("foreign_passages", "Rows whose vector is of another encoder", status.foreign),
        _gauge("log_position", "Newest position of the change log", view.position + behind),
        _gauge("pending_marks", "Marks of changed pages not indexed", PendingSync.objects.count()),
        *_view_figures(view, max(behind, 0)),
        *_snapshot_figures(status),
    ]


def _view_figures(view: ViewStatus, behind: int) -> list[GaugeMetricFamily]:
    return [
        _gauge("view_lag", "Log positions that this process's next search catches up", behind),
        _gauge("dead_passages", "Outdated passages in this process's view", view.dead_passages),
    ]


def _snapshot_figures(status: IndexStatus) -> list[GaugeMetricFamily]:
    kept = status.snapshot
    if kept is None:
        return []
    usable = _gauge("snapshot_usable", "1 when the snapshot on disk is whole", kept.fault is None)
    if kept.fault is not None:
        return [usable]
    age = time.time() - kept.written_at.timestamp()
    return [
        usable,
        _gauge("snapshot_position", "Log position of the snapshot on disk", kept.position),
        _gauge("snapshot_bytes", "Size of the snapshot on disk", kept.bytes),
        _gauge("snapshot_age_seconds", "Time since the snapshot was written", age),
    ]


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"portal_index_{name}", meaning, value=float(value))


class WorkCollector(Collector):
    """Whether a worker runs, and what waits for it."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            waiting = work_waiting()
            seconds = seconds_since_beat()
        except DatabaseError:
            return
        for name, (meaning, count) in waiting.items():
            yield GaugeMetricFamily(f"portal_{name}", meaning, value=float(count))
        if seconds is not None:
            yield GaugeMetricFamily(
                "portal_worker_age_seconds", "Time since a worker last showed itself", value=seconds
            )


def exposition() -> bytes:
    """Return all figures as text: the counts of all workers together, the state of the index.

    Where the disk takes no counts, those that are there.
    """
    shown = CollectorRegistry()
    if directory := os.environ.get(_DIRECTORY):
        with contextlib.suppress(OSError):
            counts()
        if Path(directory).is_dir():
            MultiProcessCollector(shown)
    else:
        shown.register(counts().registry)
    shown.register(IndexCollector())
    shown.register(WorkCollector())
    return generate_latest(shown)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show the figures to this machine, or to whoever knows the token; to others there is no such page."""
    if not (_is_from_this_machine(request) or _has_token(request)):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_from_this_machine(request: HttpRequest) -> bool:
    """Return True for a request that nobody passed on.

    A proxy on this machine connects from here too: what it adds, or the name of the site that it
    was asked for, tells.
    """
    passed_on = any(
        name.startswith("X-Forwarded") or name in {"Forwarded", "Via", "X-Real-Ip"}
        for name in request.headers
    )
    return not passed_on and _is_loopback(request) and _asks_for_this_machine(request)


def _is_loopback(request: HttpRequest) -> bool:
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a socket file has no address
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _asks_for_this_machine(request: HttpRequest) -> bool:
    try:
        host = request.get_host()
    except DisallowedHost:
        return False
    return host.rpartition(":")[0] in _LOOPBACK_NAMES or host in _LOOPBACK_NAMES


def _has_token(request: HttpRequest) -> bool:
    token = settings.KNOWLEDGE.get("METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(given, f"Bearer {token}")

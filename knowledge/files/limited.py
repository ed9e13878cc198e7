"""Starts the process that looks into a file, and ends it when it asks for too much."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from knowledge.files.limits import Limits
from knowledge.files.refusal import FilesError, Problem, Refused

_ROOT = Path(__file__).resolve().parent.parent.parent
_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "HOME",
    "TMPDIR",
    "VIRTUAL_ENV",
    "TESSDATA_PREFIX",
    "LD_LIBRARY_PATH",
)
"""Of the environment; secrets are not handed on."""
_GRACE = 5


class Interrupted(FilesError):  # noqa: N818 – named for what happened
    """The process died or ran out of time before it had answered."""


def kind_by_content(path: Path, extension: str, limits: Limits) -> str:
    """Return the media type of a file.

    Raises Refused.
    """
    try:
        with _answer("check", path, extension, limits) as out:
            return str(_objects(out)[-1]["end"])
    except Interrupted as error:
        raise Refused(Problem.TOO_HARD) from error


def texts_of(
    path: Path, media_type: str, limits: Limits, languages: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return the parts of a file as the child wrote them.

    Raises Refused where the file cannot be read, Interrupted where another try may succeed.
    """
    with _answer("read", path, media_type, limits, " ".join(languages)) as out:
        return _objects(out)[:-1]


def picture_of(path: Path, media_type: str, number: int, limits: Limits) -> bytes:
    """Return a page as WebP; empty where it cannot be drawn."""
    try:
        with _answer("draw", path, media_type, limits, str(number)) as out:
            return out.read()
    except Interrupted:
        return b""


def _answer(does: str, path: Path, kind: str, limits: Limits, *rest: str) -> IO[bytes]:
    """Return what a child wrote, as an open file that goes with the last to close it."""
    command = [sys.executable, "-s", "-m", "knowledge.files.child"]
    command += [does, str(path), kind, limits.as_json(), *rest]
    out = tempfile.TemporaryFile()  # noqa: SIM115 – handed to the caller
    wait = limits.reading_seconds if does == "read" else limits.seconds
    try:
        done = subprocess.run(  # noqa: S603 – the arguments are ours
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL,
            timeout=wait + _GRACE, cwd=_ROOT, env=_environment(), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        out.close()
        raise Interrupted from error
    if done.returncode != 0:
        out.close()
        raise Interrupted
    out.seek(0)
    return out


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # One thread: each would reserve address space of its own.
    return kept | {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}


def _objects(out: IO[bytes]) -> list[dict[str, Any]]:
    objects = [json.loads(line) for line in out]
    if not objects or "end" not in objects[-1]:
        raise Interrupted
    if problem := objects[-1].get("problem"):
        raise Refused(Problem(problem))
    return objects

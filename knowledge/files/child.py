"""The process that looks into one file and answers on its standard output.

    python -m knowledge.files.child check PATH EXTENSION LIMITS
    python -m knowledge.files.child read PATH MEDIA_TYPE LIMITS LANGUAGES
    python -m knowledge.files.child draw PATH MEDIA_TYPE LIMITS NUMBER

Answers of `check` and `read` are JSON objects, one a line; the last has the key "end", so that an
answer cut short is noticed. It limits itself before it touches the file: memory, time, size of
what it writes, and no core dump.
"""

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from knowledge.files.kinds import CSV, DOCX, PDF, PICTURES, PPTX, XLSX
from knowledge.files.limits import Limits
from knowledge.files.refusal import Problem, Refused

Answers = Iterator[dict[str, Any]]


def main(arguments: Sequence[str]) -> None:
    """Do one thing with one file and write what came out."""
    does, path, kind, given, *rest = arguments
    limits = Limits.from_json(given)
    _limit(limits, limits.reading_seconds if does == "read" else limits.seconds)
    out = sys.stdout.buffer
    if does == "draw":
        from knowledge.files.drawing import draw

        with contextlib.suppress(Refused):
            out.write(draw(Path(path), kind, int(rest[0]), limits))
        return
    for answer in _answers(does, Path(path), kind, limits, rest):
        out.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    out.flush()


def _answers(does: str, path: Path, kind: str, limits: Limits, rest: Sequence[str]) -> Answers:
    try:
        if does == "check":
            from knowledge.files.inspection import inspect

            yield {"end": inspect(path, kind, limits).media_type}
        else:
            yield from _read(path, kind, limits, rest[0].split())
    except Refused as refused:
        yield {"end": "", "problem": refused.problem.value}
    except MemoryError:
        yield {"end": "", "problem": Problem.TOO_HARD.value}
    except Exception as error:  # noqa: BLE001 – whatever a library stumbles over, the file is broken
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        yield {"end": "", "problem": Problem.BROKEN.value}


def _read(path: Path, media_type: str, limits: Limits, languages: Sequence[str]) -> Answers:
    from knowledge.files.readers.recognising import Recogniser

    room = limits.text
    for part in _reader(media_type)(path, limits, Recogniser(languages)):
        row = asdict(part)
        row["text"] = part.text[:room]
        room -= len(row["text"])
        yield row
    yield {"end": "read"}


def _reader(media_type: str) -> Callable[..., Iterator[Any]]:
    from knowledge.files.readers import docx, pdf, picture, pptx, table, xlsx

    readers = {
        PDF.media_type: pdf.read,
        DOCX.media_type: docx.read,
        PPTX.media_type: pptx.read,
        XLSX.media_type: xlsx.read,
        CSV.media_type: table.read,
    }
    readers |= {kind.media_type: picture.read for kind in PICTURES}
    if media_type not in readers:
        raise Refused(Problem.UNKNOWN_TYPE)
    return readers[media_type]


def _limit(limits: Limits, seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.answer),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(seconds)  # also when nobody waits for it any more
    os.nice(5)


if __name__ == "__main__":
    main(sys.argv[1:])

"""`manage.py evaluate_encoder PATH [--data DIR] [--json]`."""

import dataclasses
import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from content_seed.evaluate_encoder import CollectionNotLoadedError, NeedsReport, needs_report
from embeddings.encoders.base import Encoder
from embeddings.errors import EncoderUnavailable
from embeddings.evaluation.loading import encoder_at
from embeddings.evaluation.progress import Progress

if TYPE_CHECKING:
    from embeddings.evaluation.report import EncoderReport


class Command(BaseCommand):
    """Measure an encoder: Tatoeba, NTREX, retrieval of held-back rows, needs of the collection."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", type=Path, help="model directory: a static one or sentence-transformers'"
        )
        parser.add_argument(
            "--data",
            type=Path,
            help="directory with benchmarks/ and retrieval/; without it only the needs are asked",
        )
        parser.add_argument("--query-prompt", help="text before every question, if not the model's")
        parser.add_argument("--passage-prompt", help="text before every passage, likewise")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *, path: Path, data: Path | None, verbosity: int, **options: Any) -> None:
        progress = _bars(quiet=True if options["json"] or not verbosity else None)
        try:
            encoder = encoder_at(
                path,
                query_prompt=options["query_prompt"],
                passage_prompt=options["passage_prompt"],
            )
        except EncoderUnavailable as error:
            raise CommandError(str(error)) from error
        left_out = []
        report, needs = None, None
        if data is None:
            left_out.append("Tatoeba, NTREX and retrieval: they need --data.")
        else:
            report = _benchmarks(encoder, data, progress)
        try:
            needs = needs_report(encoder, progress=progress)
        except CollectionNotLoadedError as error:
            left_out.append(f"Needs of the collection: {error}")
        if needs and not needs.hybrid:
            left_out.append("Hybrid search: the portal is configured with another encoder.")
        if report is None and needs is None:
            raise CommandError("\n".join(["Nothing was measured.", *left_out]))
        show = self._print_json if options["json"] else self._print
        show(encoder, report, needs, left_out)

    def _print_json(
        self,
        encoder: Encoder,
        report: "EncoderReport | None",
        needs: NeedsReport | None,
        left_out: Sequence[str],
    ) -> None:
        found = {
            "encoder_id": encoder.encoder_id,
            "left_out": left_out,
            "benchmarks": dataclasses.asdict(report) if report else None,
            "needs": dataclasses.asdict(needs) if needs else None,
        }
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))

    def _print(
        self,
        encoder: Encoder,
        report: "EncoderReport | None",
        needs: NeedsReport | None,
        left_out: Sequence[str],
    ) -> None:
        parts = [f"## {encoder.encoder_id}"]
        parts += [f"Left out: {reason}" for reason in left_out]
        parts += [one.to_markdown() for one in (report, needs) if one is not None]
        self.stdout.write("\n\n".join(parts))


def _benchmarks(encoder: Encoder, data: Path, progress: Progress) -> "EncoderReport":
    """Return the report on a data directory; only this needs the training dependencies."""
    try:
        from zstandard import ZstdError

        from embeddings.evaluation.report import evaluate_encoder
    except ImportError as error:
        raise CommandError(
            f"{error}: --data needs the packages of the dependency group training."
        ) from error
    try:
        return evaluate_encoder(encoder, data, progress=progress)
    except (OSError, ValueError, KeyError, ZstdError) as error:
        raise CommandError(f"{data} is no complete data directory: {error}") from error


def _bars(*, quiet: bool | None) -> Progress:
    """Return a progress that draws one bar per measure on stderr, where that is a terminal."""

    def bar(items: Sequence[Any], name: str) -> Iterable[Any]:
        return iter(tqdm(items, desc=name, disable=quiet))

    return bar

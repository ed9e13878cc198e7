"""`manage.py evaluate_search [--needs FILE …] [--json]`."""

import dataclasses
import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from content_seed.evaluate import (
    SHOWN,
    Evaluation,
    Need,
    Scores,
    evaluate,
    read_needs,
    relevance_files,
)


class Command(BaseCommand):
    """Measure search quality over the needs of content_seed/relevance/."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--needs",
            nargs="+",
            choices=relevance_files(),
            default=["needs"],
            help="relevance files (needs); nothing was chosen on needs-later",
        )
        parser.add_argument("--json", action="store_true", help="print the scores as JSON")

    def handle(self, *, verbosity: int, **options: Any) -> None:
        quiet = True if options["json"] or not verbosity else None

        def progress(needs: Iterable[Need]) -> Iterable[Need]:
            return iter(tqdm(needs, desc="Needs", unit="need", disable=quiet))

        needs = [need for name in options["needs"] for need in read_needs(name)]
        found = evaluate(needs, progress)
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(found), indent=2))
        else:
            self._print(found)

    def _print(self, found: Evaluation) -> None:
        self.stdout.write(f"{'':<10}{'needs':>6}" + "".join(f"{name:>11}" for name in SHOWN))
        self._row("overall", found.overall)
        for name, scores in {**found.by_direction, **found.by_language}.items():
            self._row(name, scores)
        if found.missed:
            self.stdout.write(f"no relevant work in the first ten: {', '.join(found.missed)}")

    def _row(self, name: str, scores: Scores) -> None:
        cells = "".join(f"{scores.values[measure]:>11.3f}" for measure in SHOWN)
        self.stdout.write(f"{name:<10}{scores.needs:>6}{cells}")

"""`manage.py search "<query>" [--lang xx] [--kind …] [--programme …] [--limit 10] [--json]`."""

import dataclasses
import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from knowledge.eligibility import kind_labels
from knowledge.models import ProgrammePage
from knowledge.rights import AnonymousReader
from knowledge.search.results import ResultCard
from knowledge.search.service import search_knowledge

FIELDS = (
    "rank", "work", "title", "url", "language", "kind", "programme", "country",
    "passage", "sentence", "score", "why",
)  # fmt: skip


class Command(BaseCommand):
    """Ask a question on the command line and see the works that answer."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", help="the question, in any language")
        for name, choices, meaning in (
            ("--lang", dict(settings.LANGUAGES), "only texts in this language"),
            ("--kind", kind_labels("en"), "only works of this kind"),
        ):
            parser.add_argument(
                name, action="append", default=[], choices=list(choices),
                help=f"{meaning}; may be given several times",
            )  # fmt: skip
        parser.add_argument(
            "--programme", action="append", default=[], metavar="CODE",
            help="only works of the programme with this code; may be given several times",
        )  # fmt: skip
        parser.add_argument(
            "--limit", type=_positive, default=10, help="how many works at most (10)"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *, query: str, limit: int, **options: Any) -> None:
        _check_programmes(options["programme"])
        answer = search_knowledge(
            query,
            reader=AnonymousReader(),
            filters={
                "language": options["lang"],
                "kind": options["kind"],
                "programme": options["programme"],
            },
            limit=limit,
        )
        if options["json"]:
            rows = [as_dict(card) for card in answer.cards]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        if not answer.cards:
            self.stdout.write("Nothing good was found.")
        for card in answer.cards:
            self.stdout.write(f"{card.rank:>2}. [{card.language}] {card.title}")
            self.stdout.write(f"    {card.sentence}")
            self.stdout.write(f"    {card.url}  ({', '.join(card.why)})")


def _positive(given: str) -> int:
    number = int(given)
    if number < 1:
        raise ArgumentTypeError("it must be 1 or more")
    return number


def _check_programmes(codes: Sequence[str]) -> None:
    known = set(ProgrammePage.objects.values_list("code", flat=True))
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise CommandError(
            f"No programme has the code {', '.join(unknown)}. "
            f"There are: {', '.join(sorted(known)) or 'none'}."
        )


def as_dict(card: ResultCard) -> dict[str, Any]:
    """Return the public fields of a card."""
    values = dataclasses.asdict(card)
    return {name: values[name] for name in FIELDS}

"""Ask a question on the command line and see the works that answer."""

import dataclasses
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from knowledge.rights import AnonymousReader
from knowledge.search.results import ResultCard
from knowledge.search.service import search_knowledge

FIELDS = (
    "rank", "work", "title", "url", "language", "kind", "programme", "country",
    "passage", "sentence", "score", "why",
)  # fmt: skip


class Command(BaseCommand):
    """`manage.py search "<query>" [--lang xx] [--kind …] [--programme …] [--limit 10] [--json]`."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query")
        parser.add_argument("--lang", action="append", default=[], help="language of the text")
        parser.add_argument("--kind", action="append", default=[])
        parser.add_argument("--programme", action="append", default=[])
        parser.add_argument("--limit", type=int, default=10)
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *, query: str, limit: int, **options: Any) -> None:
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


def as_dict(card: ResultCard) -> dict[str, Any]:
    """Return the public fields of a card."""
    values = dataclasses.asdict(card)
    return {name: values[name] for name in FIELDS}

"""What must be matched to the letter ranks first: bundled encoder, starter collection.

`exact_queries.tsv` has one question a line: query, language, kind (code, date, phrase, or one of
them typed without accents) and the works that may come first, separated by semicolons.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.test import override_settings

from content_seed.load import load_collection
from content_seed.parse import read_collection
from embeddings.exact import exact_parts
from knowledge.rights import AnonymousReader
from knowledge.search.service import search_knowledge
from portal.settings import base


class ExactQuery(NamedTuple):
    query: str
    lang: str
    kind: str
    works: str


def read_queries() -> list[ExactQuery]:
    path = Path(__file__).with_name("exact_queries.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == list(ExactQuery._fields)
    return [ExactQuery(*row) for row in rows[1:]]


QUERIES = read_queries()


@pytest.fixture(scope="module")
def first_works(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, list[str]]]:
    """Return query → its first works. Loaded and asked once: that takes most of the time."""
    with (
        django_db_blocker.unblock(),
        override_settings(EMBEDDINGS=base.EMBEDDINGS),
        transaction.atomic(),
    ):
        load_collection()
        reader = AnonymousReader()
        yield {
            query.query: [
                card.work for card in search_knowledge(query.query, reader=reader, limit=3).cards
            ]
            for query in QUERIES
        }
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.query)
def test_the_work_that_holds_it_to_the_letter_comes_first(
    first_works: dict[str, list[str]], query: ExactQuery
) -> None:
    first = first_works[query.query]
    assert set(first[:1]) & set(query.works.split(";")), first


def test_the_table_covers_enough_languages_and_kinds_and_only_works_that_exist() -> None:
    assert len({query.query for query in QUERIES}) == len(QUERIES) >= 44
    assert len({query.lang for query in QUERIES}) >= 8
    assert {query.kind for query in QUERIES} == {"code", "date", "phrase", "unaccented"}
    works = {work.slug for work in read_collection()}
    assert {work for query in QUERIES for work in query.works.split(";")} <= works


@pytest.mark.parametrize(
    "query",
    [query for query in QUERIES if query.kind in {"code", "date"}],
    ids=lambda query: query.query,
)
def test_codes_and_dates_of_the_table_are_recognised_as_such(query: ExactQuery) -> None:
    parts = exact_parts(query.query)
    assert bool(parts.codes) == (query.kind == "code")
    assert bool(parts.dates) == (query.kind == "date")

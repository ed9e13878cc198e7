from collections.abc import Iterable
from typing import Any

import pytest
import tantivy
from tantivy import Query

from embeddings.spelling import correction, fuzzy_terms

KNOWN = [
    ("strategy", 5),
    ("cooperative", 3),
    ("cooperatives", 9),
    ("product", 8),
    ("produce", 2),
    ("villager", 4),
    ("honey", 1),
    ("money", 7),
    ("iso22000", 3),
    ("star", 2),
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cooperatve", "cooperative"),  # one edit wins over the commoner word two edits away
        ("coperatve", "cooperative"),
        ("srtategy", "strategy"),
        ("ztrategy", "strategy"),
        ("strategyy", "strategy"),
        ("proudct", "product"),
        ("produkt", "product"),
        ("hony", "honey"),  # the first letter tells more than the count
        ("moneys", "money"),
        ("staar", "star"),
    ],
)
def test_a_misspelt_word_is_the_nearest_known_one(typed: str, meant: str) -> None:
    assert correction(typed, KNOWN) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "product",  # known
        "prodotto",  # three edits
        "prudocx",  # two edits, but less than eight letters
        "sta",  # too short
        "iso22001",
        "iso2200",
        "zzzzzzzz",
        "",
        "дорога",
        "ดาว",
    ],
)
def test_what_is_known_far_short_numbered_or_not_latin_stays(typed: str) -> None:
    assert correction(typed, KNOWN) is None


def test_eight_letters_may_hold_two_edits_and_seven_only_one() -> None:
    assert correction("stratzgz", [("strategy", 1)]) == "strategy"
    assert correction("prodzcz", [("product", 1)]) is None


def test_of_equals_the_commoner_is_meant_then_the_first_in_the_alphabet() -> None:
    assert correction("bana", [("bank", 1), ("band", 2)]) == "band"
    assert correction("bana", [("bank", 2), ("band", 2)]) == "band"


def test_counts_of_several_indexes_add_up() -> None:
    assert correction("bana", [("band", 2), ("bank", 1), ("bank", 2)]) == "bank"


def index_of(texts: Iterable[tuple[str, str]]) -> Any:
    """Return a tantivy index over (words, tag)."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="whitespace")
    builder.add_text_field("tags", tokenizer_name="whitespace")
    index = tantivy.Index(builder.build())
    writer = index.writer(heap_size=15_000_000, num_threads=1)
    for words, tag in texts:
        document = tantivy.Document()
        document.add_text("words", words)
        document.add_text("tags", tag)
        writer.add_document(document)
    writer.commit()
    index.reload()
    return index


def near(index: Any, word: str, visible: Query | None = None) -> list[tuple[str, int]]:
    visible = visible or Query.all_query()
    return fuzzy_terms(index.searcher(), index.schema, word, visible=visible)


@pytest.fixture(scope="module")
def index() -> Any:
    texts = [(word, "open") for word, count in KNOWN for _ in range(count)]
    return index_of([*texts, ("marmalade kinship", "shut")])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cooperatve", [("cooperative", 3), ("cooperatives", 9)]),
        ("srtategy", [("strategy", 5)]),
        ("ztrategy", [("strategy", 5)]),
        ("trategy", [("strategy", 5)]),
        ("xstrategy", [("strategy", 5)]),
        ("strrategi", [("strategy", 5)]),
        ("stratgyy", [("strategy", 5)]),
        ("hony", [("honey", 1)]),
        ("staar", [("star", 2)]),
        ("iso2200", []),
        ("sta", []),
        ("ดาวทอง", []),
    ],
)
def test_an_index_gives_the_words_near_to_what_was_typed(
    index: Any, typed: str, found: list[tuple[str, int]]
) -> None:
    assert near(index, typed) == found


def test_a_word_that_only_barred_texts_hold_is_not_told(index: Any) -> None:
    opened = Query.term_query(index.schema, "tags", "open")
    assert near(index, "marmelade") == [("marmalade", 1)]
    assert near(index, "marmelade", opened) == []
    assert near(index, "proudct", opened) == [("product", 8)]


def test_an_empty_index_knows_no_word() -> None:
    assert near(index_of([]), "product") == []

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from embeddings import sentences
from embeddings.encoders.fake import FakeEncoder
from embeddings.sentences import PassageTexts, SentenceCache

TEXTS = {
    0: "Bamboo baskets are light. Honey comes from mint flowers. Roads were built.",
    1: "One star is not enough.",
    2: "",
}


class Shelf:
    """Texts by slot, remembering what was asked for."""

    def __init__(self, texts: Mapping[int, str], *notes: str) -> None:
        self.texts = texts
        self.notes = notes
        self.asked: list[list[int]] = []

    def __call__(self, slots: Sequence[int]) -> dict[int, PassageTexts]:
        self.asked.append(list(slots))
        return {
            slot: PassageTexts(self.texts[slot], self.notes) for slot in slots if slot in self.texts
        }


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder(concepts={"honey": ["honey", "miel"], "star": ["star"]})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(TEXTS)


@pytest.fixture
def cache(encoder: FakeEncoder, shelf: Shelf) -> SentenceCache:
    return SentenceCache(encoder, shelf)


def test_the_sentence_nearest_to_the_question_is_the_best(
    cache: SentenceCache, encoder: FakeEncoder
) -> None:
    query = encoder.encode_queries(["miel"])[0]
    found = cache.of([0])[0]
    assert found.best(query) == "Honey comes from mint flowers."
    expected = float(encoder.encode_passages([found.best(query)])[0] @ query)
    assert found.similarity(query) == pytest.approx(expected, abs=1e-6)
    assert expected > 0.5


def test_what_the_cited_evidence_says_counts_but_is_not_shown(encoder: FakeEncoder) -> None:
    cache = SentenceCache(
        encoder, Shelf({0: "Bamboo is light. Roads were built long ago."}, "Honey.")
    )
    query = encoder.encode_queries(["miel"])[0]
    found = cache.of([0])[0]
    assert found.best(query) in found.sentences
    assert "Honey." not in found.sentences
    assert found.similarity(query) > 0.9


def test_each_passage_keeps_its_own_sentences(cache: SentenceCache) -> None:
    found = cache.of([0, 1])
    assert [len(found[slot].sentences) for slot in (0, 1)] == [3, 1]
    assert found[0].vectors.shape == (3, 64)
    assert np.allclose(np.linalg.norm(found[0].vectors, axis=1), 1.0)


def test_a_passage_is_loaded_and_encoded_once(cache: SentenceCache, shelf: Shelf) -> None:
    cache.of([0])
    cache.of([0, 1])
    cache.of([1, 0])
    assert shelf.asked == [[0], [1]]


def test_a_row_that_is_gone_is_left_out(cache: SentenceCache) -> None:
    assert list(cache.of([0, 77])) == [0]
    assert cache.of([77]) == {}


def test_an_empty_passage_has_itself_as_its_sentence(cache: SentenceCache) -> None:
    assert list(cache.of([2])[2].sentences) == [""]


def test_a_forgotten_passage_is_loaded_again(cache: SentenceCache, shelf: Shelf) -> None:
    cache.of([0])
    cache.forget([0, 5])
    cache.of([0])
    assert shelf.asked == [[0], [0]]


def test_the_least_recently_used_passage_leaves_first(
    encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentences, "_KEPT_PASSAGES", 2)
    shelf = Shelf({slot: f"Text {slot}." for slot in range(3)})
    cache = SentenceCache(encoder, shelf)
    cache.of([0, 1])
    cache.of([0])
    cache.of([2])
    cache.of([0, 2])
    assert shelf.asked == [[0, 1], [2]]
    cache.of([1])
    assert shelf.asked[-1] == [1]


def test_one_search_over_more_than_is_kept_still_finds_all(
    encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentences, "_KEPT_PASSAGES", 2)
    cache = SentenceCache(encoder, Shelf({slot: f"Text {slot}." for slot in range(5)}))
    assert sorted(cache.of(range(5))) == [0, 1, 2, 3, 4]

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from embeddings.records import (
    PassageRecord,
    RecordArrays,
    joined_records,
    quantised,
    subword_codes,
    word_codes,
)
from embeddings.terms import ALL, TermCounts, TermCountsBuilder

DIMENSIONS = 8


def unit(*numbers: float) -> np.ndarray:
    made = np.zeros(DIMENSIONS, np.float32)
    made[: len(numbers)] = numbers
    return made / np.linalg.norm(made)


def record(*vectors: np.ndarray, sentences: int = 0, words: str = "", title: int = 0) -> PassageRecord:  # fmt: skip
    codes, scales = quantised(np.array(vectors, np.float32).reshape(-1, DIMENSIONS))
    return PassageRecord(
        codes=codes,
        scales=scales,
        sentences=sentences,
        subwords=subword_codes(["5", "u☃"]),
        words=word_codes(words.split()),
        title_words=title,
    )


def arrays_of(*records: PassageRecord) -> RecordArrays:
    made = RecordArrays(DIMENSIONS)
    for one in records:
        made.append(one)
    return made


def test_a_record_comes_back_from_its_bytes() -> None:
    made = record(unit(1), unit(1, 1), unit(0, 1), sentences=1, words="a b c", title=2)
    read = PassageRecord.unpack(made.pack(), DIMENSIONS)
    assert read.codes.tolist() == made.codes.tolist()
    assert read.scales.tolist() == made.scales.tolist()
    assert (read.sentences, read.title_words) == (1, 2)
    assert read.subwords.tolist() == made.subwords.tolist()
    assert read.words.tolist() == made.words.tolist()


def test_a_record_without_vectors_and_tokens_comes_back_too() -> None:
    empty = PassageRecord(
        codes=np.empty((0, DIMENSIONS), np.int8),
        scales=np.empty(0, np.float32),
        sentences=0,
        subwords=subword_codes([]),
        words=word_codes([]),
        title_words=0,
    )
    read = PassageRecord.unpack(empty.pack(), DIMENSIONS)
    assert read.codes.shape == (0, DIMENSIONS)
    assert len(read.words) == 0


@given(st_numpy.arrays(np.float32, (5, DIMENSIONS), elements=st.floats(-1, 1, width=16)))
def test_one_byte_keeps_a_cosine_to_two_digits(vectors: np.ndarray) -> None:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = (vectors / np.where(norms > 1e-3, norms, np.inf)).astype(np.float32)
    codes, scales = quantised(units)
    query = unit(1, -1, 2)
    assert (codes @ query) * scales == pytest.approx(units @ query, abs=0.02)


def test_a_piece_is_its_number_and_never_another_token() -> None:
    codes = subword_codes(["412", "u4", "u☃", "4294967296"])
    assert codes[0] == 412
    assert all(code >= 0x80000000 for code in codes[1:].tolist())


def test_a_passage_is_as_near_as_its_nearest_sentence_mostly() -> None:
    whole, near, far, note = unit(1, 1), unit(1), unit(0, 1), unit(0, 0, 1)
    arrays = arrays_of(record(whole, near, far, note, sentences=2), record(), record(whole))
    records = arrays.gather(np.array([0, 1, 2]))
    found = records.similarities(unit(1), sentence_share=0.75)
    assert found == pytest.approx([0.25 * 2**-0.5 + 0.75, -1.0, 2**-0.5], abs=0.02)
    by_note = records.similarities(unit(0, 0, 1), sentence_share=0.75)
    assert by_note[0] == pytest.approx(0.75, abs=0.02)
    assert [records.nearest_sentence(slot, unit(0, 1)) for slot in range(3)] == [1, None, None]


def test_records_are_gathered_in_the_order_asked_for() -> None:
    records = [record(unit(n + 1, 1), words=f"w{n} same", title=n) for n in range(4)]
    gathered = arrays_of(*records).gather(np.array([13, 10]), first_slot=10)
    assert gathered.slots.tolist() == [13, 10]
    assert gathered.title_words.tolist() == [3, 0]
    assert gathered.words.of(0).tolist() == records[3].words.tolist()
    assert gathered.words.of(1).tolist() == records[0].words.tolist()


def test_two_gatherings_join_to_one() -> None:
    records = [record(unit(n + 1, 1), words=f"w{n}") for n in range(3)]
    base, tail = arrays_of(*records[:2]), arrays_of(*records[2:])
    joined = joined_records(base.gather(np.array([1])), tail.gather(np.array([2]), first_slot=2))
    whole = arrays_of(*records).gather(np.array([1, 2]))
    assert joined.slots.tolist() == whole.slots.tolist()
    assert joined.vector_starts.tolist() == whole.vector_starts.tolist()
    assert joined.words.values.tolist() == whole.words.values.tolist()
    query = unit(1)
    assert joined.similarities(query, sentence_share=0.5).tolist() == (
        whole.similarities(query, sentence_share=0.5).tolist()
    )


def test_vectors_of_passages_that_have_none_are_zeros() -> None:
    records = arrays_of(record(unit(1)), record()).gather(np.array([0, 1]))
    vectors = records.whole(np.array([1, 0]))
    assert vectors[0].tolist() == [0] * DIMENSIONS
    assert vectors[1] == pytest.approx(unit(1), abs=0.01)


passages = st.lists(
    st.tuples(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 3)), max_size=30
)


@given(passages, passages)
def test_counts_kept_up_to_date_are_those_counted_anew(
    kept: list[tuple[list[int], int]], gone: list[tuple[list[int], int]]
) -> None:
    builder = TermCountsBuilder()
    before = [*kept[::2], *gone]
    for values, language in before:
        builder.add(np.array(values, np.uint32), np.array([len(values)]), np.array([language]))
    counts = TermCounts(passages=builder.passages, length=builder.length, **builder.finish())
    for values, language in gone:
        counts.add(np.array(values, np.uint32), language, sign=-1)
    fresh = TermCounts()
    for values, language in kept[1::2]:
        counts.add(np.array(values, np.uint32), language)
    for values, language in kept:
        fresh.add(np.array(values, np.uint32), language)
    mine, theirs = counts.frequencies(range(10)), fresh.frequencies(range(10))
    assert {t: +c for t, c in mine.items()} == {t: +c for t, c in theirs.items()}
    assert counts.mean_length == fresh.mean_length
    assert counts.passages_of_all == fresh.passages_of_all == len(kept)
    known = {token for token, counted in counts.frequencies(range(10)).items() if counted[ALL]}
    assert known == {t for values, _ in kept for t in values}
    assert ALL == 0

import math

import numpy as np
import pytest

from embeddings.language import folded_words
from embeddings.records import word_codes
from embeddings.scoring import SUBWORD, WORD, Placement, TokenQuery, codes_of, tokens_of
from tests.embeddings.lexical_texts import bigrams, scorer_of, tokens


def row(text: str, *, slack: int | None = None) -> Placement:
    return Placement(kind=WORD, tokens=codes_of(word_codes(folded_words(text))), slack=slack)


def exactness(texts: list[tuple[str, str]], *parts: list[Placement]) -> list[float]:
    asked = [one for part in parts for one in part]
    others = [
        TokenQuery(
            [token for one in asked if one.kind == SUBWORD for token in one.tokens],
            [token for one in asked if one.kind == WORD for token in one.tokens],
        )
    ]
    titles = np.array([len(folded_words(title)) for title, _ in texts])
    return scorer_of(texts, "", others=others).exact(parts, titles).tolist()


def test_scores_are_those_of_bm25() -> None:
    texts = ["wild honey and honey", "wild tea", "salt of the sea and of the lake"]
    lengths = [len(text.split()) for text in texts]
    mean = sum(lengths) / 3

    def reference(text: str) -> float:
        total = 0.0
        for word, frequency in (("wild", 2), ("honey", 1)):
            idf = math.log(1 + (3 - frequency + 0.5) / (frequency + 0.5))
            count = text.split().count(word)
            norm = 1.2 * (0.25 + 0.75 * len(text.split()) / mean)
            total += idf * count * 2.2 / (count + norm)
        return total

    found = scorer_of(texts, "wild honey", subwords=False).bm25()
    assert found == pytest.approx([reference(text) for text in texts], rel=1e-5)


def test_words_in_a_row_add_to_a_score() -> None:
    scorer = scorer_of(["wild mint honey", "wild honey", "honey wild"], "wild honey")
    phrase = scorer.phrase(codes_of(word_codes(["wild", "honey"])))
    assert (phrase > 0).tolist() == [False, True, False]


def test_a_word_common_in_its_own_language_says_next_to_nothing() -> None:
    """Every "the" is rare in a collection of many languages."""
    texts = [f"the x{n}" for n in range(25)] + [f"va y{n}" for n in range(100)]
    scorer = scorer_of(texts, "the x3", languages=[1] * 25 + [2] * 100, subwords=False)
    covered, scores = scorer.coverage(), scorer.bm25()
    assert covered[3] == pytest.approx(1.0)
    assert 0 < covered[4] < 0.05
    assert covered[30] == 0.0
    assert np.argmax(scores) == 3
    assert scores[4] < scores[3] / 20


def test_coverage_is_the_share_of_the_questions_information() -> None:
    texts = ["wild honey", "wild tea", "salt"]
    covered = scorer_of(texts, "wild honey", subwords=False).coverage()
    # idf: wild is in two of three passages, honey in one
    wild, honey = np.log(1 + 1.5 / 2.5), np.log(1 + 2.5 / 1.5)
    assert covered == pytest.approx([1.0, wild / (wild + honey), 0.0])


def test_the_better_of_subwords_and_words_counts_for_coverage() -> None:
    thai = "ขายน้ำผึ้งในตลาด"
    assert scorer_of([thai, "salt"], "น้ำผึ้ง").coverage()[0] == pytest.approx(1.0)
    assert scorer_of(["mật ong", "salt"], "mat ong").coverage()[0] == pytest.approx(1.0)


def test_a_thai_text_without_the_word_does_not_cover_it() -> None:
    """นี่คือฟ้า ("this is the sky") holds the letters of น้ำ ("water"), not the word."""
    assert scorer_of(["นี่คือฟ้า", "ขายน้ำในตลาด"], "น้ำ", subwords=False).coverage()[0] < 0.7


def test_a_name_is_held_where_its_tokens_stand_in_a_row() -> None:
    texts = ["bông sen Ấn Độ", "ấn bản có độ dài", "โรงงานในอินเดีย", "Bengal"]
    names = [tokens("Ấn Độ", subwords=False), tokens("อินเดีย", words=False), tokens("bengali", subwords=False)]  # fmt: skip
    held = scorer_of(texts, "", others=[tokens_of(names)]).hold(names)
    assert held.tolist() == [True, False, True, False]


def test_nothing_asked_covers_and_scores_nothing() -> None:
    scorer = scorer_of(["honey"], "")
    assert scorer.coverage().tolist() == scorer.bm25().tolist() == [0.0]
    assert not scorer.hold([]).any()


def test_a_phrase_counts_more_in_a_title_and_most_at_its_beginning() -> None:
    texts = [("News", "OCOP 5 sao here"), ("About OCOP 5 sao", "x"), ("OCOP 5 sao", "x"), ("5 sao OCOP", "x")]  # fmt: skip
    in_text, in_title, first, other_order = exactness(texts, [row("OCOP 5 sao")])
    assert other_order == 0
    assert 1 <= in_text < 2 <= in_title < first


def test_words_of_a_code_stand_close_together_in_any_order() -> None:
    texts = [
        ("", "148/QĐ-TTg"),
        ("", "QĐ số 148"),
        ("", "QĐ of the year before and page 148"),
        ("", "148"),
    ]
    assert [score > 0 for score in exactness(texts, [row("148 qd", slack=1)])] == [True, True, False, False]  # fmt: skip


def test_any_spelling_of_a_part_serves_and_every_part_must_be_held() -> None:
    texts = [("", "Decision 148 of 2023"), ("", "QĐ 148"), ("", "2023")]
    code = [row("148 qd", slack=1), row("decision 148", slack=1)]
    assert [score > 0 for score in exactness(texts, code)] == [True, True, False]
    assert [score > 0 for score in exactness(texts, code, [row("2023")])] == [True, False, False]


def test_a_phrase_without_spaces_is_held_by_its_subwords() -> None:
    phrase = Placement(kind=SUBWORD, tokens=tuple(bigrams("一村一品")))
    assert exactness([("", "大分県の一村一品運動"), ("", "一品一村")], [phrase]) == [1.0, 0.0]

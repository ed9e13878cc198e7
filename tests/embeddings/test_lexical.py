import numpy as np
import pytest

from embeddings.lexical import LexicalIndex, LexicalText, folded_words


def characters(text: str) -> list[str]:
    """Bigrams: what a subword tokenizer does to a script without spaces, roughly."""
    packed = "".join(text.split()).casefold()
    return [packed[at : at + 2] for at in range(len(packed) - 1)]


def text_of(text: str) -> LexicalText:
    return LexicalText(
        subwords=" ".join(characters(text)), words=" ".join(folded_words(text)), language="en"
    )


def index_of(*texts: str) -> LexicalIndex:
    made = LexicalIndex()
    made.add({slot: text_of(text) for slot, text in enumerate(texts)})
    return made


def find(
    made: LexicalIndex, query: str, *, allowed: list[int] | None = None, size: int = 10, **how: bool
) -> dict[int, float]:
    mask = np.zeros(size, dtype=bool)
    mask[allowed if allowed is not None else slice(None)] = True
    return dict(
        made.search(
            subwords=characters(query) if how.get("subwords", True) else [],
            words=folded_words(query) if how.get("words", True) else [],
            allowed=mask,
            limit=10,
        )
    )


FILLER = ["The road to the market", "Cooperatives keep accounts", "Tre đan bán ở chợ", "Un marché"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("น้ำผึ้ง", "ชาวบ้านขายน้ำผึ้งในตลาดทุกสัปดาห์"),
        ("蜂蜜", "村の人々は蜂蜜を市場で販売しています。"),
        ("ນ້ຳເຜິ້ງ", "ຊາວບ້ານຂາຍນ້ຳເຜິ້ງໃນຕະຫຼາດ"),
        ("ទឹកឃ្មុំ", "អ្នកភូមិលក់ទឹកឃ្មុំនៅទីផ្សារ។"),
    ],
    ids=["th", "ja", "lo", "km"],
)
def test_a_word_inside_running_text_without_spaces_is_found(query: str, text: str) -> None:
    made = index_of(*FILLER, text)
    assert list(find(made, query, words=False)) == [len(FILLER)]


def test_vietnamese_typed_without_accents_finds_the_accented_text() -> None:
    made = index_of(*FILLER, "Sản phẩm mật ong bạc hà của Đồng Tháp")
    assert next(iter(find(made, "mat ong", subwords=False))) == 4
    assert next(iter(find(made, "dong thap", subwords=False))) == 4


def test_words_in_the_order_of_the_question_come_first() -> None:
    made = index_of(
        "honey from the wild mint", "wild from the honey mint", "wild honey the mint from"
    )
    assert next(iter(find(made, "wild honey", subwords=False))) == 2


@pytest.mark.parametrize("query", ["148/QĐ-TTg", "148/qd-ttg", "148 QĐ TTg"])
def test_a_document_number_is_found_however_it_is_typed(query: str) -> None:
    made = index_of(
        "Quyết định 1048/QĐ-TTg năm 2019", "Quyết định 148/QĐ-TTg năm 2023", "1489/QĐ-TTg"
    )
    assert next(iter(find(made, query, subwords=False))) == 1


def test_a_number_is_a_word() -> None:
    assert list(find(index_of("12 stars", "5 stars"), "5", subwords=False)) == [1]


def test_only_allowed_passages_are_found() -> None:
    made = index_of("honey", "honey", "honey")
    assert sorted(find(made, "honey", allowed=[0, 2])) == [0, 2]
    assert find(made, "honey", allowed=[]) == {}


def test_a_filter_changes_no_score() -> None:
    made = index_of("honey and tea", "wild honey", "honey honey")
    whole, narrowed = find(made, "wild honey"), find(made, "wild honey", allowed=[0, 2])
    assert narrowed == pytest.approx({slot: whole[slot] for slot in (0, 2)})


def test_scores_do_not_depend_on_what_was_removed_before() -> None:
    fresh = index_of("wild honey", "honey and tea")
    worn = index_of("wild honey", "honey and tea", "honey honey", "wild wild")
    worn.remove([2, 3, 99])
    assert find(worn, "wild honey") == pytest.approx(find(fresh, "wild honey"), abs=1e-6)
    assert len(worn) == 2


def test_a_removed_passage_is_not_found() -> None:
    made = index_of("honey", "honey")
    made.remove([0])
    assert list(find(made, "honey")) == [1]
    made.remove([1])
    assert find(made, "honey") == {}
    assert len(made) == 0


def test_passages_added_later_are_found_beside_the_earlier() -> None:
    made = index_of("honey")
    made.add({5: text_of("honey again")})
    assert sorted(find(made, "honey")) == [0, 5]


def test_an_empty_index_and_an_empty_question_find_nothing() -> None:
    assert find(LexicalIndex(), "honey") == {}
    assert find(index_of("honey"), "") == {}
    assert find(index_of("honey"), "?!") == {}


def test_a_word_common_in_its_own_language_says_next_to_nothing() -> None:
    """Every "the" is rare in a collection of many languages."""
    made = LexicalIndex()
    english = {n: LexicalText(subwords="", words=f"the x{n}", language="en") for n in range(25)}
    vietnamese = {
        n: LexicalText(subwords="", words=f"va y{n}", language="vi") for n in range(25, 125)
    }
    made.add({**english, **vietnamese})
    covered = made.coverage([3, 4, 30], subwords=[], words=["the", "x3"])
    assert covered[3] == pytest.approx(1.0)
    assert 0 < covered[4] < 0.05
    assert covered[30] == 0.0
    found = made.search(subwords=[], words=["the", "x3"], allowed=np.ones(125, bool), limit=125)
    scores = dict(found)
    assert max(scores, key=scores.__getitem__) == 3
    assert scores[4] < scores[3] / 20


def test_coverage_is_the_share_of_the_questions_information() -> None:
    made = index_of("wild honey", "wild tea", "salt")
    covered = made.coverage([0, 1, 2], subwords=[], words=["wild", "honey"])
    assert covered[0] == pytest.approx(1.0)
    assert covered[2] == 0.0
    # idf: wild is in two of three passages, honey in one
    wild, honey = np.log(1 + 1.5 / 2.5), np.log(1 + 2.5 / 1.5)
    assert covered[1] == pytest.approx(wild / (wild + honey))


def test_the_better_of_subwords_and_words_counts_for_coverage() -> None:
    made = LexicalIndex()
    made.add({0: LexicalText(subwords="1 2", words="honey", language="en")})
    assert made.coverage([0], subwords=["1", "9"], words=["honey"]) == {0: pytest.approx(1.0)}
    assert made.coverage([0], subwords=["1", "2"], words=["tea"]) == {0: pytest.approx(1.0)}


def test_a_name_is_held_where_its_tokens_stand_in_a_row() -> None:
    made = index_of("bông sen Ấn Độ", "ấn bản có độ dài", "โรงงานในอินเดีย", "Bengal")
    names = [([], folded_words("Ấn Độ")), (characters("อินเดีย"), []), ([], ["bengali"])]
    assert made.holding(range(4), names) == {0, 2}
    assert made.holding([1, 2], names) == {2}


def test_nothing_asked_covers_nothing() -> None:
    assert index_of("honey").coverage([0], subwords=[], words=[]) == {0: 0.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sản phẩm OCOP 5 sao", ["san", "pham", "ocop", "5", "sao"]),
        ("148/QĐ-TTg", ["148", "qd", "ttg"]),
        ("l’eau", ["l", "eau"]),
        ("", []),
        ("x" * 25, []),
    ],
)
def test_folded_words_are_the_words_without_case_and_accents(text: str, words: list[str]) -> None:
    assert folded_words(text) == words


@pytest.mark.parametrize("word", ["น้ำผึ้ง", "ນ້ຳເຜິ້ງ", "ទឹកឃ្មុំ", "ပျားရည်"], ids=["th", "lo", "km", "my"])
def test_a_word_of_a_script_with_combining_vowels_is_not_cut_into_single_letters(
    word: str,
) -> None:
    """`\\w` stops at a combining mark: น้ำผึ้ง became น, าผ and ง."""
    from embeddings.language import normalize

    assert folded_words(word) in ([], [normalize(word)])


def test_a_thai_text_without_the_word_does_not_cover_it() -> None:
    """นี่คือฟ้า ("this is the sky") holds the letters of น้ำ ("water"), not the word."""
    made = index_of("นี่คือฟ้า", "ขายน้ำในตลาด")
    covered = made.coverage([0], subwords=[], words=folded_words("น้ำ"))
    assert covered[0] < 0.7

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.lexical import (
    ExactWords,
    LexicalIndex,
    LexicalText,
    begun_tokens,
    spelt,
    tags_of,
    title_tokens,
)
from tests.embeddings.lexical_texts import find, index_of, lexical_text, select

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
    assert find(index_of(*FILLER, text), query, words=False) == [len(FILLER)]


def test_vietnamese_typed_without_accents_finds_the_accented_text() -> None:
    made = index_of(*FILLER, "Sản phẩm mật ong bạc hà của Đồng Tháp")
    assert find(made, "mat ong", subwords=False)[0] == 4
    assert find(made, "dong thap", subwords=False)[0] == 4


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), unique=True)))
def test_each_subword_is_a_word_of_its_own(codes: list[list[int]]) -> None:
    texts = spelt([np.array(one, np.uint32) for one in codes])
    assert len(texts) == len(codes)
    for text, one in zip(texts, codes, strict=True):
        assert len(set(text.split())) == text.count(" ") == len(one)
        assert text.encode().decode() == text
        assert spelt([np.array(one, np.uint32)]) == [text]


@pytest.mark.parametrize("code", [0, 0xFFFE, 0xFFFF, 0x10000, 2**32 - 1])
def test_a_subword_is_found_by_its_number(code: int) -> None:
    made = LexicalIndex()
    written = [code, code ^ 1, code ^ 0x10000]
    made.add(
        {
            slot: LexicalText(subwords=subwords, words="", tags="")
            for slot, subwords in enumerate(spelt([np.array([one], np.uint32) for one in written]))
        }
    )
    made.commit()
    slots = made.search(subwords={code: 1.0}, words={}, selection=select(of=3), limit=10)
    assert slots.tolist() == [0]


def test_words_in_the_order_of_the_question_come_first() -> None:
    made = index_of(
        "honey from the wild mint", "wild from the honey mint", "wild honey the mint from"
    )
    assert find(made, "wild honey", subwords=False)[0] == 2


@pytest.mark.parametrize("query", ["148/QĐ-TTg", "148/qd-ttg", "148 QĐ TTg"])
def test_a_document_number_is_found_however_it_is_typed(query: str) -> None:
    made = index_of(
        "Quyết định 1048/QĐ-TTg năm 2019", "Quyết định 148/QĐ-TTg năm 2023", "1489/QĐ-TTg"
    )
    assert find(made, query, subwords=False)[0] == 1


def test_a_number_is_a_word_in_every_script() -> None:
    made = index_of("12 stars", "5 stars", "第148号", "พ.ศ. ๒๕๖๗")
    assert find(made, "5", subwords=False) == [1]
    assert find(made, "148", subwords=False) == [2]
    assert find(made, "2567", subwords=False) == [3]


def test_only_allowed_passages_are_found() -> None:
    made = index_of("honey", "honey", "honey")
    assert sorted(find(made, "honey", selection=select(0, 2))) == [0, 2]


def test_filters_and_barred_scopes_decide_inside_the_index() -> None:
    """The limit is filled by what passes, however much better the rest would be."""
    made = LexicalIndex()
    public, private = tags_of({"kind": ["policy"]}, "00010002"), tags_of({}, "000100030001")
    made.add({n: lexical_text("honey", tags=" ".join(private)) for n in range(60)})
    made.add({60: lexical_text("honey and much else beside", tags=" ".join(public))})
    made.commit()
    chosen = select(*range(61), kind=["policy"])
    assert find(made, "honey", selection=chosen) == [60]
    mask = np.zeros(200, dtype=bool)
    mask[60] = True
    barred = select(60)
    object.__setattr__(barred, "barred_scopes", frozenset({"00010003"}))
    assert find(made, "honey", selection=barred) == [60]


def test_a_removed_passage_is_not_found() -> None:
    made = index_of("honey", "honey")
    made.remove([0])
    made.commit()
    assert find(made, "honey") == [1]
    made.remove([1])
    made.commit()
    assert find(made, "honey") == []
    assert len(made) == 0


def test_passages_added_later_are_found_beside_the_earlier() -> None:
    made = index_of("honey")
    made.add({5: lexical_text("honey again")})
    made.commit()
    assert sorted(find(made, "honey")) == [0, 5]


def test_an_empty_index_and_an_empty_question_find_nothing() -> None:
    assert find(LexicalIndex(), "honey") == []
    assert find(index_of("honey"), "") == []
    assert find(index_of("honey"), "?!") == []


def test_what_must_be_held_to_the_letter_is_looked_for_in_every_spelling() -> None:
    made = index_of("Decision 148 of 2023", "148/QĐ-TTg", "QĐ 1489", "five star OCOP", "OCOP 5 sao")

    def exact(*parts: list[ExactWords]) -> list[int]:
        return sorted(made.exact(parts, selection=select(), limit=10).tolist())

    code = [ExactWords(("148", "qd"), in_a_row=False), ExactWords(("decision", "148"), in_a_row=False)]  # fmt: skip
    assert exact(code) == [0, 1]
    assert exact([ExactWords(("ocop", "5", "sao"), in_a_row=True)]) == [4]
    assert exact(code, [ExactWords(("2023",), in_a_row=True)]) == [0]


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("qu", {0}),
        ("quyet di", {0}),
        ("dinh", {0}),
        ("148", {0}),
        ("cooking o", {1}),
        ("村の", {2}),
        ("産", {2}),
        ("産品", {2}),
        ("品産", set()),
        ("ผลิตภัณฑ์ชุม", {3}),
        ("zz", set()),
        ("?", set()),
    ],
)
def test_titles_that_go_on_as_typed(typed: str, titles: set[int]) -> None:
    made = LexicalIndex()
    for slot, title in enumerate(
        [
            "Quyết định 148/QĐ-TTg",
            "Cooking oil of Kamwendo",
            "一村の産品",
            "การคัดสรรผลิตภัณฑ์ชุมชนดีเด่นของจังหวัด",
        ]
    ):
        made.add({slot: lexical_text("text", title=title)})
    made.commit()
    assert set(made.titles_begun(typed, selection=select(), limit=10).tolist()) == titles
    assert made.titles_begun(typed, selection=select(9), limit=10).tolist() == []


def test_a_title_has_its_words_and_where_no_spaces_are_its_letters() -> None:
    assert title_tokens("Honey 5 sao") == ["honey", "5", "sao"]
    assert title_tokens("産品") == ["産品", "産", "品"]
    assert begun_tokens("一村の") == ["一村", "村の"]


def test_a_misspelt_word_is_known_again_but_never_from_what_is_barred() -> None:
    made = index_of("certificate of origin", "lacquer")
    assert made.spelt_alike("certifcate", selection=select()) == "certificate"
    assert made.spelt_alike("certificate", selection=select()) is None
    made = LexicalIndex()
    made.add({0: lexical_text("certificate", tags=" ".join(tags_of({}, "00010001")))})
    made.commit()
    barred = select(0)
    object.__setattr__(barred, "barred_scopes", frozenset({"00010001"}))
    assert made.spelt_alike("certifcate", selection=barred) is None

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.passages import (
    MAXIMUM_TOKENS,
    TARGET_TOKENS,
    estimate_tokens,
    split_into_passages,
    split_into_sentences,
)
from embeddings.types import Section

SENTENCES = {
    "en": "The committee approved the new grading rules for village products last year.",
    "vi": "Hội đồng cấp tỉnh đánh giá và phân hạng sản phẩm của các hợp tác xã.",
    "fr": "Les coopératives villageoises vendent leurs produits sur le marché régional.",
    "ja": "村の人々は地元の産品を市場で販売しています。",
    "zh": "村民们在当地市场上出售他们生产的农产品。",
    "km": "អ្នកភូមិផលិតទំនិញហើយលក់នៅទីផ្សារក្នុងស្រុក។",
    "my": "ရွာသူရွာသားများသည် ဒေသထွက်ကုန်များကို ဈေးတွင် ရောင်းချကြသည်။",
    "am": "የመንደሩ ነዋሪዎች ምርቶቻቸውን በአካባቢው ገበያ ይሸጣሉ።",
    "ar": "هل يبيع سكان القرى منتجاتهم في السوق المحلية؟",
}
WITHOUT_SPACES = {"ja", "zh", "km", "my"}
CLAUSES = {
    "th": ["คณะกรรมการคัดสรรผลิตภัณฑ์ชุมชนจากทุกตำบลในจังหวัด", "และประกาศผลการคัดสรรบนเว็บไซต์ของกรมในเดือนถัดไป"],
    "lo": ["ຊາວບ້ານຜະລິດສິນຄ້າແລະຂາຍໃນຕະຫຼາດທ້ອງຖິ່ນທຸກໆອາທິດ", "ລັດຖະບານສະໜັບສະໜູນການຝຶກອົບຮົມໃຫ້ແກ່ຊາວບ້ານໃນເມືອງ"],
}  # fmt: skip

texts = st.text(
    alphabet=st.one_of(
        st.sampled_from('ab Z.!?,;\n 0123456789 éđạ \u00a0น้ำ ດາວ 水星。ទឹក។ ရေ။ ماء؟ ውሃ። "”)»'),
        st.characters(codec="utf-8", exclude_categories=["Co", "Cs"]),
    ),
    max_size=900,
)


def packed(text: str) -> str:
    return "".join(text.split())


def of(text: str, heading: str = "") -> list[str]:
    return [one.text for one in split_into_passages([Section(heading=heading, text=text)])]


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_sentences_end_where_the_script_ends_them(language: str) -> None:
    sentence = SENTENCES[language]
    space = "" if language in WITHOUT_SPACES else " "
    assert split_into_sentences(space.join([sentence] * 3)) == [sentence] * 3


@pytest.mark.parametrize("language", sorted(CLAUSES))
def test_a_space_ends_a_clause_in_scripts_without_sentence_marks(language: str) -> None:
    assert split_into_sentences(" ".join(CLAUSES[language])) == CLAUSES[language]


def test_short_thai_clauses_stay_together() -> None:
    assert split_into_sentences("สินค้า OTOP ระดับ 5 ดาว") == ["สินค้า OTOP ระดับ 5 ดาว"]


@pytest.mark.parametrize(
    "sentence",
    [
        "สำนักงานการตรวจเงินแผ่นดินพบว่าโครงการใช้งบประมาณรวมทั้งสิ้น 9,328.12 ล้านบาท",
        "กรมการพัฒนาชุมชนขึ้นทะเบียนผู้ผลิตผู้ประกอบการทั่วประเทศไว้ 93,414 ราย",
        "ประเทศไทยเริ่มโครงการหนึ่งตำบลหนึ่งผลิตภัณฑ์ตั้งแต่ปี พ.ศ. 2544",
        "โครงการหนึ่งตำบลหนึ่งผลิตภัณฑ์ดำเนินงานมาตั้งแต่ปี 2544 (ค.ศ. 2001)",
        "ผลิตภัณฑ์ที่พัฒนาได้แก่ OTOP Premium, Young OTOP, Young Designer, OTOP for the Elderly",
    ],
)
def test_a_figure_stays_with_its_unit_and_a_foreign_name_whole(sentence: str) -> None:
    assert split_into_sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Sales grew by 12.5 percent in 2023.",
        "Giá một hũ mật ong là 45.000 đồng.",
        "Decision No. 148 was signed on 24.2.2023.",
        "Dr. Nguyễn and Mrs. Trần spoke.",
        "Sự kiện diễn ra tại TP. Hồ Chí Minh.",
        "It began in B.E. 2544 in every tambon.",
        "A. Product strength has forty points.",
        "โครงการเริ่มใน พ.ศ. 2544 ทุกตำบล",
    ],
)
def test_abbreviations_and_decimals_are_not_cut(sentence: str) -> None:
    assert split_into_sentences(sentence) == [sentence]


def test_quotation_marks_stay_with_their_sentence() -> None:
    text = 'The chairman said "stop." Then he left the meeting.'
    assert split_into_sentences(text) == [
        'The chairman said "stop."',
        "Then he left the meeting.",
    ]


def test_a_sentence_too_short_to_say_anything_stays_with_the_one_before() -> None:
    text = "The product was graded again. 5 sao. The council met in the spring."
    assert split_into_sentences(text) == [
        "The product was graded again. 5 sao.",
        "The council met in the spring.",
    ]


def test_a_word_that_begins_a_paragraph_stays_with_what_it_is_about() -> None:
    text = "The first paragraph.\nLaos. A ministerial decision names the goods.\nNepal."
    assert split_into_sentences(text) == [
        "The first paragraph.",
        "Laos. A ministerial decision names the goods.",
        "Nepal.",
    ]


def test_a_line_break_always_ends_a_sentence() -> None:
    assert split_into_sentences("Dr.\nNguyễn · 40 · 35\nThird row") == [
        "Dr.",
        "Nguyễn · 40 · 35",
        "Third row",
    ]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_gives_no_passage_and_no_sentence(text: str) -> None:
    assert of(text) == []
    assert split_into_sentences(text) == []
    assert split_into_passages([]) == []


@given(texts)
def test_no_text_is_lost_in_passages(text: str) -> None:
    assert packed("".join(of(text))) == packed(text)


@given(texts)
def test_no_text_is_lost_in_sentences(text: str) -> None:
    sentences = split_into_sentences(text)
    assert packed("".join(sentences)) == packed(text)
    assert all(sentence and sentence in text for sentence in sentences)


@given(
    st.lists(st.sampled_from([*SENTENCES.values(), *CLAUSES["th"], *CLAUSES["lo"]]), max_size=40)
)
@settings(max_examples=50)
def test_passages_stay_within_their_size(sentences: list[str]) -> None:
    passages = of(" ".join(sentences))
    assert all(estimate_tokens(one) <= MAXIMUM_TOKENS for one in passages)


@pytest.mark.parametrize("language", ["en", "vi", "ja", "km", "am", "ar"])
def test_a_long_text_is_cut_between_sentences(language: str) -> None:
    sentence = SENTENCES[language]
    passages = of(" ".join([sentence] * 30))
    assert len(passages) > 1
    assert all(one.endswith(sentence[-1]) and one.startswith(sentence[:8]) for one in passages)
    assert all(estimate_tokens(one) >= TARGET_TOKENS / 2 for one in passages[:-1])


@pytest.mark.parametrize("language", ["th", "lo"])
def test_a_long_text_without_sentence_marks_is_cut_at_a_space(language: str) -> None:
    clauses = CLAUSES[language] * 12
    passages = of(" ".join(clauses))
    assert len(passages) > 1
    assert {piece for one in passages for piece in one.split(" ")} == set(clauses)


def test_a_word_longer_than_a_passage_is_still_cut() -> None:
    passages = of("x" * 5000)
    assert "".join(passages) == "x" * 5000
    assert max(map(estimate_tokens, passages)) <= MAXIMUM_TOKENS


def test_each_section_starts_a_passage_and_keeps_its_heading() -> None:
    sections = [
        Section(heading="", text="Summary."),
        Section(heading="Grading › Stars", text=" ".join([SENTENCES["en"]] * 20)),
        Section(heading="Empty", text="   "),
        Section(heading="Limits", text="Short."),
    ]
    passages = split_into_passages(sections)
    assert [one.position for one in passages] == list(range(len(passages)))
    assert passages[0].heading == ""
    assert passages[0].text == "Summary."
    assert {one.heading for one in passages[1:-1]} == {"Grading › Stars"}
    assert len(passages) > 4
    assert (passages[-1].heading, passages[-1].text) == ("Limits", "Short.")


def test_marks_leave_the_text_and_their_codes_stay_with_the_passage() -> None:
    text = (
        "Forty points [@VN-21]. "
        + SENTENCES["en"]
        + " "
        + SENTENCES["en"]
        + " "
        + " ".join([SENTENCES["en"]] * 20)
        + " Thirty-six months [@VN-23; @VN-21]."
    )
    passages = split_into_passages([Section(heading="Stars [@VN-9]", text=text)])
    assert "".join(one.text for one in passages).count("@") == 0
    assert {one.heading for one in passages} == {"Stars"}
    assert passages[0].text.startswith("Forty points. The committee")
    assert passages[0].cited == ("VN-21",)
    assert passages[-1].cited == ("VN-23", "VN-21")
    assert all(one.cited == () for one in passages[1:-1])


def test_a_mark_is_never_cut_in_two() -> None:
    text = " ".join(f"word{number} [@VN-{number}]" for number in range(400))
    passages = split_into_passages([Section(heading="", text=text)])
    assert [code for one in passages for code in one.cited] == [f"VN-{n}" for n in range(400)]
    assert "".join(packed(one.text) for one in passages) == "".join(f"word{n}" for n in range(400))


def test_a_section_of_marks_alone_leaves_no_gap_in_the_positions() -> None:
    """Browsing lists the passage at position 0 of each document."""
    sections = [Section(heading="", text="[@VN-1]"), Section(heading="", text="Text.")]
    passages = split_into_passages(sections)
    assert [(one.position, one.text) for one in passages] == [(0, "Text.")]


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a" * 42, 10), ("ก" * 30, 10), ("村" * 16, 10), ("ማ" * 16, 10)]
)
def test_sizes_are_estimated_by_script(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_no_passage_begins_within_a_thai_year() -> None:
    clause = "กรมการพัฒนาชุมชนมีข้อมูลย้อนไปถึงปี พ.ศ. 2544 (ค.ศ. 2001) และนับปีดำเนินงานจากปีนั้น "
    passages = split_into_passages([Section(heading="", text=clause * 30)])
    assert len(passages) > 1
    assert all(one.text.startswith("กรม") for one in passages)
    assert " ".join(one.text for one in passages) == (clause * 30).strip()

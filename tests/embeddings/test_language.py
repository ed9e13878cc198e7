import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.language import (
    NamesByBeginning,
    accents_tell,
    detect_language,
    fold,
    folded_words,
    is_unaccented,
    language_of_question,
    normalize,
    plain_digits,
)

SENTENCES = {
    "en": "The committee approved the new grading rules for village products last year.",
    "vi": "Hội đồng cấp tỉnh đánh giá và phân hạng sản phẩm của các hợp tác xã.",
    "th": "คณะกรรมการคัดสรรผลิตภัณฑ์ชุมชนจากทุกตำบลในจังหวัด",
    "ja": "村の人々は地元の産品を市場で販売しています。",
    "fr": "Les coopératives villageoises vendent leurs produits sur le marché régional.",
    "lo": "ຊາວບ້ານຜະລິດສິນຄ້າແລະຂາຍໃນຕະຫຼາດທ້ອງຖິ່ນ",
    "km": "អ្នកភូមិផលិតទំនិញហើយលក់នៅទីផ្សារក្នុងស្រុក។",
    "id": "Pemerintah desa memberikan pelatihan kepada para perajin agar produknya dapat dijual.",
    "ms": "Kerajaan negeri memberikan latihan kepada usahawan kampung supaya produk boleh dijual.",
    "my": "ရွာသူရွာသားများသည် ဒေသထွက်ကုန်များကို ဈေးတွင် ရောင်းချကြသည်။",
    "tl": "Ang mga magsasaka ay nagbebenta ng kanilang mga produkto sa pamilihan ng bayan.",
    "zh": "村民们在当地市场上出售他们生产的农产品。",
    "ko": "마을 주민들은 지역 시장에서 생산한 제품을 판매합니다.",
    "pt": "As cooperativas das aldeias vendem os seus produtos nos mercados da região.",
    "es": "Las cooperativas de los pueblos venden sus productos en los mercados de la región.",
    "sw": "Wanakijiji wanauza bidhaa zao katika soko la mkoa kila wiki.",
    "ar": "يبيع سكان القرى منتجاتهم في السوق المحلية كل أسبوع.",
    "am": "የመንደሩ ነዋሪዎች ምርቶቻቸውን በአካባቢው ገበያ ይሸጣሉ።",
}


@pytest.mark.parametrize("language", [code for code in SENTENCES if code != "ms"])
def test_a_sentence_is_recognised_in_each_content_language(language: str) -> None:
    assert detect_language(SENTENCES[language]) == language


def test_malay_is_told_from_indonesian_only_by_its_declaration() -> None:
    """langdetect has no Malay."""
    assert detect_language(SENTENCES["ms"]) == "id"
    assert detect_language(SENTENCES["ms"], declared="ms") == "ms"


@pytest.mark.parametrize("language", [code for code in SENTENCES if code != "ms"])
def test_a_question_as_long_as_a_sentence_is_recognised_too(language: str) -> None:
    assert language_of_question(SENTENCES[language]) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Lý Sơn garlic", None),
        ("OCOP Quảng Nam budget", None),
        ("decision 148/QĐ-TTg", None),
        ("Saemaul Undong vs OVOP", None),
        ("Japanese sake", None),
        ("OVOP Zambia", None),
        ("OCOP 5 sao", None),
        ("bao bi", None),
        ("embalagem", None),
        ("qué es OVOP", None),
        ("san pham ocop ha noi", "vi"),
        ("xuc tien thuong mai san pham ocop", "vi"),
        ("rượu", "vi"),
        ("mkopo kwa wanawake", "sw"),
        ("o que falhou", "pt"),
        ("paano kumuha ng sertipikasyon", "tl"),
        ("一村一品", "zh"),
    ],
)
def test_names_numbers_and_two_words_tell_no_language(question: str, language: str | None) -> None:
    assert language_of_question(question) == language


@pytest.mark.parametrize(
    ("question", "reads"),
    [
        ("usine ODOF Madagascar combien de districts", "fr"),
        ("syarat bintang 5 izin usaha", "id"),
        ("malwi ovop donor exit", "en"),
        ("ban hang shopee tiktok san pham ocop", "vi"),
    ],
)
def test_a_short_question_that_may_be_in_the_readers_language_is(question: str, reads: str) -> None:
    assert language_of_question(question) != reads
    assert language_of_question(question, preferred=[reads]) == reads


def test_a_short_question_in_another_language_than_the_readers_is_told_still() -> None:
    assert language_of_question("mkopo kwa wanawake", preferred=["en"]) == "sw"
    assert language_of_question("combien de districts ont une usine", preferred=["vi"]) == "fr"


def test_who_reads_swahili_does_not_write_vietnamese_without_accents() -> None:
    assert language_of_question("bei ya petroli Kenya leo") == "vi"
    assert language_of_question("bei ya petroli Kenya leo", preferred=["sw"]) != "vi"


def test_who_reads_japanese_may_write_it_in_chinese_characters_alone() -> None:
    assert language_of_question("認証制度", preferred=["ja"]) == "ja"
    assert language_of_question("认证制度有哪些", preferred=["en"]) == "zh"


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_the_declared_language_is_confirmed_by_its_own_text(language: str) -> None:
    assert detect_language(SENTENCES[language], declared=language) == language


@pytest.mark.parametrize(
    ("word", "language"),
    [("ນ້ຳເຜິ້ງ", "lo"), ("ទឹកឃ្មុំ", "km"), ("ပျားရည်", "my"), ("ማር", "am"), ("น้ำผึ้ง", "th"), ("꿀", "ko"), ("عسل", "ar")],
)  # fmt: skip
def test_one_word_is_enough_where_the_script_belongs_to_one_language(
    word: str, language: str
) -> None:
    assert detect_language(word) == language


@pytest.mark.parametrize("text", ["", "   ", "12.5", "1489/2025", "?!", "honey", "miel"])
def test_nothing_is_said_of_a_text_too_short_to_judge(text: str) -> None:
    assert detect_language(text) is None


@pytest.mark.parametrize("acronym", ["OTOP", "OCOP", "OVOP"])
def test_an_acronym_of_the_field_alone_has_no_language(acronym: str) -> None:
    """The reader would be told that the question "OTOP" reads as Portuguese."""
    assert detect_language(acronym) is None


@pytest.mark.parametrize(
    "text",
    [
        "Who in the village decides about the products Кто решает в деревне о продуктах",
        "Who decides what a village makes Кто решает в деревне какой продукт делать, и почему",
        "Who in the village decides about the products Ποιος αποφασίζει στο χωριό",
    ],
)
def test_latin_letters_decide_nothing_beside_a_script_that_is_not_known(text: str) -> None:
    assert detect_language(text) is None


@pytest.mark.parametrize("text", ["", "12.5", "honey", "OTOP", "eau potable"])
def test_the_declared_language_wins_over_a_guess_from_little_text(text: str) -> None:
    assert detect_language(text, declared="sw") == "sw"


def test_a_long_text_surely_in_another_latin_language_overrules_its_declaration() -> None:
    assert detect_language(" ".join([SENTENCES["fr"]] * 4), declared="en") == "fr"


@pytest.mark.parametrize("declared", ["en", "ja", "ar"])
def test_a_script_that_contradicts_overrules_the_declaration(declared: str) -> None:
    assert detect_language(SENTENCES["th"], declared=declared) == "th"


def test_latin_letters_under_a_declared_thai_are_not_thai() -> None:
    assert detect_language(SENTENCES["en"], declared="th") == "en"


def test_a_vietnamese_place_name_does_not_make_an_english_text_vietnamese() -> None:
    text = "Who certifies products in Đồng Tháp province and how long is the certificate valid?"
    assert detect_language(text, declared="en") == "en"


def test_an_english_question_about_a_vietnamese_province_is_not_labelled_vietnamese() -> None:
    text = "Who certifies products in Đồng Tháp province and how long is the certificate valid?"
    assert detect_language(text) in {"en", None}


def test_a_declared_japanese_title_without_kana_stays_japanese() -> None:
    """Han characters are Japanese script too."""
    assert detect_language("大分県一村一品運動", declared="ja") == "ja"


def test_a_mostly_thai_text_with_latin_acronyms_is_thai() -> None:
    assert detect_language("สินค้า OTOP ระดับ 5 ดาว ของจังหวัดขอนแก่น") == "th"


def test_a_decomposed_vietnamese_text_is_recognised() -> None:
    import unicodedata

    assert detect_language(unicodedata.normalize("NFD", SENTENCES["vi"])) == "vi"


def test_the_same_text_always_gets_the_same_answer() -> None:
    text = "Les produits do mercado"
    assert len({detect_language(text) for _ in range(20)}) == 1


@given(st.text(max_size=80), st.sampled_from([None, *SENTENCES]))
def test_detection_answers_for_any_text(text: str, declared: str | None) -> None:
    assert detect_language(text, declared=declared) in {None, *SENTENCES}


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Sản phẩm", "san pham"),
        ("Đồng Tháp", "dong thap"),
        ("ĐƯỜNG", "duong"),
        ("đ", "d"),
        ("Straße", "strasse"),
        ("Accès à l’été", "acces a l’ete"),
        ("İSTANBUL", "istanbul"),
        ("Ōita", "oita"),
        ("São Tomé", "sao tome"),
        ("ＯＣＯＰ", "ocop"),
    ],
)
def test_folding_takes_case_and_latin_accents_away(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    "text", ["น้ำผึ้ง", "ນ້ຳເຜິ້ງ", "ទឹកឃ្មុំ", "ပျားရည်", "がぎぐ", "蜂蜜", "꿀", "عسلٌ", "ማር"]
)
def test_folding_leaves_the_marks_of_other_scripts(text: str) -> None:
    assert fold(text) == normalize(text)


def test_both_spellings_of_thai_sara_am_meet() -> None:
    assert normalize("น\u0e49\u0e33") == normalize("น\u0e49\u0e4d\u0e32")


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@pytest.mark.parametrize("text", ["san pham OCOP", "Dong Thap", "148", "", "น้ำผึ้ง", "蜂蜜"])
def test_a_text_without_accents_is_unaccented(text: str) -> None:
    assert is_unaccented(text)


@pytest.mark.parametrize("text", ["sản phẩm", "đ", "accès", "Ōita"])
def test_a_text_with_accents_is_not_unaccented(text: str) -> None:
    assert not is_unaccented(text)


@pytest.mark.parametrize("text", ["vé máy bay", "đ", "cafetière", "quý", "hoàng", "VÉ"])
def test_accents_tell_words_apart(text: str) -> None:
    assert accents_tell(text)


@pytest.mark.parametrize(
    "text", ["ve may bay", "hoá đơn", "hóa đơn", "khỏe", "Uỷ ban", "ủy", "ปลา"]
)
def test_no_accents_tell_nothing_nor_do_those_that_stand_on_either_letter(text: str) -> None:
    assert not accents_tell(text)


def test_digits_of_all_scripts_are_those_of_ascii() -> None:
    assert plain_digits("๑๔๘ ໑໔໘ ១៤៨ ၁၄၈ ١٤٨ ۱۴۸ १४८ １４８") == " ".join(["148"] * 8)


def test_numbers_stand_apart_from_letters_of_scripts_without_spaces() -> None:
    assert folded_words("第148号のOCOPは") == ["第", "148", "号の", "ocop", "は"]
    assert folded_words("ปี๒๕๖๗ของOTOPไทย") == ["ปี", "2567", "ของ", "otop", "ไทย"]
    assert folded_words("제148호") == ["제", "148", "호"]
    assert folded_words("h5n1") == ["h5n1"]


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
    assert folded_words(word) in ([], [normalize(word)])


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("honey and tea", ["honey", "tea", "hon"]),
        ("steam", ["tea"]),
        ("te", []),
        ("", []),
        ("นมผึ้งและน้ำผึ้ง", ["ผึ้ง"]),
    ],
)
def test_names_are_found_inside_a_text_by_their_beginning(text: str, held: list[str]) -> None:
    names = NamesByBeginning(["honey", "tea", "ผึ้ง", "", "hon", "rice"], letters=3)
    assert {names.names[number] for number in names.inside(text)} == set(held)

import pytest

from embeddings.exact import ExactParts, exact_parts


def codes(text: str) -> list[list[str]]:
    """Return each code as the reader spelt it."""
    return [sorted(code.spellings[0]) for code in exact_parts(text).codes]


def phrases(text: str) -> list[str]:
    return [phrase.text for phrase in exact_parts(text).phrases]


def dates(text: str) -> list[str]:
    return [date.iso for date in exact_parts(text).dates]


def holds(text: str, question: str) -> bool:
    return exact_parts(question).matches(text)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "How do villages keep product quality high?",
        "What happened to the cooperatives in 2021 after the fair closed?",
        "Which 5 products sold best at the fairs of the last year?",
        "how do 5-star products sell abroad and who buys them",
        "Các sản phẩm đạt 3 sao năm 2022 được hỗ trợ thế nào?",
        "quelle part des 500 produits vendus en 2019 vient de groupes de femmes",
        "2021",
        "ผลิตภัณฑ์ได้รับการจัดระดับดาวอย่างไรในปี พ.ศ. 2567",
        "製品はどのように星で格付けされますか？",
        "l'eau des villages n'est pas l'eau d’une ville",
    ],
)
def test_a_question_in_natural_language_has_no_exact_part(question: str) -> None:
    assert exact_parts(question) == ExactParts()
    assert not exact_parts(question)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("QĐ 148", ["148", "qd"]),
        ("qd 148", ["148", "qd"]),
        ("148 QĐ", ["148", "qd"]),
        ("148/QĐ-TTg", ["148", "qd", "ttg"]),
        ("148/qd-ttg", ["148", "qd", "ttg"]),
        ("Quyết định số 1489", ["1489", "dinh", "quyet"]),
        ("quyet dinh 1489", ["1489", "dinh", "quyet"]),
        ("Decision No. 1048", ["1048", "decision"]),
        ("what did Decision 1048 say about how products are graded?", ["1048", "decision"]),
        ("Décret n° 57", ["57", "decret"]),
        ("Thông báo số 351", ["351", "bao"]),
        ("Republic Act 11960", ["11960", "act"]),
        ("A/RES/70/1", ["1", "70", "a", "res"]),
        ("ISO 22000", ["22000", "iso"]),
        ("ISO 22000:2018", ["22000", "iso"]),
        ("ISO22000", ["iso22000"]),
        ("OPC 2567", ["2567", "opc"]),
        ("1225", ["1225"]),
        ("１４８", ["148"]),
        ("第148号", ["148"]),
        ("เลขที่ ๑๔๘", ["148"]),
        ("คำสั่งเลขที่ 1225", ["1225"]),
        ("คำสั่งที่ ๑๒๒๕", ["1225"]),
        ("คำสั่ง 148 ของเวียดนามให้คะแนนชุมชนกี่คะแนน", ["148"]),
        ("ເລກທີ ໑໒໒໕", ["1225"]),
        ("ຂໍ້ຕົກລົງ 1225 ຂອງກະຊວງ", ["1225"]),
        ("សេចក្តីសម្រេច ១៤៨", ["148"]),
        ("ベトナムの決定148では何点か", ["148"]),
        ("លេខ ២៥៨", ["258"]),
        ("رقم ١٤٨", ["148"]),
        ("القرار رقم ١٤٨", ["148", "قرار"]),
        ("المرسوم ١٤٨", ["148", "مرسوم"]),
        ("ベトナム首相決定１０４８号", ["1048"]),
        ("uamuzi namba 1225", ["1225", "uamuzi"]),
        ("Keputusan Nomor 57", ["57", "keputusan"]),
        ("decreto número 148", ["148", "decreto"]),
        ("OTOPคำสั่งเลขที่ 1225", ["1225"]),
    ],
)
def test_a_document_number_is_a_code_in_every_script(question: str, found: list[str]) -> None:
    assert codes(question) == [found]
    assert phrases(question) == []


@pytest.mark.parametrize(
    "question",
    [
        "OCOP 2023",
        "decision 2021",
        "mid-2020",
        "3/5",
        "35/25/40",
        "2018-2020",
        "số 5",
        "1.048 xã",
        "100/ngày",
        "500đ/kg",
        "5-star",
    ],
)
def test_years_counts_and_shares_are_no_codes(question: str) -> None:
    assert codes(question) == []


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("QĐ 148", "Ngày 24/2/2023 ký Quyết định 148/QĐ-TTg thay thế", True),
        ("QĐ 148", "Decision 148 moved five points", True),
        ("Decision 148", "theo Quyết định số 148 của Thủ tướng", True),
        ("QĐ 148", "Decision 1489/QĐ-TTg", False),
        ("QĐ 148", "148 sản phẩm theo quy định của QĐ", False),
        ("1489/QĐ-TTg", "Quyết định 1489/QĐ-TTg ngày 6/7/2025", True),
        ("1489/QĐ-TTg", "Quyết định 148/QĐ-TTg", False),
        ("Republic Act 11960", "the Act, No. 11960 of 2023", True),
        ("Republic Act 11960", "11960 weavers", False),
        ("ISO22000", "certified to ISO 22000:2018", True),
        ("A/RES/70/1", "resolution A/RES/70/1 of 2015", True),
        ("A/RES/70/1", "70 of 1 hundred, a res", False),
        ("เลขที่ 1225", "คำสั่งเลขที่ ๑๒๒๕ ของลาว", True),
        ("第148号", "首相決定第148号により改正", True),
        ("RA 11960", "Republic Act 11960, signed on 24 August 2023", True),
        ("RA11960", "Republic Act No. 11960", True),
        ("RA 11960", "119,600 products; RA 10644", False),
        ("QD 1489", "1489 products were graded", False),
        ("رقم ١٤٨", "القرار رقم 148", True),
        ("uamuzi namba 1225", "Quyết định số 1225 của Thủ tướng", True),
        ("uamuzi namba 1225", "Uamuzi Na. 1225", True),
        ("uamuzi namba 1225", "samba 1225", False),
    ],
)
def test_a_code_is_found_where_its_words_stand_together(
    question: str, text: str, expected: bool
) -> None:
    assert holds(text, question) is expected


def test_at_most_one_other_word_may_stand_among_those_of_a_code() -> None:
    (code,) = exact_parts("Act 11960").codes
    assert code.matches("Act No. 11960")
    assert code.matches("11960 (Republic Act)")
    assert not code.matches("an act of no 11960")
    assert not code.matches("11960")


def test_two_numbers_are_two_codes_and_both_must_be_there() -> None:
    question = "What changed between Decision 1048 and QĐ 148?"
    assert codes(question) == [["148", "qd"], ["1048", "decision"]]
    assert holds("Decision 148 replaced Decision 1048", question)
    assert not holds("Decision 148 replaced another", question)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ('what does "internal strength" mean here?', ["internal strength"]),
        ("“chấm dễ” nghĩa là gì", ["chấm dễ"]),
        ("„chấm dễ“", ["chấm dễ"]),
        ("le slogan « une usine par district » à Madagascar", ["une usine par district"]),
        ("「梅栗植えてハワイへ行こう」とは", ["梅栗植えてハワイへ行こう"]),
        ("『三原則』", ["三原則"]),
        ("《一村一品》", ["一村一品"]),
        ("‘l’eau des villages’ et l’eau d’ici", ["l’eau des villages"]),
        ('"one" and "two"', ["one", "two"]),
        ("'it is the villagers' choice'", []),
        ('"" “” «»', []),
        ('an open " quotation', []),
        ("‘" * 500, []),
    ],
)
def test_what_stands_in_quotation_marks_is_a_phrase(question: str, found: list[str]) -> None:
    assert phrases(question) == found


@pytest.mark.parametrize(
    "question",
    ["OCOP 5 sao", "san pham ocop 5 sao", "TICAD IV", "bintang OVOP", "OTOP 5 ดาว", "5 products"],
)
def test_a_short_question_with_a_digit_or_capitals_is_a_phrase(question: str) -> None:
    (phrase,) = exact_parts(question).phrases
    assert phrase.text == question


@pytest.mark.parametrize(
    "question",
    [
        "OCOP",
        "hạng sao",
        "Lệ phí đánh giá sản phẩm OCOP lần đầu",
        "QĐ 148",
        "2025-08-06",
        "ấn phẩm “OCOP”",
    ],
)
def test_one_word_seven_words_no_capitals_or_a_nearer_part_make_no_whole_phrase(
    question: str,
) -> None:
    assert question not in phrases(question)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("OCOP 5 sao", "Sản phẩm OCOP 5 sao", True),
        ("OCOP 5 sao", "5 sao OCOP", False),
        ("OCOP 5 sao", "OCOP 5", False),
        ("san pham ocop 5 sao", "Sản phẩm OCOP 5 sao", True),
        ("“cham de”", "có nơi chấm dễ, có nơi", True),
        ("“ปรับตัวสู่การพัฒนา”", "อยู่ในกลุ่ม D ปรับตัวสู่การพัฒนาซึ่งอ่อนที่สุด", True),
        ("“ปรับตัวสู่การพัฒนา”", "ปรับตัวสู่ตลาดและการพัฒนา", False),
        ("「梅栗植えてハワイ」", "合言葉は「梅栗植えてハワイに行こう」です", True),
        ("OTOP 5 ดาว", "สินค้า OTOP 5 ดาวของไทย", True),
        ('"ໜຶ່ງເມືອງໜຶ່ງຜະລິດຕະພັນ"', "the district: ໜຶ່ງເມືອງໜຶ່ງຜະລິດຕະພັນ, in speech", True),
    ],
)
def test_a_phrase_is_found_in_a_row_with_or_without_accents_and_spaces(
    question: str, text: str, expected: bool
) -> None:
    assert holds(text, question) is expected


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("2025-08-06", "2025-08-06"),
        ("2025/8/6", "2025-08-06"),
        ("6.8.2025", "2025-08-06"),
        ("06/08/2025", "2025-08-06"),
        ("ngày 24/2/2023.", "2023-02-24"),
        ("what was decided on 24/2/2023, and by whom was it signed?", "2023-02-24"),
        ("12/31/2025", "2025-12-31"),
        ("2025-08", "2025-08"),
        ("8/2025", "2025-08"),
        ("2023年2月24日に何が決まったか", "2023-02-24"),
        ("2023年2月", "2023-02"),
        ("2023년 2월 24일에 무엇이", "2023-02-24"),
        ("văn bản ký ngày 24 tháng 2 năm 2023", "2023-02-24"),
        ("van ban ngay 24 thang 02 nam 2023", "2023-02-24"),
        ("Tháng 2 năm 2023", "2023-02"),
        ("٢٠٢٥-٠٨-٠٦", "2025-08-06"),
        ("６/８/２０２５", "2025-08-06"),
        ("6/8/2568", "2025-08-06"),
    ],
)
def test_a_date_in_digits_is_read_as_iso(question: str, found: str) -> None:
    assert dates(question) == [found]
    assert codes(question) == phrases(question) == []


@pytest.mark.parametrize(
    "question",
    ["31/31/2025", "2025-02-30", "2025-13", "0/2025", "24/7", "2018-2020", "1.2025", "148/2023/QĐ"],
)
def test_what_only_looks_like_a_date_is_none(question: str) -> None:
    assert dates(question) == []


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("2023-02-24", "Ngày 24/2/2023, Phó Thủ tướng ký", True),
        ("2023-02-24", "ngày 24 tháng 2 năm 2023", True),
        ("2023-02-24", "on 2023-02-24 it was signed", True),
        ("2023-02-24", "on 24.02.2023", True),
        ("2023-02-24", "2023年2月24日に署名", True),
        ("2023-02-24", "Ngày 2/4/2023", False),
        ("24/2/2023", "2023-02-24", True),
        ("2022-08", "tháng 8/2022", True),
        ("2022-08", "tháng 8 năm 2022", True),
        ("2022-08", "ngày 29/8/2022", True),
        ("2022-08", "2022年8月", True),
        ("2022-08", "tháng 8/2021", False),
        ("6/8/2568", "วันที่ 6/8/2568", True),
    ],
)
def test_a_date_is_found_however_its_digits_are_written(
    question: str, text: str, expected: bool
) -> None:
    assert holds(text, question) is expected


def test_a_phrase_has_words_only_where_spaces_say_where_they_end() -> None:
    assert exact_parts("OCOP 5 sao").phrases[0].words == ("ocop", "5", "sao")
    assert exact_parts("OTOP 5 ดาว").phrases[0].words == ()

import pytest

from embeddings.entities import facet_values, named_in, names_read
from embeddings.types import Entity


def country(code: str, *names: str) -> Entity:
    return Entity(facet="country", value=code, names=names, is_place=True)


COUNTRIES = (
    country("jp", "Japan", "Nhật Bản", "日本", "Japon"),
    country("la", "Laos", "Lào", "ລາວ"),
    country("ml", "Mali", "マリ", "مالي"),
    country("ne", "Niger", "ニジェール"),
    country("ng", "Nigeria", "ナイジェリア", "نيجيريا"),
    country("in", "India", "インド", "Ấn Độ"),
    country("id", "Indonesia", "インドネシア", "Indonésie"),
    country("sd", "Sudan"),
    country("ss", "South Sudan"),
    country("ke", "Kenya", "케냐", "كينيا"),
    country("kr", "South Korea", "한국"),
    country("co", "Colombia"),
    country("vn", "Vietnam", "Việt Nam", "เวียดนาม"),
)


def codes(text: str) -> list[str]:
    return [entity.value for entity in named_in(text, COUNTRIES)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("roadside stations in Japan", ["jp"]),
        ("Japanese shops and les artisans japonais", ["jp"]),
        ("ร้านค้าในเวียดนามและที่อื่น", ["vn"]),
        ("ماذا تبيع نيجيريا؟", ["ng"]),
        ("وبنيجيريا", ["ng"]),
        ("한국에서", ["kr"]),
        ("Kenyans y colombianos", ["ke", "co"]),
        ("l’artisanat indonésienne", ["id"]),
        ("ẤN ĐỘ chi bao nhiêu", ["in"]),
        ("an do chi bao nhieu", ["in"]),
        ("san pham cua viet nam", ["vn"]),
        ("Viet Nam and Laos", ["la", "vn"]),
        ("lao dong nong thon", []),
        ("lao động ở Lào", ["la"]),
        ("village products", []),
        ("", []),
    ],
)
def test_a_name_in_any_language_names_its_country(text: str, named: list[str]) -> None:
    assert codes(text) == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Nigeria and its neighbours", ["ng"]),
        ("South Sudan", ["ss"]),
        ("Sudan and South Sudan", ["sd", "ss"]),
        ("インドネシアの星評価", ["id"]),
        ("マリンスポーツ", []),
        ("malice", []),
        ("kenyataan rasmi", []),
        ("الناتج المحلي الإجمالي والموارد المالية", []),
        ("북한국민", []),
        ("người lao động", []),
    ],
)
def test_a_name_inside_a_longer_word_or_name_is_not_meant(text: str, named: list[str]) -> None:
    assert codes(text) == named


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("OTOPの展示", True),
        ("OTOPคือ", True),
        ("โครงการ otop ของไทย", True),
        ("「OTOP」とは", True),
        ("泰国OTOP产品", True),
        ("OTOP와 OVOP", True),
        ("ໂຄງການOTOPແມ່ນຫຍັງ", True),
        ("កម្មវិធីOTOPគឺ", True),
        ("برنامج OTOP", True),
        ("OTOPIA", False),
        ("myOTOPの", False),
        ("การแสดงของโอทอ", False),
    ],
)
def test_a_latin_name_is_named_beside_letters_of_scripts_without_spaces(
    text: str, is_named: bool
) -> None:
    otop = Entity(facet="programme", value="otop", names=("OTOP",))
    assert named_in(text, (otop,)) == [otop] * is_named


def test_facet_values_are_grouped() -> None:
    programme = Entity(facet="programme", value="ocop", names=("OCOP",))
    assert facet_values([*COUNTRIES[:2], programme]) == {
        "country": ["jp", "la"],
        "programme": ["ocop"],
    }


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("how do weavers sell", "how do weavers sell"),
        ("How Vietnam helps Weavers", "How helps Weavers"),
        ("Việt Nam giúp Thợ dệt", "giúp Thợ dệt"),
        ("viet nam giup tho det", "giup tho det"),
        ("Japanese shops and les artisans japonais", "shops and les artisans"),
        ("l’artisanat indonésienne", "l’artisanat"),
        ("South Sudan and the Sudan", "and the"),
        ("ร้านค้าในเวียดนามและที่อื่น", "ร้านค้าใน และที่อื่น"),
        ("日本の道の駅", "の道の駅"),
        ("ماذا تبيع وبنيجيريا؟", "ماذا تبيع ؟"),
        ("Straße in Kenya", "Straße in"),
        ("Kenya", ""),
        ("", ""),
    ],
)
def test_what_is_asked_is_left_as_it_was_written_without_the_names(text: str, rest: str) -> None:
    assert names_read(text, COUNTRIES)[1] == rest


def test_a_name_in_two_scripts_stands_among_letters_without_spaces() -> None:
    network = country("x", "ເຄືອຂ່າຍ OCOP ອາຊຽນ")
    assert named_in("ແຜນກິດຈະກຳເຄືອຂ່າຍ OCOP ອາຊຽນແຕ່ລະປີ", (network,)) == [network]
    mixed = country("y", "OCOPネットワーク")
    assert named_in("ASEANのOCOPネットワークとは", (mixed,)) == [mixed]
    assert named_in("ECOCOPネットワーク", (mixed,)) == []


def test_an_arabic_adjective_has_the_article() -> None:
    thailand = country("th", "تايلاند")
    for text in ("القرى التايلاندية", "قرى تايلاندية", "للتايلانديين", "والتايلاندي"):
        assert named_in(text, (thailand,)) == [thailand]
    assert named_in("الدعم المالي", (country("ml", "مالي"),)) == []  # financial, not of Mali


def test_nothing_is_filed_under_a_place_without_a_facet() -> None:
    town = Entity(facet="", value="MW-ZO", names=("Zomba",), is_place=True)
    assert facet_values([town, *COUNTRIES[:1]]) == facet_values(COUNTRIES[:1])

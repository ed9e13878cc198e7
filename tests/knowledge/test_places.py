"""A province is found by its name in any script."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from embeddings.entities import named_in
from embeddings.types import Entity
from knowledge.search.places import known_places, names_of, read_places
from knowledge.search.results import KnowledgeResults
from tests.factories import work

Ask = Callable[..., KnowledgeResults]
PLACES = {place["code"]: place for place in read_places()}


def test_each_place_has_a_code_and_a_name_in_latin_letters_and_stands_once() -> None:
    codes = [place["code"] for place in read_places()]
    assert len(codes) == len(set(codes)) > 300
    for code, place in PLACES.items():
        assert re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", code)
        assert place["latin"], code
        assert all(name == name.strip() and ";" not in name for name in names_of(place)), code


def test_no_name_means_two_places() -> None:
    names = Counter(name.casefold() for place in PLACES.values() for name in names_of(place))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize(
    "word",
    [
        "เลย",  # at all
        "แพร่",  # to spread
        "ตาก",  # to dry
        "น่าน",  # inside other words
        "ตราด",
        "大分",  # considerably
        "三重",  # threefold
        "Nan",
        "Tak",
        "Mie",
        "Saga",
        "Hòa Bình",  # peace
    ],
)
def test_no_name_is_an_everyday_word(word: str) -> None:
    assert word not in {name for one in known_places() for name in one.names}


@pytest.mark.parametrize(
    ("question", "language", "told"),
    [
        ("ニンビン", "vi", "Gốm Bồ Bát ở Ninh Bình."),
        ("นิญบิ่ญ", "vi", "Gốm Bồ Bát ở Ninh Bình."),
        ("ハノイ", "vi", "Hội nghị họp tại Hà Nội."),
        ("هانوي", "vi", "Hội nghị họp tại Hà Nội."),
        ("Chiang Mai", "th", "กลุ่มทอผ้าใน เชียงใหม่"),
        ("チェンマイ", "th", "กลุ่มทอผ้าใน เชียงใหม่"),
        ("Oita", "ja", "大分県 の町で始まった。"),
        ("オアハカ", "vi", ""),
    ],
)
@pytest.mark.django_db
def test_what_names_the_place_is_found_from_any_script(
    ask: Ask, question: str, language: str, told: str
) -> None:
    work(title="Bamboo", text="Bamboo.")
    if told:
        work(title="Told", text=told, language=language)
    answer = ask(question)
    assert [card.title for card in answer.cards] == ["Told"] * bool(told)
    assert bool(answer.expansions) is bool(told)


@pytest.mark.django_db
def test_what_is_asked_about_the_place_comes_first_and_what_only_names_it_before_the_rest(
    titles: Callable[..., list[str]],
) -> None:
    work(title="Elsewhere", text="Honey, honey and more honey.")
    work(title="There", text="Tre ở Ninh Bình.", language="vi")
    work(title="Asked", text="Mật ong ở Ninh Bình.", language="vi")
    assert titles("ニンビンの蜂蜜")[0] == "Asked"
    assert titles("ニンビンの蜂蜜")[1:] == ["There", "Elsewhere"]


def test_a_province_does_not_name_the_country_that_its_name_begins_with() -> None:
    thailand = Entity(facet="country", value="th", names=("Thái", "Thailand"), is_place=True)
    known = (thailand, *known_places())
    assert [one.value for one in named_in("chè Thái Nguyên", known)] == ["VN-69"]
    assert named_in("chè Thái", known) == [thailand]

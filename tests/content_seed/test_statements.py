import pytest

from content_seed.statements import faults, numbers_in

ENGLISH = {"VN-1": "In May 2018 about 1.2 million people had VND 45,000 billion.", "VN-2": "Two."}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1.2 million", ["12"]),
        ("1,2 triệu", ["12"]),
        ("120万", ["12"]),
        ("8 340 et 8\u00a0340 et 8,340", ["834", "834", "834"]),
        ("๒๕๖๑", ["2561"]),
        ("0", ["0"]),
        ("17 countries, 0.2%", ["17", "2"]),
        ("6,000 m2 and K600", ["6", "6"]),
        ("none", []),
    ],
)
def test_numbers_are_the_same_however_they_are_written(text: str, numbers: list[str]) -> None:
    assert sorted(numbers_in(text).elements()) == sorted(numbers)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ([("VN-1", "Tháng 5/2018 khoảng 1,2 triệu người có 45.000 tỷ đồng."), ("VN-2", "2.")], []),
        ([("VN-1", "2018年に120万人が45兆ドン。"), ("VN-2", "2つ。")], []),
        (
            [("VN-1", "Tháng 5/2019 khoảng 1,2 triệu người có 45.000 tỷ đồng."), ("VN-2", "Hai.")],
            ["VN-1: not the same numbers: 2018, 2019"],
        ),
        ([("VN-1", "2018, 12, 45")], ["VN-2: missing"]),
        (
            [("VN-1", "2018, 12, 45"), ("VN-2", "2"), ("VN-2", "2"), ("XX-1", "x")],
            ["XX-1: no such fact", "VN-2: twice"],
        ),
    ],
)
def test_a_translation_that_is_missing_or_says_another_figure_is_told(
    statements: list[tuple[str, str]], told: list[str]
) -> None:
    assert list(faults(statements, ENGLISH)) == told

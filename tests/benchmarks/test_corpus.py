import json
from pathlib import Path

import pytest
import zstandard

from benchmarks.corpus import Text, passages, questions


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(zstandard.ZstdCompressor().compress(lines.encode()))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two files of questions, one of translations; a passage stands twice, one is too short."""
    honey = "Mountain honey has been sold under one name since the year 2011."
    write(
        tmp_path / "retrieval" / "a.jsonl.zst",
        [
            {"lang": "vi-en", "query": "mật ong bán từ năm nào", "passage": honey},
            {"lang": "en", "query": "who sells honey", "passage": honey},
            {"lang": "en", "query": "what is short", "passage": "Too short."},
        ],
    )
    write(
        tmp_path / "retrieval" / "b.jsonl.zst",
        [
            {
                "lang": "th",
                "query": "ไม้ไผ่",
                "passage": "**หมู่บ้าน**นี้ทำตะกร้าไม้ไผ่ขายมาตั้งแต่ปี ๒๕๔๘ จนถึงวันนี้ [@TH-01]",
            }
        ],
    )
    write(
        tmp_path / "parallel" / "c.jsonl.zst",
        [
            {
                "en": "The village makes bamboo baskets for sale.",
                "fr": "Le village fait des paniers de bambou.",
            }
        ],
    )
    return tmp_path


def test_passages_are_prose_of_each_file_in_turn_with_their_language(data: Path) -> None:
    found = passages(10, data)

    assert [text.language for text in found] == ["en", "th", "en"]
    assert found[1].text == "หมู่บ้านนี้ทำตะกร้าไม้ไผ่ขายมาตั้งแต่ปี ๒๕๔๘ จนถึงวันนี้"
    assert len({text.text for text in found}) == 3


def test_questions_are_those_of_the_data_and_needs_of_the_collection(data: Path) -> None:
    found = questions(8, data)

    assert Text("vi", "mật ong bán từ năm nào") in found
    assert Text("th", "ไม้ไผ่") in found
    assert len(set(found)) == 8  # the data have four: the rest are needs


def test_few_generated_passages_begin_many(tmp_path: Path) -> None:
    """A portal is filled further with what follows, and every run measures the same."""
    few, many = passages(50, tmp_path / "none"), passages(200, tmp_path / "none")

    assert many[:50] == few
    assert len({text.text for text in many}) == 200
    assert {"fr", "ja", "th", "vi"} <= {text.language for text in many}


def test_as_many_passages_as_asked_for(data: Path) -> None:
    assert len(passages(2, data)) == 2
    assert passages(0, data) == []
    assert questions(0, data) == []


def test_questions_come_in_the_same_order_at_every_run_and_mix_languages(tmp_path: Path) -> None:
    found = questions(60, tmp_path / "none")

    assert found == questions(60, tmp_path / "none")
    assert len({text.language for text in found[:20]}) > 5

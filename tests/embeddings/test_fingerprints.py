import itertools

import pytest

from embeddings import fingerprints


def content_hash(notes: dict[str, str] | None = None, **parts: str) -> str:
    return fingerprints.content_hash(**parts, notes=notes or {})


BASE = {"language": "vi", "heading": "Sao", "text": "Nước.", "title": "Mật ong"}
NOTES = {"VN-1": "Forty points."}


def test_the_same_passage_has_the_same_fingerprint() -> None:
    assert content_hash(**BASE) == content_hash(**BASE)
    assert len(content_hash(**BASE)) == 64


@pytest.mark.parametrize("component", sorted(BASE))
def test_every_component_matters(component: str) -> None:
    assert content_hash(**{**BASE, component: BASE[component] + "x"}) != content_hash(**BASE)


@pytest.mark.parametrize(
    "notes", [{}, {"VN-2": "Forty points."}, {"VN-1": "Fifty."}, {**NOTES, "VN-2": "x"}], ids=str
)
def test_every_note_matters(notes: dict[str, str]) -> None:
    assert content_hash(notes, **BASE) != content_hash(NOTES, **BASE)


def test_the_version_of_the_passage_rules_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_hash(**BASE)
    monkeypatch.setattr(fingerprints, "PASSAGE_RULES_VERSION", 99)
    assert content_hash(**BASE) != before


def test_text_moved_from_one_component_to_another_changes_the_fingerprint() -> None:
    same = dict.fromkeys(BASE, "")
    hashes = {
        content_hash(**{**same, first: "a", second: "b"})
        for first, second in itertools.permutations(BASE, 2)
    }
    assert len(hashes) == 12
    assert content_hash(**{**same, "title": "ab"}) not in hashes

import itertools

import pytest

from embeddings import fingerprints
from embeddings.fingerprints import content_hash

BASE = {"language": "vi", "heading": "Sao", "text": "Nước.", "title": "Mật ong"}


def test_the_same_passage_has_the_same_fingerprint() -> None:
    assert content_hash(**BASE) == content_hash(**BASE)
    assert len(content_hash(**BASE)) == 64


@pytest.mark.parametrize("component", sorted(BASE))
def test_every_component_matters(component: str) -> None:
    assert content_hash(**{**BASE, component: BASE[component] + "x"}) != content_hash(**BASE)


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

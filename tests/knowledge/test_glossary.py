from collections.abc import Callable

import pytest

from knowledge.models import GlossaryName, GlossaryTerm, ProgrammePage
from knowledge.rights import AnonymousReader
from knowledge.search.glossary import glossary_concepts
from knowledge.search.pulse import read_pulse
from knowledge.search.results import KnowledgeResults
from tests.factories import work

pytestmark = pytest.mark.django_db


def term(code: str, name: str, **names: str) -> GlossaryTerm:
    made = GlossaryTerm.objects.create(code=code, name=name)
    for language, local in names.items():
        GlossaryName.objects.create(term=made, language=language, name=local)
    return made


def names() -> list[tuple[str, ...]]:
    return [concept.names for concept in glossary_concepts(read_pulse(AnonymousReader()))]


def test_a_term_is_a_concept_with_its_name_in_each_language() -> None:
    term("star", "star rating", vi="xếp hạng sao", th="ระดับดาว")
    term("art", "art")
    assert names() == [("art",), ("star rating", "xếp hạng sao", "ระดับดาว")]


def test_a_new_and_a_deleted_term_count_at_once() -> None:
    assert names() == []
    fund = term("fund", "village fund")
    assert names() == [("village fund",)]
    GlossaryName.objects.create(term=fund, language="fr", name="fonds villageois")
    assert names() == [("village fund", "fonds villageois")]
    fund.delete()
    assert names() == []


def test_a_corrected_name_counts_at_once() -> None:
    """An editor corrects a name in place: neither a count nor a key changes."""
    term("art", "art", fr="métier d’art")
    assert names() == [("art", "métier d’art")]
    name = GlossaryName.objects.get()
    name.name = "artisanat d’art"
    name.save()
    assert names() == [("art", "artisanat d’art")]


def test_a_name_that_a_programme_also_bears_is_known_as_one() -> None:
    term("ocop", "One Commune One Product (OCOP)", vi="Mỗi xã một sản phẩm")
    term("art", "art")
    assert [
        concept.is_programme for concept in glossary_concepts(read_pulse(AnonymousReader()))
    ] == [False, False]
    work(ProgrammePage, slug="ocop", other_names="OCOP\nMoi xa mot san pham")
    assert [
        concept.is_programme for concept in glossary_concepts(read_pulse(AnonymousReader()))
    ] == [False, True]


def test_a_programme_renamed_by_an_editor_counts_at_once() -> None:
    page = work(ProgrammePage, slug="ocop", other_names="OCOP")
    term("art", "art")
    assert [
        concept.is_programme for concept in glossary_concepts(read_pulse(AnonymousReader()))
    ] == [False]
    page.other_names = "OCOP\nArt"
    page.save_revision().publish()
    assert [
        concept.is_programme for concept in glossary_concepts(read_pulse(AnonymousReader()))
    ] == [True]


def test_spellings_that_differ_in_accents_only_are_told_once(
    ask: Callable[..., KnowledgeResults],
) -> None:
    term("cooperative", "cooperative", fr="coopérative", th="สหกรณ์")
    work(text="They founded a cooperative.")
    assert list(ask("สหกรณ์").expansions) == ["cooperative"]
    assert list(ask("cooperative").expansions) == ["สหกรณ์"]


def test_a_search_tells_what_else_it_searched_for(ask: Callable[..., KnowledgeResults]) -> None:
    term("fund", "village fund", id="kemitraan desa")
    work(title="Kemitraan", text="Kemitraan desa dijalankan.", language="id")
    results = ask("village fund")
    assert list(results.expansions) == ["kemitraan desa"]
    assert [card.title for card in results.cards] == ["Kemitraan"]
    assert "glossary" in results.cards[0].why

import numpy as np
import pytest

from embeddings.concepts import MOST_NEAR, PULL, ConceptVectors, concept_vectors, mentioned
from embeddings.encoders.fake import FakeEncoder
from embeddings.types import Concept

GRADING = Concept(
    names=("product grading", "phân hạng sản phẩm", "การจัดระดับผลิตภัณฑ์", "産品の格付け")
)
STAR = Concept(names=("star rating", "xếp hạng sao", "notation par étoiles", "ระดับดาว"))
ART = Concept(names=("art", "métier d’art"))
SHORT = Concept(names=("go", "đi"))
ALL = (GRADING, STAR, ART, SHORT)


def test_a_term_brings_its_names_in_the_other_languages() -> None:
    assert mentioned("how does product grading work?", ALL) == list(GRADING.names[1:])


@pytest.mark.parametrize("text", ["PRODUCT Grading", "phan hang san pham", "Phân Hạng Sản Phẩm"])
def test_case_and_accents_do_not_matter(text: str) -> None:
    assert "การจัดระดับผลิตภัณฑ์" in mentioned(text, ALL)


def test_accents_that_were_typed_count() -> None:
    """Sản (to produce) is not sắn (cassava)."""
    cassava = Concept(names=("cassava", "cây sắn"))
    assert mentioned("cây sản", (cassava,)) == []
    assert mentioned("cay san", (cassava,)) == ["cassava"]
    assert mentioned("Cây Sắn", (cassava,)) == ["cassava"]


def test_three_letters_without_their_accents_are_other_words() -> None:
    """ "The" is not thé (tea), nor "nam" in Viet Nam or in a year (năm) nấm (mushrooms)."""
    tea = Concept(names=("tea", "thé", "chè"))
    mushroom = Concept(names=("mushroom", "nấm"))
    both = (tea, mushroom)
    assert mentioned("growers of tea", both) == ["thé", "chè"]
    assert mentioned("what the growers of a village earn", both) == []
    assert mentioned("the growers in Viet Nam", both) == []
    assert mentioned("san pham OCOP nam 2024", both) == []
    assert mentioned("nấm ở Việt Nam năm nào", both) == ["mushroom"]
    assert mentioned("le thé et le café", both) == ["tea", "chè"]


def test_a_latin_term_is_a_whole_word() -> None:
    assert mentioned("when does it start and who is a partner", ALL) == []
    assert mentioned("the art of weaving", ALL) == ["métier d’art"]
    assert mentioned("art.", ALL) == ["métier d’art"]


def test_a_thai_term_is_found_inside_running_text() -> None:
    assert "star rating" in mentioned("เกณฑ์การให้ระดับดาวของสินค้า", ALL)


def test_several_terms_bring_all_their_names_once() -> None:
    found = mentioned("product grading and star rating, star rating", ALL)
    assert len(found) == len(set(found)) == 6


def test_a_name_the_question_already_says_is_not_repeated() -> None:
    found = mentioned("star rating (notation par etoiles)", ALL)
    assert found == ["xếp hạng sao", "ระดับดาว"]


@pytest.mark.parametrize("text", ["", "go", "unrelated words", "   "])
def test_nothing_known_brings_nothing(text: str) -> None:
    assert mentioned(text, ALL) == []


@pytest.fixture
def encoder() -> FakeEncoder:
    words = {"honey": ["honey", "miel"], "water": ["water", "eau"]}
    return FakeEncoder(concepts=words)


HONEY = Concept(names=("honey", "miel"))
WATER = Concept(names=("water", "eau"))
PROGRAMME = Concept(names=("honey programme",), is_programme=True)


def test_a_question_is_near_to_the_concept_it_is_about(encoder: FakeEncoder) -> None:
    vectors = concept_vectors((WATER, HONEY), encoder)
    assert list(vectors.near(encoder.encode_queries(["du miel"])[0])) == [1]
    assert vectors.near(encoder.encode_queries(["roads"])[0]) == {}


@pytest.mark.parametrize(
    ("cosine", "near", "meant"),
    [(0.45, [], []), (0.6, [0], []), (0.7, [0], [HONEY.names])],
)
def test_what_is_near_is_not_yet_meant(
    cosine: float, near: list[int], meant: list[tuple[str, ...]]
) -> None:
    name = np.array([[1, 0]], np.float32)
    vectors = ConceptVectors((HONEY,), name, np.array([0]), name)
    query = np.array([cosine, np.sqrt(1 - cosine**2)], np.float32)
    assert vectors.near(query) == {number: pytest.approx(cosine) for number in near}
    assert vectors.meant(vectors.near(query)) == meant


def test_the_name_of_a_programme_is_never_near(encoder: FakeEncoder) -> None:
    vectors = concept_vectors((PROGRAMME,), encoder)
    assert vectors.near(encoder.encode_queries(["honey programme"])[0]) == {}


def test_only_the_nearest_few_count(encoder: FakeEncoder) -> None:
    many = tuple(Concept(names=(f"honey {number}",)) for number in range(MOST_NEAR + 4))
    near = concept_vectors(many, encoder).near(encoder.encode_queries(["honey"])[0])
    assert len(near) == MOST_NEAR


def test_a_question_is_pulled_towards_the_middle_of_a_concepts_names(encoder: FakeEncoder) -> None:
    vectors = concept_vectors((WATER, HONEY), encoder)
    names = encoder.encode_passages(list(HONEY.names))
    centre = names.sum(axis=0) / np.linalg.norm(names.sum(axis=0))
    query = encoder.encode_queries(["honey"])[0]
    expected = query + PULL * centre
    pulled = vectors.pulled(query, vectors.near(query))
    assert pulled == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


@pytest.mark.parametrize(
    ("concepts", "text"), [((WATER, HONEY), "roads"), ((WATER, HONEY), ""), ((), "honey")]
)
def test_a_question_near_to_nothing_stays_where_it_is(
    encoder: FakeEncoder, concepts: tuple[Concept, ...], text: str
) -> None:
    vectors = concept_vectors(concepts, encoder)
    query = encoder.encode_queries([text])[0]
    assert vectors.near(query) == {}
    assert np.array_equal(vectors.pulled(query, vectors.near(query)), query)

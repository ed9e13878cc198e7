"""The door: from a question to hits. Ranking is watched here, where its effect is."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from string import ascii_lowercase
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from numpy.typing import NDArray
from pytest_django import Settings

from embeddings import service, store
from embeddings.columns import order_of
from embeddings.encoders.fake import FakeEncoder
from embeddings.models import Passage
from embeddings.pieces import PieceTable
from embeddings.question import prepare
from embeddings.records import TokenRuns
from embeddings.types import (
    NAMES,
    Concept,
    Entity,
    Hit,
    Reason,
    SearchQuery,
    SearchResults,
    Section,
    SourceDocument,
    Vocabulary,
)
from embeddings.view import get_view

pytestmark = pytest.mark.django_db

VILLAGE_PARTNERSHIP = Concept(names=("partnership", "kemitraan desa"))


def publish(
    key: str, text: str, *, work: str | None = None, heading: str = "", **fields: Any
) -> None:
    language = fields.pop("language", "en")
    facets = fields.pop("facets", {})
    document = SourceDocument(
        key=key,
        work=work or key,
        language=language,
        title=fields.pop("title", "Title"),
        sections=[Section(heading=heading, text=text)],
        facets={"language": [language], **facets},
        **fields,
    )
    service.sync_document(key, lambda: document)


def ask(text: str, **options: Any) -> SearchResults:
    return service.search(SearchQuery(text=text, **options))


def keys(text: str, **options: Any) -> list[str]:
    return [hit.document_key for hit in ask(text, **options).hits]


def the_hit(text: str, **options: Any) -> Hit:
    (hit,) = ask(text, **options).hits
    return hit


def without_encoder(settings: Settings) -> None:
    settings.EMBEDDINGS = {
        "ENCODER": {
            "BACKEND": "embeddings.encoders.static.StaticEncoder",
            "OPTIONS": {"path": "/nowhere/at/all"},
        }
    }


def test_a_question_in_one_language_finds_the_text_in_another() -> None:
    publish("a", "Mật ong bạc hà.", language="vi")
    publish("b", "Roads were built.")
    hit = the_hit("miel")
    assert (hit.document_key, hit.language, hit.passage) == ("a", "vi", "Mật ong bạc hà.")
    assert hit.reasons == (Reason.MEANING,)


def test_the_sentence_that_answers_is_named_and_part_of_its_passage() -> None:
    publish(
        "a",
        "Bamboo baskets are light. Honey is very sweet. Roads are very long.",
        heading="Goods › Food",
    )
    hit = the_hit("miel")
    assert hit.sentence == "Honey is very sweet."
    assert hit.sentence in hit.passage
    assert hit.heading == "Goods › Food"


def test_a_word_of_the_question_is_a_reason_of_its_own() -> None:
    publish("a", "Kamwendo presses oil.")
    hit = the_hit("Kamwendo")
    assert Reason.WORDS in hit.reasons


def test_one_work_is_one_hit_whatever_its_languages() -> None:
    publish("en", "Honey from mint.", work="w")
    publish("vi", "Mật ong bạc hà.", work="w", language="vi")
    publish("fr", "Le miel de menthe.", work="w", language="fr")
    results = ask("honey")
    assert results.total == 1
    assert the_hit("honey").languages == ("en", "fr", "vi")
    assert results.facet_counts["language"] == {"en": 1, "vi": 1, "fr": 1}


def publish_with_names(*texts: str, names: str = "Kamwendo · Zephyr") -> None:
    sections = [
        *(Section(heading="", text=text) for text in texts),
        Section(heading="Also known as", text=names, place=NAMES),
    ]
    document = SourceDocument(
        key="a", work="a", language="en", title="Title", sections=sections, facets={}
    )
    service.sync_document("a", lambda: document)


def test_where_only_a_list_of_names_is_found_the_beginning_is_shown() -> None:
    publish_with_names("A programme of the villages.")
    hit = the_hit("zephyr", only_good=True)
    assert (hit.passage, hit.heading) == ("A programme of the villages.", "")
    assert (hit.sentence, hit.place) == ("", "")


def test_where_a_list_of_names_is_nearest_the_next_passage_is_shown() -> None:
    publish_with_names("A programme of the villages.", "Its members sell honey. It has an office.")
    hit = the_hit("kamwendo zephyr honey")
    assert hit.passage == "Its members sell honey. It has an office."
    assert hit.sentence == "Its members sell honey."


def test_names_are_not_shown_however_many_they_are() -> None:
    many = " · ".join(f"Kamwendo Zephyr number {number} of many villages" for number in range(80))
    publish_with_names("A programme of the villages.", names=many)
    assert Passage.objects.count() > 2
    assert the_hit("kamwendo zephyr").passage == "A programme of the villages."


def test_one_work_is_one_hit_whatever_the_number_of_its_passages() -> None:
    publish(
        "a", " ".join(f"Honey number {number} is sweet and good to sell." for number in range(60))
    )
    assert Passage.objects.count() > 3
    assert ask("honey").total == 1


def test_a_filter_on_the_language_shows_that_version_of_a_work() -> None:
    publish("en", "Honey from mint.", work="w")
    publish("vi", "Mật ong bạc hà.", work="w", language="vi")
    assert keys("honey", filters={"language": ["vi"]}) == ["vi"]


def in_three_languages(work: str = "w") -> None:
    publish(f"{work}-en", "Honey from mint.", work=work, is_original=False)
    publish(f"{work}-vi", "Mật ong bạc hà.", work=work, language="vi")
    publish(f"{work}-fr", "Le miel de menthe.", work=work, language="fr", is_original=False)


@pytest.mark.parametrize(
    ("languages", "shown"),
    [(["fr"], "w-fr"), (["en", "fr"], "w-en"), (["ja", "fr"], "w-fr"), (["ja"], "w-vi"), ([], "w-vi")],
    ids=str,
)  # fmt: skip
def test_a_work_is_shown_in_the_version_the_reader_would_rather_read(
    languages: list[str], shown: str
) -> None:
    """Without one of the wanted languages the original is shown."""
    in_three_languages()
    assert keys("蜂蜜", languages=languages) == [shown]
    assert keys("", languages=languages) == [shown]


def test_a_version_that_answers_far_better_is_shown_whatever_the_wanted_language() -> None:
    publish("w-en", "Kamwendo presses oil.", work="w")
    publish("w-fr", "De l’huile.", work="w", language="fr", is_original=False)
    assert keys("Kamwendo", languages=["fr"]) == ["w-en"]


def test_the_wanted_language_chooses_no_works() -> None:
    publish("only-vi", "Mật ong bạc hà.", language="vi")
    assert keys("蜂蜜", languages=["fr"]) == ["only-vi"]


def test_a_filter_on_the_language_beats_the_wanted_one() -> None:
    in_three_languages()
    assert keys("蜂蜜", languages=["fr"], filters={"language": ["vi"]}) == ["w-vi"]


def test_values_of_a_facet_are_alternatives_and_facets_must_all_hold() -> None:
    publish("vn-policy", "Honey one.", facets={"kind": ["policy"], "country": ["vn"]})
    publish("vn-lesson", "Honey two.", facets={"kind": ["lesson"], "country": ["vn"]})
    publish("th-policy", "Honey three.", facets={"kind": ["policy"], "country": ["th"]})
    assert sorted(keys("honey", filters={"country": ["vn", "th"]})) == ["th-policy", "vn-lesson", "vn-policy"]  # fmt: skip
    assert keys("honey", filters={"country": ["vn"], "kind": ["policy"]}) == ["vn-policy"]
    assert keys("honey", filters={"country": ["jp"]}) == []


def test_each_facet_is_counted_without_its_own_filter() -> None:
    publish("vn-policy", "Honey one.", facets={"kind": ["policy"], "country": ["vn"]})
    publish("vn-lesson", "Honey two.", facets={"kind": ["lesson"], "country": ["vn"]})
    publish("th-policy", "Honey three.", facets={"kind": ["policy"], "country": ["th"]})
    publish("water", "Water only.", facets={"kind": ["policy"], "country": ["la"]})
    results = ask("honey", filters={"country": ["vn"], "kind": ["policy"]})
    assert results.total == 1
    assert results.facet_counts["country"] == {"vn": 1, "th": 1}
    assert results.facet_counts["kind"] == {"policy": 1, "lesson": 1}
    assert results.facet_counts["language"] == {"en": 1}
    assert results.facet_counts["year"] == {}


@pytest.mark.parametrize("only_good", [False, True])
@pytest.mark.parametrize(
    "text", ["honey", '"honey and water"', "honey water bamboo", "roads", "miel"]
)
def test_a_facet_counts_without_its_filter_what_is_found_without_it(
    text: str, only_good: bool
) -> None:
    """It is counted without being ranked."""
    texts = ("Honey.", "Honey and water.", "Water.", "Bamboo for honey and water.", "Roads.")
    for number, told in enumerate(texts * 2):
        publish(f"d{number}", told, facets={"kind": [("policy", "lesson", "case")[number % 3]]})
    found = ask(text, only_good=only_good, limit=100).hits
    counted = ask(text, only_good=only_good, filters={"kind": ["policy"]}).facet_counts["kind"]
    assert counted == Counter(hit.facets["kind"][0] for hit in found)


def test_a_facet_counts_a_work_once_for_all_its_languages() -> None:
    publish("en", "Honey.", work="w", facets={"theme": ["finance", "grading"]})
    publish("vi", "Mật ong.", work="w", language="vi", facets={"theme": ["finance"]})
    assert ask("honey").facet_counts["theme"] == {"finance": 1, "grading": 1}


def test_a_barred_scope_is_neither_found_nor_counted() -> None:
    publish("open", "Honey.", scope="00010001", facets={"kind": ["lesson"]})
    publish("shut", "Honey.", scope="00010002", facets={"kind": ["policy"]})
    results = ask("honey", barred_scopes=frozenset({"00010002"}))
    assert [hit.document_key for hit in results.hits] == ["open"]
    assert results.total == 1
    assert results.facet_counts["kind"] == {"lesson": 1}


def test_an_expired_document_is_not_found() -> None:
    publish("old", "Honey.", visible_until=timezone.now() - dt.timedelta(seconds=1))
    publish("new", "Honey.", visible_until=timezone.now() + dt.timedelta(hours=1))
    assert keys("honey") == ["new"]


def test_below_the_floor_nothing_is_found() -> None:
    publish("a", "Roads were built.")
    results = ask("miel")
    assert (list(results.hits), results.total) == ([], 0)
    assert all(not counts for counts in results.facet_counts.values())


def test_a_question_of_several_words_is_not_answered_by_one_common_word() -> None:
    publish("a", "Roads were built quickly.")
    assert keys("roads nobody ever heard about") == []


def test_pages_of_an_answer_join_to_the_whole() -> None:
    for number in range(7):
        publish(f"d{number}", f"Honey number {number}.")
    whole = keys("honey", limit=100)
    assert len(whole) == 7
    pages = [keys("honey", limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [key for page in pages for key in page] == whole
    assert ask("honey", limit=3, offset=3).total == 7


def test_a_limit_of_none_counts_only() -> None:
    publish("a", "Honey.")
    results = ask("honey", limit=0)
    assert (list(results.hits), results.total) == ([], 1)


def test_without_a_question_all_works_are_listed_newest_first() -> None:
    for key, year in (("a", "2018"), ("b", "2025"), ("c", "2021")):
        publish(key, "Text.", facets={"year": [year]}, dated=year)
    publish("undated", "Text.")
    results = ask("")
    assert [hit.document_key for hit in results.hits] == ["b", "c", "a", "undated"]
    assert results.query_language is None
    assert [hit.reasons for hit in results.hits] == [()] * 4
    assert results.facet_counts["year"] == {"2018": 1, "2025": 1, "2021": 1}


@pytest.mark.parametrize(
    ("question", "like"),
    [
        ("uamuzi namba 1225", "samba"),
        ("Uamuzi NAMBA 1225", "nambo"),
        ("keputusan nomor 1225", "nomos"),
        ("keputusan nombor 1225", "tombor"),
        ("decreto numero 1225", "numeros"),
        ("resolution number 1225", "lumber"),
        ("peraturan bilangan 1225", "bilingan"),
    ],
)
def test_a_numbering_word_is_never_taken_for_a_misspelling(question: str, like: str) -> None:
    kind, *_ = question.split()
    publish("other", f"{kind} {like} of the village market.")
    publish("meant", f"{kind} 1225 of the village market.")
    results = ask(question)
    assert results.corrections == {}
    assert [hit.document_key for hit in results.hits][:1] == ["meant"]
    assert Reason.EXACT in results.hits[0].reasons


def test_another_unknown_word_beside_a_document_number_is_still_corrected() -> None:
    publish("a", "The decision 1225 on cooperatives of the village market.")
    results = ask("decision number 1225 cooperativse")
    assert results.corrections == {"cooperativse": "cooperatives"}
    assert Reason.EXACT in results.hits[0].reasons


def test_a_correction_shows_the_word_as_it_was_typed() -> None:
    publish("a", "Les certificats du village.", language="fr")
    assert ask("Cértificat").corrections == {"Cértificat": "certificats"}
    assert ask("Certificat certificat").corrections == {"Certificat": "certificats"}


def test_a_word_is_corrected_by_words_of_the_questions_language_alone() -> None:
    """An English "video" is no misspelt French "vides"."""
    publish("fr", "Les marchés vides du village.", language="fr")
    publish("en", "Selling the products of a village on the market by live voice.")
    assert ask("selling products of the village by live vidos").corrections == {}
    assert ask("selling products of the village by live voise").corrections == {"voise": "voice"}
    assert ask("vidos").corrections == {"vidos": "vides"}


def test_malay_which_reads_as_indonesian_is_corrected_by_malay() -> None:
    publish("ms", "Produk kampung di pasaran tempatan.", language="ms")
    publish("id", "Produk desa di pasar.", language="id")
    asked = ask("produk kampung di pasaran tempatam")
    assert (asked.query_language, asked.corrections) == ("id", {"tempatam": "tempatan"})


def test_a_question_in_a_language_without_texts_is_corrected_by_all_texts() -> None:
    publish("fr", "Selling all the products of the village by live, vides.", language="fr")
    asked = ask("selling all the products of the village by live vidos")
    assert (asked.query_language, asked.corrections) == ("en", {"vidos": "vides"})


@pytest.mark.parametrize(("rest", "moved"), [("sells honey", True), ("", False), ("ab!", False)])
def test_half_of_a_vector_is_told_without_the_names(rest: str, moved: bool) -> None:
    publish("a", "Honey.")
    kenya = Entity(facet="country", value="ke", names=("Kenya",), is_place=True)
    view = get_view()
    with view.lock:
        view.catch_up()
    everything = view.select_all()

    def vector(text: str, *entities: Entity) -> NDArray[np.float32]:
        query = SearchQuery(text=text, entities=Vocabulary(entities))
        made = prepare(query, view, everything).vector
        assert made is not None
        return made

    text = f"Kenya {rest}".strip()
    whole, told = vector(text), vector(text, kenya)
    assert np.linalg.norm(told) == pytest.approx(1, abs=1e-5)
    if moved:
        apart = whole + vector(rest)
        assert told == pytest.approx(apart / np.linalg.norm(apart), abs=1e-5)
    else:
        assert told == pytest.approx(whole)


def test_a_glossary_name_brings_passages_and_says_so() -> None:
    publish("a", "Kemitraan desa dijalankan.", language="id")
    assert keys("partnership") == []
    hit = the_hit("partnership", concepts=(VILLAGE_PARTNERSHIP,))
    assert Reason.GLOSSARY in hit.reasons
    assert Reason.WORDS not in hit.reasons
    expansions = ask("partnership", concepts=(VILLAGE_PARTNERSHIP,)).expansions
    assert list(expansions) == ["kemitraan desa"]


def test_part_of_a_glossary_name_is_not_the_name() -> None:
    publish("a", "Kemitraan dijalankan.", language="id")
    assert keys("partnership", concepts=(VILLAGE_PARTNERSHIP,)) == []


HONEY_BY_ANOTHER_NAME = Concept(names=("honey", "kemitraan desa"))
"""Its second name is near to nothing, so that only looking for it finds it."""


def test_a_term_is_looked_for_where_it_is_asked_for_in_a_word_of_ones_own() -> None:
    publish("a", "Kemitraan desa.", language="id")
    assert keys("miel") == []
    found = ask("miel", concepts=(HONEY_BY_ANOTHER_NAME,))
    assert [hit.document_key for hit in found.hits] == ["a"]
    assert list(found.expansions) == ["honey", "kemitraan desa"]
    assert Reason.GLOSSARY in found.hits[0].reasons


@pytest.mark.parametrize("asked", ["miel sao nước", "roads"])
def test_a_question_about_more_than_a_term_does_not_ask_for_the_term(asked: str) -> None:
    publish("a", "Kemitraan desa.", language="id")
    assert keys(asked, concepts=(HONEY_BY_ANOTHER_NAME,)) == []


def test_a_term_that_no_text_names_answers_nothing() -> None:
    publish("a", "Desa kemitraan.", language="id")
    assert keys("miel", concepts=(HONEY_BY_ANOTHER_NAME,)) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("vé", []),
        ("ve", ["a"]),
        ("về", ["a"]),
        ("VỀ", ["a"]),
        ("Sìn Hồ", ["a"]),
        ("sìn", []),
        ("hoá", ["a"]),
        ("hóa", ["a"]),
    ],
)
def test_accents_that_were_typed_tell_whether_a_text_has_a_word(
    asked: str, found: list[str]
) -> None:
    """But for names, written without them in other languages, and words with two spellings."""
    publish("a", "Một tổ về hóa ở Sin Ho.", language="vi")
    assert keys(asked) == found


def test_a_misspelt_word_with_accents_is_still_found() -> None:
    publish("a", "Le commerce équitable.", language="fr")
    assert keys("équitble") == ["a"]


def test_what_the_question_says_itself_ranks_above_the_glossary() -> None:
    publish("glossary", "Kemitraan desa.", language="id")
    publish("said", "The partnership works.")
    assert keys("partnership", concepts=(VILLAGE_PARTNERSHIP,)) == ["said", "glossary"]


MALAWI = Entity(facet="country", value="mw", names=("Malawi", "มาลาวี"), is_place=True)


def test_what_must_be_said_is_what_is_asked_of_the_country_named() -> None:
    publish("a", "Honey.")
    keys("honey")
    view = get_view()

    def asked(text: str) -> list[int]:
        query = SearchQuery(text=text, entities=Vocabulary((MALAWI,)))
        return list(prepare(query, view, view.select_all()).asked_subwords)

    assert asked("Malawi honey") == asked("honey") != []
    assert asked("Malawi") != []


def test_what_is_filed_under_the_country_named_comes_first() -> None:
    publish("other", "Honey honey, sold by the village.", facets={"country": ["ke"]})
    publish("filed", "น้ำผึ้ง honey", language="th", facets={"country": ["mw"]})
    assert keys("honey in Malawi") == ["other", "filed"]
    assert keys("honey in Malawi", entities=(MALAWI,)) == ["filed", "other"]
    assert keys("honey", entities=(MALAWI,)) == ["other", "filed"]


def test_what_only_names_the_country_comes_next() -> None:
    publish("other", "Honey honey, sold by the village.", facets={"country": ["ke"]})
    publish("names", "มาลาวี honey", language="th", facets={"country": ["jp"]})
    publish("filed", "honey", language="sw", facets={"country": ["mw"]})
    assert keys("honey of Malawi", entities=(MALAWI,)) == ["filed", "names", "other"]


ZOMBA = Entity(facet="", value="MW-ZO", names=("Zomba", "ゾンバ"), is_place=True)


def test_a_place_that_nothing_is_filed_under_is_looked_for_by_its_names() -> None:
    publish("names", "The honey of Zomba.")
    publish("other", "Honey honey, sold by the village.")
    assert keys("ゾンバ") == []
    assert keys("ゾンバ", entities=(ZOMBA,)) == ["names"]
    assert list(ask("ゾンバ", entities=(ZOMBA,)).expansions) == ["Zomba"]
    assert keys("honey of Zomba", entities=(ZOMBA,)) == ["names", "other"]
    assert Reason.GLOSSARY in the_hit("ゾンバ", entities=(ZOMBA,)).reasons


def test_a_country_alone_answers_nothing() -> None:
    publish("a", "Silk and bamboo.", facets={"country": ["mw"]})
    assert keys("Malawi football", entities=(MALAWI,)) == []


def test_a_place_is_no_answer_where_something_else_is_asked_of_it() -> None:
    publish("names", "The workshop was held in Zomba. Roads were built.")
    assert keys("ゾンバ", entities=(ZOMBA,)) == ["names"]
    assert keys("ゾンバ football results today", entities=(ZOMBA,)) == []


def test_a_text_on_the_place_itself_is_an_answer() -> None:
    publish("on", "Roads were built.", title="Zomba before and after")
    assert keys("ゾンバ football results today", entities=(ZOMBA,)) == ["on"]


OCOP = Entity(facet="programme", value="ocop", names=("OCOP",))


def publish_profile() -> None:
    publish(
        "profile", "OCOP began with silk.", facets={"kind": ["programme"], "programme": ["ocop"]}
    )
    publish("news", "OCOP OCOP OCOP honey.", facets={"kind": ["lesson"], "programme": ["ocop"]})


@pytest.mark.parametrize(
    "asked", ["OCOP", "What is OCOP?", "OCOP là gì", "c'est quoi OCOP", "OCOPとは", "ما هو OCOP"]
)
def test_who_asks_what_a_programme_is_gets_its_own_page_first(asked: str) -> None:
    publish_profile()
    assert keys(asked, entities=(OCOP,)) == ["profile", "news"]


def test_who_asks_something_of_a_programme_gets_what_answers() -> None:
    publish_profile()
    assert keys("OCOP honey", entities=(OCOP,))[0] == "news"


def test_a_number_that_no_work_has_is_said_to_be_missed() -> None:
    publish("a", "Decision 148 on cooperatives.")
    assert not ask("Decision 148").missed
    assert ask("Decision 9999 on cooperatives").missed
    assert ask('"cooperatives of silk"').missed
    assert not ask("cooperatives of silk").missed


def test_what_a_facet_counts_is_found_under_it() -> None:
    """Alone, the second would not be near enough to answer."""
    question = miel_in_malawi(4)
    publish("near", question, facets={"country": ["ke"]})
    publish("far", "honey water bamboo star silk roads.", facets={"country": ["mw"]})
    counts = ask(question).facet_counts["country"]
    assert counts == {"ke": 1, "mw": 1}
    assert keys(question, filters={"country": ["mw"]}) == ["far"]


FLOOR = 0.45
"""Of the encoder of the tests."""


def miel_in_malawi(words: int) -> str:
    """Return a question as far from a text as it has other words, and too long for a phrase."""
    return " ".join(["miel au malawi", *(f"mot{letter}" for letter in ascii_lowercase[:words])])


@pytest.fixture
def near_the_floor() -> str:
    """Return a question whose only answer lies between four fifths of the floor and the floor."""
    publish("a", "honey water bamboo star.", facets={"country": ["ke"]})
    return miel_in_malawi(6)


def test_a_question_that_names_a_country_is_answered_from_four_fifths_of_the_floor_on(
    near_the_floor: str,
) -> None:
    hit = the_hit(near_the_floor, entities=(MALAWI,))
    assert hit.reasons == (Reason.MEANING,)
    assert hit.similarity is not None
    assert 0.8 * FLOOR <= hit.similarity < FLOOR


def test_a_question_that_names_no_country_needs_the_whole_floor(near_the_floor: str) -> None:
    assert keys(near_the_floor) == []
    assert keys(near_the_floor.replace("malawi", "marché"), entities=(MALAWI,)) == []


def test_what_must_be_good_by_itself_needs_the_whole_floor_whatever_is_named(
    near_the_floor: str,
) -> None:
    assert keys(near_the_floor, entities=(MALAWI,), only_good=True) == []


def test_below_four_fifths_of_the_floor_naming_a_country_answers_nothing() -> None:
    publish("a", "honey water bamboo star.", facets={"country": ["mw"]})
    assert keys(miel_in_malawi(26), entities=(MALAWI,)) == []


def test_a_question_that_names_a_programme_is_answered_however_far_it_is() -> None:
    publish("a", "honey water bamboo star.")
    programme = Entity(facet="programme", value="x", names=("malawi",))
    hit = the_hit(miel_in_malawi(26), entities=(programme,))
    assert hit.similarity is not None
    assert hit.similarity < 0.8 * FLOOR


def test_without_an_encoder_words_still_find_and_the_answer_says_so(
    settings: Settings,
) -> None:
    publish("a", "Kamwendo presses oil. It sells it.")
    publish("b", "Mật ong bạc hà.", language="vi")
    assert not ask("Kamwendo").by_words_only
    without_encoder(settings)
    results = ask("Kamwendo")
    assert results.by_words_only
    (hit,) = results.hits
    assert (hit.document_key, hit.similarity, hit.reasons) == ("a", None, (Reason.WORDS,))
    assert keys("mat ong bac ha") == ["b"]
    assert keys("miel") == []
    assert ask("").total == 2


def test_the_language_of_the_question_is_told_and_never_filters() -> None:
    publish("a", "Mật ong bạc hà.", language="vi")
    results = ask("Quels villages vendent du miel sur le marché de la région ?")
    assert results.query_language == "fr"
    assert results.total == 1


def test_scores_fall_and_ties_are_settled_alike_whatever_came_first() -> None:
    for key in ("c", "a", "b"):
        publish(key, "Honey is sweet.")
    publish("exact", "Honey.")
    hits: Sequence[Hit] = ask("honey").hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    by_name = sorted("abc", key=order_of)
    assert [hit.document_key for hit in hits if hit.document_key != "exact"] == by_name


def publish_about_honey(
    evidence: dict[str, list[str]], told: Mapping[str, str] | None = None, **fields: dict[str, Any]
) -> None:
    """Publish nine works that differ in length, in what they cite and tell, and in further fields."""
    for number, key in enumerate("abcdefghi", 1):
        more = {name: of_keys[key] for name, of_keys in fields.items() if key in of_keys}
        codes = evidence.get(key, [f"OWN-{ord(key)}"])
        other_words = " ".join(f"{key}{count}" for count in range(number))
        cited = "".join(f"[@{code}]" for code in codes)
        text = f"Honey{cited} {other_words}. {(told or {}).get(key, '')}"
        publish(key, text, notes=dict.fromkeys(codes, "Noted."), **more)


def test_works_that_rest_on_the_evidence_of_the_first_move_up() -> None:
    publish_about_honey({})
    first, second, third, *others, last = keys("honey")
    publish_about_honey({first: ["F-1"], last: ["F-1"]})
    assert keys("honey") == [first, last, second, third, *others]
    assert keys("honey", limit=2, offset=1) == [last, second]


def test_what_nearly_all_works_cite_moves_none() -> None:
    publish_about_honey({})
    first, *others = keys("honey")
    publish_about_honey({key: ["F-1"] for key in others})
    assert keys("honey") == [first, *others]


def test_a_passage_speaks_for_what_it_cites_and_not_for_its_work() -> None:
    """What the near passage of the first work cites moves more than what its far one does."""

    def found(shared: dict[str, str]) -> list[str]:
        for number, key in enumerate("abcdef"):
            near, far = f"NEAR-{number}", shared.get(key, f"FAR-{number}")
            document = SourceDocument(
                key=key, work=key, language="en", title="Title", facets={},
                sections=[
                    Section(heading="", text=f"Honey[@{near}]. {'Water. ' * 2 * number}"),
                    Section(heading="", text=f"Roads[@{far}]."),
                ],
                notes=dict.fromkeys((near, far), "Noted."),
            )  # fmt: skip
            service.sync_document(key, lambda document=document: document)
        return keys("honey")

    by_near, by_far = found({"f": "NEAR-0"}), found({"f": "FAR-0"})
    assert by_near.index("f") < by_far.index("f")


def test_evidence_of_a_work_that_the_reader_may_not_open_speaks_for_none() -> None:
    outsider = {"barred_scopes": frozenset({"secret"})}
    publish_about_honey({})
    everyone = keys("honey")
    secret, last = everyone[0], everyone[-1]
    publish_about_honey({}, scope={secret: "secret"})
    before = keys("honey", **outsider)
    publish_about_honey({secret: ["F-1"], last: ["F-1"]}, scope={secret: "secret"})
    assert keys("honey").index(last) == 1
    assert keys("honey", **outsider) == before


@pytest.mark.parametrize("typed", ["honey rarely", "rarely honey", "rượu honey"])
def test_the_few_works_that_hold_what_was_typed_come_first(typed: str) -> None:
    """However much evidence the others share."""
    shared = {key: ["F-1", "F-2", "F-3"] for key in "abcdefgh"}
    told = {"i": "Honey, rarely. Water, rượu."}
    publish_about_honey(shared, told)
    publish("ruou", "Ruou and honey.")
    assert keys(typed)[0] == "i"
    publish_about_honey(shared, dict.fromkeys("fghi", told["i"]))
    assert keys(typed)[0] != "i"


def test_a_question_longer_than_is_used_is_cut_not_refused() -> None:
    publish("a", "Honey.")
    assert keys("honey" + " " * 1000 + "roads nobody ever built") == ["a"]


def test_rows_and_indexes_are_counted() -> None:
    publish("a", "Honey.")
    publish("b", "Water.")
    report = service.compare_rows_with_view()
    assert (report.passages, report.in_dense, report.in_lexical, report.foreign) == (2, 2, 2, 0)
    assert report.position == 2
    assert report.is_consistent
    Passage.objects.filter(document_key="a").delete()  # behind the log's back
    assert not service.compare_rows_with_view().is_consistent


def test_document_keys_are_those_with_passages() -> None:
    publish("a", "Honey.")
    publish("empty", "   ")
    assert service.indexed_document_keys() == {"a"}


def test_only_what_is_good_by_itself_can_be_asked_for() -> None:
    publish("a", "Honey, water and stars.")
    publish("b", "Honey and bamboo.")
    assert keys("miel bambou") == ["b", "a"]
    assert keys("miel bambou", only_good=True) == ["b"]


class SameWords(PieceTable):
    """Knows of each word that it means itself."""

    def __init__(self) -> None:
        super().__init__(np.zeros((1, 1)), np.ones(1, np.float32))

    def coverage(self, texts: TokenRuns, told: Mapping[int, float]) -> NDArray[np.float32]:
        held = [set(texts.of(number).tolist()) for number in range(len(texts.lengths))]
        return np.array([len(one & told.keys()) / len(told) for one in held], np.float32)


def test_what_says_nothing_that_is_asked_is_not_good_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("a", "Honey.")
    assert keys("miel", only_good=True) == ["a"]
    monkeypatch.setattr(FakeEncoder, "pieces", SameWords())
    assert keys("miel", only_good=True) == []
    assert keys("miel") == keys("honey", only_good=True) == ["a"]


def test_a_glossary_term_alone_is_not_good_by_itself(settings: Settings) -> None:
    publish("a", "Kemitraan desa works.")
    without_encoder(settings)
    found = ask("partnership", concepts=(VILLAGE_PARTNERSHIP,))
    assert [hit.reasons for hit in found.hits] == [(Reason.GLOSSARY,)]
    assert keys("partnership", concepts=(VILLAGE_PARTNERSHIP,), only_good=True) == []


def test_a_document_that_is_edited_during_each_try_is_shown_as_it_is_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("a", "Honey 0.")
    real, edition = service.texts_of, count(1)

    def edited_first(ids: Sequence[int]) -> dict[int, store.StoredText]:
        publish("a", f"Honey {next(edition)}.")
        return real(ids)

    monkeypatch.setattr(service, "texts_of", edited_first)
    hit = the_hit("miel")
    assert (hit.passage, hit.sentence) == ("Honey 1.", "")

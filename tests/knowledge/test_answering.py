"""Whether a passage answers: the rule, apart from the search that finds it."""

import dataclasses

import pytest
from wagtail.models import PageViewRestriction

from embeddings.types import Entity
from knowledge.compare import answering
from knowledge.compare.answering import Answering
from knowledge.models import Country, Dimension, ProgrammePage
from knowledge.rights import AnonymousReader
from knowledge.search.results import ResultCard
from tests.factories import work

VIET_NAM = Entity(facet="country", value="vn", names=("Viet Nam", "ベトナム"), is_place=True)
MALAWI = Entity(facet="country", value="mw", names=("Malawi", "ملاوي"), is_place=True)
OVOP = tuple(Entity(facet="programme", value=code, names=("OVOP",)) for code in ("malawi", "oita"))
OCOP = Entity(facet="programme", value="ocop", names=("OCOP",))
pytestmark = pytest.mark.django_db
KNOWN = (VIET_NAM, MALAWI, *OVOP, OCOP)


def card(sentence: str, *, passage: str = "", heading: str = "") -> ResultCard:
    told = {"heading": heading, "passage": passage or sentence, "sentence": sentence}
    texts = {one.name: "" for one in dataclasses.fields(ResultCard) if one.type is str} | told
    return ResultCard(
        rank=1,
        page=1,
        score=1.0,
        why=(),
        versions=(),
        superseded=False,
        **texts,
    )


def in_malawi() -> ProgrammePage:
    return ProgrammePage(code="malawi", country=Country(code="mw"))


def holds(
    found: ResultCard, programme: ProgrammePage | None = None, about: Dimension | None = None
) -> bool:
    rule = Answering(dimensions=[about] if about else [], names=KNOWN)
    return rule.holds_for(found, programme or in_malawi())


@pytest.mark.parametrize(
    "asks",
    ["Who decides?", "“Who decides?”", "誰が決めるか？", "من يقرر؟", "ማን ይወስናል፧", "(Why?)\n", "?"],
)
def test_a_question_answers_nothing(asks: str) -> None:
    assert not holds(card(asks))
    assert not holds(card("", passage=asks))


@pytest.mark.parametrize("says", ["Who decides? The district.", "“Yes.”", "", "。", "\x00"])
def test_a_statement_may_answer(says: str) -> None:
    assert holds(card(says))


@pytest.mark.parametrize(
    "says",
    [
        "Viet Nam awards one to five stars.",
        "ベトナムのはちみつ。",
        "OCOP has stars.",
    ],
)
def test_what_is_said_of_another_alone_is_no_answer(says: str) -> None:
    assert not holds(card(says))


@pytest.mark.parametrize(
    "says",
    [
        "Unlike Viet Nam, Malawi has no stars.",
        "OVOP has no stars; Viet Nam has.",
        "There are no stars.",
        "في ملاوي لا نجوم.",
    ],
)
def test_what_names_the_programme_or_nobody_may_be_one(says: str) -> None:
    assert holds(card(says))


def test_the_sentence_that_is_marked_speaks_for_its_passage() -> None:
    passage = "Viet Nam awards stars. Malawi does not."
    assert not holds(card("Viet Nam awards stars.", passage=passage))
    assert holds(card("Malawi does not.", passage=passage))


def test_a_programme_of_many_countries_speaks_of_itself_by_naming_them() -> None:
    network = ProgrammePage(code="network")
    assert holds(card("Viet Nam is the host."), network)


@pytest.mark.parametrize(("nearest", "answers"), [(0, True), (1, True), (2, False), (12, False)])
def test_a_passage_about_another_dimension_is_beside_the_point(
    monkeypatch: pytest.MonkeyPatch, nearest: int, answers: bool
) -> None:
    order = [one for one in Dimension if one != Dimension.FINANCE]
    order.insert(nearest, Dimension.FINANCE)
    seen: list[str] = []
    monkeypatch.setattr(answering, "nearest_dimensions", lambda text: seen.append(text) or order)
    found = card("A loan.", passage="A loan. Two years.", heading="Money")
    assert holds(found, about=Dimension.FINANCE) is answers
    assert holds(found), "a question about no dimension"
    assert seen == ["Money: A loan. Two years."]


@pytest.mark.django_db
def test_what_the_question_names_itself_does_not_speak_against_a_passage() -> None:
    for code, name in (("vn", "Viet Nam"), ("mw", "Malawi")):
        Country.objects.create(code=code, name=name)
    says = card("Viet Nam sent a delegation.")
    asked = {
        text: Answering.to(text, [], reader=AnonymousReader()).holds_for(says, in_malawi())
        for text in ("What came from Viet Nam?", "What came?", "\x00", "")
    }
    assert asked == {
        "What came from Viet Nam?": True,
        "What came?": False,
        "\x00": False,
        "": False,
    }


@pytest.mark.django_db
def test_a_programme_hidden_from_the_reader_has_no_name() -> None:
    page = work(ProgrammePage, code="secret", title="Lanternade", slug="secret")
    says = card("Lanternade sells honey.")
    assert not Answering.to("x", [], reader=AnonymousReader()).holds_for(says, in_malawi())
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    assert Answering.to("x", [], reader=AnonymousReader()).holds_for(says, in_malawi())

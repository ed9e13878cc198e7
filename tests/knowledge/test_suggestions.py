from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from wagtail.models import PageViewRestriction

from knowledge.models import (
    CaseStudyPage,
    GlossaryName,
    GlossaryTerm,
    LessonPage,
    PolicyPage,
    ProgrammePage,
)
from knowledge.rights import AnonymousReader
from knowledge.search.suggestions import Suggestion, suggest
from tests.factories import index_page, work

pytestmark = pytest.mark.django_db


def texts(typed: str, reader: Any = None, **options: Any) -> list[str]:
    return [one.text for one in suggest(typed, reader=reader or AnonymousReader(), **options)]


def reader_of(user: object) -> object:
    request = RequestFactory().get("/")
    request.user = user
    request.session = {}
    return request


def term(code: str, name: str, **names: str) -> None:
    made = GlossaryTerm.objects.create(code=code, name=name)
    for language, local in names.items():
        GlossaryName.objects.create(term=made, language=language, name=local)


@pytest.mark.parametrize(
    ("title", "language", "typed"),
    [
        ("Quyết định 148/QĐ-TTg", "vi", "Quyết"),
        ("Quyết định 148/QĐ-TTg", "vi", "quyet d"),
        ("Quyết định 148/QĐ-TTg", "vi", "định"),
        ("Quyết định 148/QĐ-TTg", "vi", "148"),
        ("Quyết định 148/QĐ-TTg", "vi", "  QUYẾT   ĐỊNH  "),
        ("La campagne « Un village »", "fr", "un vil"),
        ("Ōita sales", "en", "oita"),
        ("ขีดจำกัดของ OTOP", "th", "ขีด"),
        ("ขีดจำกัดของ OTOP", "th", "จำกัด"),
        ("ໜຶ່ງເມືອງ ໜຶ່ງຜະລິດຕະພັນ", "lo", "ເມືອງ"),
        ("ភូមិមួយផលិតផលមួយ", "km", "ផលិត"),
        ("大山のNPC運動", "ja", "運"),
        ("大山のNPC運動", "ja", "NPC"),
        ("一村一品", "zh", "村一"),
        ("قرية واحدة منتج واحد", "ar", "منت"),
    ],
)
def test_a_title_is_suggested_from_the_beginning_of_any_of_its_words(
    title: str, language: str, typed: str
) -> None:
    """In scripts without spaces a word may begin anywhere."""
    page = work(title=title, language=language)
    (found,) = suggest(typed, reader=AnonymousReader())
    assert found == Suggestion(text=title, kind="work", url=page.url, language=language)


def test_accents_count_once_they_are_typed() -> None:
    work(title="Nhật Bản và mô hình OVOP", language="vi")
    work(title="Hạng cao nhất", language="vi")
    assert {*texts("nhat")} == {"Hạng cao nhất", "Nhật Bản và mô hình OVOP"}
    assert texts("Nhật") == ["Nhật Bản và mô hình OVOP"]


def test_a_work_is_suggested_in_the_readers_language_where_that_title_is_begun_too() -> None:
    english = work(title="Quảng Nam: a budget", language="en")
    work(
        title="Ngân sách OCOP của tỉnh Quảng Nam",
        language="vi",
        translation_key=english.translation_key,
    )
    with translation.override("vi"):
        assert texts("quang nam") == ["Ngân sách OCOP của tỉnh Quảng Nam"]
    with translation.override("fr"):
        assert texts("quang nam") == ["Quảng Nam: a budget"]


@pytest.mark.parametrize("typed", ["ecision", "48", "Decisions", "Decision 149"])
def test_the_middle_of_a_word_and_another_word_suggest_nothing(typed: str) -> None:
    work(title="Decision 148")
    assert texts(typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "a",
        "?",
        "...",
        "%",
        "\x00",
        "\x00\x00",
        "\ud800",
        "a" * 101,
        "<b>",
        "'; --",
        "(",
        "*",
    ],
)
def test_what_is_too_short_too_long_or_hostile_suggests_nothing(client: Client, typed: str) -> None:
    work(title="A work (about *)")
    term("a", "a term")
    assert texts(typed) == []
    query = {"q": typed.encode("utf-8", "surrogatepass")}
    for address in ("/search/suggest", "/api/suggest"):
        assert client.get(address, query).status_code == 200


def test_a_term_is_suggested_in_the_readers_language_if_it_was_begun_in_it() -> None:
    term("star", "star rating", fr="notation par étoiles", vi="xếp hạng sao")
    term("start", "start-up", fr="start-up")
    with translation.override("fr"):
        assert texts("star") == ["start-up", "star rating"]
        found = suggest("etoiles", reader=AnonymousReader())
    assert found == [Suggestion(text="notation par étoiles", kind="term", url=None, language="fr")]
    assert [one.language for one in suggest("xep", reader=AnonymousReader())] == ["vi"]


def test_of_terms_those_that_begin_with_it_come_first_then_the_shorter() -> None:
    for code, name in [("a", "village fund office"), ("b", "fund"), ("c", "funding"), ("d", "a fund")]:  # fmt: skip
        term(code, name)
    assert texts("fund") == ["fund", "funding", "a fund", "village fund office"]


def test_a_term_corrected_or_deleted_by_an_editor_counts_at_once() -> None:
    term("star", "star rating")
    assert texts("star") == ["star rating"]
    made = GlossaryTerm.objects.get()
    made.name = "star grading"
    made.save()
    assert texts("star") == ["star grading"]
    made.delete()
    assert texts("star") == []


def test_a_programme_is_suggested_once_by_any_of_its_names_and_leads_to_its_works() -> None:
    english = work(
        ProgrammePage, title="OCOP Viet Nam", slug="ocop", other_names="Mỗi xã một sản phẩm\nOCOP"
    )
    work(ProgrammePage, title="OCOP Việt Nam", language="vi", code="ocop", translation_of=english)
    url = "/search/?programme=ocop"
    programme = Suggestion(text="OCOP Viet Nam", kind="programme", url=url, language="en")
    assert suggest("ocop", reader=AnonymousReader()) == [programme]
    assert suggest("mot xa", reader=AnonymousReader()) == []
    assert suggest("moi xa", reader=AnonymousReader()) == [programme]
    with translation.override("vi"):
        assert texts("ocop") == ["OCOP Việt Nam"]


def test_of_programmes_the_one_whose_name_is_what_was_typed_comes_first() -> None:
    work(ProgrammePage, title="ASEAN OCOP network", slug="a")
    work(ProgrammePage, title="OCOP of the FAO", slug="b")
    work(ProgrammePage, title="Viet Nam's programme", slug="c", other_names="OCOP")
    assert texts("ocop") == ["Viet Nam's programme", "OCOP of the FAO", "ASEAN OCOP network"]


def test_a_work_is_suggested_once_whatever_its_languages() -> None:
    english = work(title="OTOP fairs")
    work(title="Foires OTOP", language="fr", translation_of=english)
    assert texts("otop") in (["OTOP fairs"], ["Foires OTOP"])
    assert texts("foires") == ["Foires OTOP"]


def test_the_three_kinds_take_turns_and_no_text_comes_twice() -> None:
    work(ProgrammePage, title="Honey Way")
    for number in range(9):
        work(title=f"Honey case {number}")
        term(f"t{number}", f"honey term {number}")
    work(LessonPage, title="Honey term 0")
    found = suggest("honey", reader=AnonymousReader())
    assert [one.kind for one in found] == ["programme", "term", "work"] + ["term", "work"] * 2 + ["term"]  # fmt: skip
    assert len(texts("honey", limit=3)) == 3
    folded = [text.casefold() for text in texts("honey", limit=50)]
    assert len(folded) == len(set(folded)) == 19


def test_drafts_withdrawn_and_expired_works_are_never_suggested() -> None:
    work(title="Honey draft", publish=False)
    withdrawn = work(title="Honey withdrawn")
    assert texts("honey") == ["Honey withdrawn"]
    withdrawn.unpublish()
    expired = work(title="Honey expired")
    type(expired).objects.filter(pk=expired.pk).update(
        expire_at=timezone.now() - timedelta(seconds=1)
    )
    work(ProgrammePage, title="Honey programme", publish=False)
    assert texts("honey") == []
    assert texts("honey", reader_of(User.objects.create_superuser("root"))) == []


def test_a_changed_draft_of_a_live_page_does_not_tell_its_new_title() -> None:
    page = work(title="Honey")
    page.title = "Embargoed"
    page.save_revision()
    assert texts("embargoed") == []
    assert texts("honey") == ["Honey"]


@pytest.mark.parametrize("model", [CaseStudyPage, PolicyPage, ProgrammePage])
def test_only_who_may_open_it_now_is_suggested_a_work_or_a_programme(model: Any) -> None:
    page = work(model, title="Honey secret")
    member = User.objects.create_user("member")
    group = Group.objects.create(name="Workshop")
    assert texts("honey") == ["Honey secret"]
    restriction = PageViewRestriction.objects.create(
        page=index_page(model), restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(group)
    assert texts("honey") == texts("honey", reader_of(AnonymousUser())) == []
    assert texts("honey", reader_of(member)) == []
    member.groups.add(group)
    assert texts("honey", reader_of(User.objects.get(pk=member.pk))) == [page.title]
    restriction.delete()
    assert texts("honey") == ["Honey secret"]


def test_a_published_a_renamed_and_a_deleted_work_count_at_once() -> None:
    page = work(title="Honey")
    assert texts("honey") == ["Honey"]
    page.title = "Money"
    page.save_revision().publish()
    assert texts("honey") == []
    assert texts("money") == ["Money"]
    page.delete()
    assert texts("money") == []


def test_the_question_box_is_answered_with_options(client: Client) -> None:
    work(title='Honey "Mèo <Vạc>"', language="vi")
    html = client.get("/search/suggest", {"q": "honey"}).content.decode()
    value = "Honey &quot;Mèo &lt;Vạc&gt;&quot;"
    assert html.strip() == f'<option value="{value}" lang="vi" dir="ltr"></option>'


def test_an_option_not_written_as_typed_says_what_was_typed(client: Client) -> None:
    """Browsers hide options that do not hold the typed text to the letter."""
    work(title="Mật ong", language="vi")
    html = client.get("/search/suggest", {"q": "mat"}).content.decode()
    assert 'label="mat → Mật ong"' in html
    assert "label" not in client.get("/search/suggest", {"q": "MẬT"}).content.decode()


def test_suggestions_are_only_read(client: Client) -> None:
    assert client.post("/search/suggest").status_code == 405
    assert client.get("/search/suggest").content.strip() == b""


def test_the_api_answers_as_the_question_box_does(client: Client) -> None:
    work(ProgrammePage, title="Honey Way", slug="honey")
    page = work(title="Honey case")
    term("honey", "honey")
    assert client.get("/api/suggest", {"q": "honey"}).json() == [
        {"text": "Honey Way", "kind": "programme", "url": "/search/?programme=honey", "language": "en"},
        {"text": "honey", "kind": "term", "url": None, "language": "en"},
        {"text": "Honey case", "kind": "work", "url": page.url, "language": "en"},
    ]  # fmt: skip
    assert len(client.get("/api/suggest", {"q": "honey", "limit": 1}).json()) == 1
    assert client.get("/api/suggest").json() == []


def test_the_search_page_asks_for_suggestions_and_is_whole_without_them(client: Client) -> None:
    work()
    html = client.get("/search/").content.decode()
    assert 'list="suggestions" hx-get="/search/suggest"' in html
    assert '<datalist id="suggestions"></datalist>' in html

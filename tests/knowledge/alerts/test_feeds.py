import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from knowledge.models import Country, LessonPage
from knowledge.models.base import WorkPage
from tests.factories import work

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parsed(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 – our own answer


def fetch(
    query: str = "", *, form: str = "atom", client: Client | None = None, **headers: str
) -> Any:
    return (client or Client()).get(f"/search/feed.{form}?{query}", headers=headers)


def entries(query: str = "", **options: Any) -> list[ET.Element]:
    response = fetch(query, **options)
    assert response.status_code == 200, response.content
    return parsed(response.content).findall("a:entry", ATOM)


def titles(query: str = "", **options: Any) -> list[str]:
    return [str(one.findtext("a:title", namespaces=ATOM)) for one in entries(query, **options)]


def published(page: WorkPage, *, days_ago: int) -> WorkPage:
    then = timezone.now() - timedelta(days=days_ago)
    Page.objects.filter(pk=page.pk).update(first_published_at=then, last_published_at=then)
    page.refresh_from_db()
    return page


@pytest.fixture
def shelf() -> dict[str, WorkPage]:
    malawi = Country.objects.create(code="mw", name="Malawi")
    return {
        "old": published(work(title="Old honey", text="Honey of bees.", dated="2024"), days_ago=9),
        "new": published(
            work(title="New honey", text="Mật ong.", language="vi", dated="2001", country=malawi),
            days_ago=1,
        ),
        "other": published(work(LessonPage, title="Stars", text="Five star grading."), days_ago=5),
    }


def test_newest_published_first_not_newest_dated(shelf: dict[str, WorkPage]) -> None:
    assert titles() == ["New honey", "Stars", "Old honey"]


def test_filters_count(shelf: dict[str, WorkPage]) -> None:
    assert titles("country=mw") == ["New honey"]
    assert titles("kind=lesson") == ["Stars"]
    assert titles("kind=policy") == []


def test_a_question_lists_what_answers_it_in_whatever_language(shelf: dict[str, WorkPage]) -> None:
    assert titles("q=honey") == ["New honey", "Old honey"]
    assert titles("q=miel&country=mw") == ["New honey"]
    assert titles("q=quantum+chromodynamics") == []


def test_a_feed_is_the_portal_s_and_has_a_name_for_each_language(
    shelf: dict[str, WorkPage],
) -> None:
    feeds = {one: parsed(fetch(f"q=honey&interface={one}").content) for one in ("en", "fr")}
    names = {one: feed.findtext("a:id", namespaces=ATOM) for one, feed in feeds.items()}
    assert names["fr"] == "http://testserver/search/?q=honey&interface=fr"
    assert names["en"] != names["fr"]
    author = feeds["en"].findtext("a:author/a:name", namespaces=ATOM)
    assert author == "Village Knowledge Portal"
    again = parsed(fetch("q=honey", **{"accept-language": "fr"}).content)
    assert again.findtext("a:id", namespaces=ATOM) == names["fr"]


def test_an_entry_says_its_language_its_days_and_a_lasting_name(shelf: dict[str, WorkPage]) -> None:
    first = entries("interface=fr")[0]
    assert first.get(LANG) == "vi"
    assert first.findtext("a:id", namespaces=ATOM) == f"urn:uuid:{shelf['new'].translation_key}"
    link = first.find("a:link", ATOM)
    assert link is not None
    assert str(link.get("href")).startswith("http://testserver/")
    shelf["new"].title = "New honey, corrected"
    shelf["new"].save_revision().publish()
    again = entries()[0]
    assert again.findtext("a:title", namespaces=ATOM) == "New honey, corrected"
    assert again.findtext("a:id", namespaces=ATOM) == first.findtext("a:id", namespaces=ATOM)
    assert again.findtext("a:published", namespaces=ATOM) == first.findtext(
        "a:published", namespaces=ATOM
    )


def test_a_translation_is_no_new_work(shelf: dict[str, WorkPage]) -> None:
    work(title="Vieux miel", language="fr", text="Miel.", dated="2024", translation_of=shelf["old"])
    assert len(entries()) == 3
    assert titles("interface=fr")[-1] == "Vieux miel"


def test_rss_has_the_same(shelf: dict[str, WorkPage]) -> None:
    response = fetch("q=honey&interface=th", form="rss")
    assert response["Content-Type"].startswith("application/rss+xml")
    channel = parsed(response.content).find("channel")
    assert channel is not None
    assert [item.findtext("title") for item in channel.iter("item")] == ["New honey", "Old honey"]
    assert channel.findtext("language") == "th"
    languages = [
        i.findtext("{http://purl.org/dc/elements/1.1/}language") for i in channel.iter("item")
    ]
    assert languages == ["vi", "en"]


def test_the_feed_speaks_the_language_it_names(shelf: dict[str, WorkPage]) -> None:
    response = fetch("interface=fr", **{"accept-language": "th"})
    root = parsed(response.content)
    assert root.get(LANG) == "fr"
    assert fetch("interface=xx").status_code == 200


def hide(page: WorkPage, how: str) -> None:
    if how == "draft":
        page.unpublish()
    elif how == "expired":
        Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    elif how == "deleted":
        page.delete()
    else:
        one = PageViewRestriction.objects.create(page=page, restriction_type=how, password="x")
        if how == PageViewRestriction.GROUPS:
            one.groups.add(Group.objects.get_or_create(name="Workshop")[0])


@pytest.mark.parametrize(
    "how",
    ["draft", "expired", "deleted", "password", "login", "groups"],
)
@pytest.mark.parametrize("form", ["atom", "rss"])
def test_what_is_not_for_everybody_is_in_no_feed_not_even_for_a_member(
    shelf: dict[str, WorkPage], how: str, form: str
) -> None:
    hide(shelf["new"], how)
    member = User.objects.create_superuser("member", "m@example.org", "x")
    member.groups.add(Group.objects.get_or_create(name="Workshop")[0])
    client = Client()
    client.force_login(member)
    for query in ("", "q=honey", "country=mw", "q=m%E1%BA%ADt+ong"):
        body = fetch(query, form=form, client=client).content.decode()
        assert "New honey" not in body
        assert str(shelf["new"].translation_key) not in body


def test_unchanged_is_not_sent_again_and_withdrawal_is_a_change(shelf: dict[str, WorkPage]) -> None:
    first = fetch("q=honey")
    assert first["Last-Modified"]
    again = fetch("q=honey", **{"if-none-match": first["ETag"]})
    assert again.status_code == 304
    shelf["new"].unpublish()
    changed = fetch("q=honey", **{"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert "New honey" not in changed.content.decode()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=" + "x" * 1001, 400),
        ("q=%00", 400),
        ("page=0", 400),
        ("q=%01%0b%1f%ef%bf%bf", 200),
        ("q=%3Cscript%3Ealert(1)%3C/script%3E]]%3E", 200),
        ("country=%3Cx%3E&kind=../../etc&year=%00", 200),
        ("interface=%00", 200),
        ("q=%ff%fe", 200),
    ],
)
@pytest.mark.parametrize("form", ["atom", "rss"])
def test_no_query_breaks_it(shelf: dict[str, WorkPage], query: str, status: int, form: str) -> None:
    response = fetch(query, form=form)
    assert response.status_code == status
    if status == 200:
        parsed(response.content)
    else:
        assert response.content


def test_text_of_works_is_no_markup_in_a_feed() -> None:
    work(title="A <b>bold</b> & \x02 title", text="Honey <script>alert(1)</script> & more honey.")
    (one,) = entries("q=honey")
    assert "<b>bold</b> &" in str(one.findtext("a:title", namespaces=ATOM))
    assert "<script>" not in str(one.findtext("a:summary", namespaces=ATOM))


def test_there_is_no_other_form(shelf: dict[str, WorkPage]) -> None:
    assert fetch(form="json").status_code == 404
    assert Client().post("/search/feed.atom").status_code == 405


def test_a_feed_is_not_endless() -> None:
    for number in range(33):
        work(title=f"Work {number}")
    assert len(entries()) == 30


def test_the_search_page_links_to_its_own_feed(shelf: dict[str, WorkPage]) -> None:
    page = Client().get("/search/?q=honey&country=mw", headers={"accept-language": "fr"})
    html = page.content.decode()
    address = "/search/feed.atom?q=honey&amp;country=mw&amp;interface=fr"
    assert 'rel="alternate" type="application/atom+xml"' in html
    assert html.count(address) == 2  # for programs and for people
    assert titles("q=honey&country=mw&interface=fr") == ["New honey"]

"""What search engines are told: all that a stranger may open, and nothing else."""

import datetime as dt
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import Page, PageViewRestriction

from knowledge import crawling
from knowledge.models import WorkshopPage
from knowledge.workshops.materials import materials_folder, open_to_all
from tests.factories import home_page, index_page, work

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ALTERNATE = "{http://www.w3.org/1999/xhtml}link"


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def listed(client: Client, address: str = "/sitemap.xml") -> dict[str, dict[str, str]]:
    """Return address → language → address of each version that is named beside it."""
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml"
    return {
        entry.findtext(f"{SITEMAP}loc", ""): {
            link.attrib["hreflang"]: link.attrib["href"] for link in entry.iter(ALTERNATE)
        }
        for entry in ET.fromstring(response.content).iter(f"{SITEMAP}url")  # noqa: S314 – our own
    }


def at(page: Page) -> str:
    return f"http://testserver{page.get_url()}"


def test_every_public_page_is_listed_with_all_versions_of_it(client: Client) -> None:
    english = work(title="Honey")
    french = work(title="Miel", language="fr", translation_of=english)
    alone = work(title="Bamboo")
    found = listed(client)
    versions = {"en": at(english), "fr": at(french)}
    assert found[at(english)] == found[at(french)] == versions
    assert found[at(alone)] == {}
    assert found[at(home_page("en"))] == {"en": at(home_page("en")), "fr": at(home_page("fr"))}
    assert at(index_page(type(english))) in found


def test_a_page_says_when_it_was_published(client: Client) -> None:
    page = work()
    day = page.last_published_at.astimezone(dt.UTC).date().isoformat()
    assert f"<lastmod>{day}</lastmod>" in client.get("/sitemap.xml").content.decode()


def restrict(page: Page, kind: str) -> None:
    restriction = PageViewRestriction.objects.create(
        page=page, restriction_type=kind, password="honey"
    )
    if kind == PageViewRestriction.GROUPS:
        restriction.groups.add(Group.objects.create(name="Some"))


@pytest.mark.parametrize(
    "kind",
    [PageViewRestriction.LOGIN, PageViewRestriction.PASSWORD, PageViewRestriction.GROUPS],
)
def test_what_is_restricted_is_listed_for_nobody(client: Client, kind: str) -> None:
    """Neither itself, nor what is below it, nor as a version of what is open; from now on."""
    english = work(title="Honey")
    french = work(title="Miel", language="fr", translation_of=english)
    below = work(title="Bamboo", language="fr")
    assert {at(french), at(below)} <= set(listed(client))
    restrict(french.get_parent(), kind)
    client.force_login(User.objects.create_superuser("admin", "admin@example.org", "pw"))
    for reader in (client, Client()):
        found = listed(reader)
        assert found[at(english)] == {}
        assert not {at(french), at(below)} & set(found)
        assert "/fr/case-studies/" not in "".join(found)


def test_what_is_withdrawn_or_expired_or_a_draft_is_not_listed(client: Client) -> None:
    gone, expired = work(title="Honey"), work(title="Bamboo")
    draft = work(title="Water", publish=False)
    assert {at(gone), at(expired)} <= set(listed(client))
    gone.unpublish()
    Page.objects.filter(pk=expired.pk).update(expire_at=timezone.now() - dt.timedelta(seconds=1))
    assert not {at(gone), at(expired), at(draft)} & set(listed(client))


def test_an_alias_and_the_folder_of_a_workshop_are_no_pages_of_their_own(client: Client) -> None:
    page = work(title="Honey")
    alias = page.create_alias(parent=index_page(type(page), "fr"), update_slug="alias")
    workshop = work(WorkshopPage, title="Meeting", starts_on=dt.date(2026, 5, 4))
    open_to_all(workshop)
    found = listed(client)
    assert at(workshop) in found
    assert not {at(alias), at(materials_folder(workshop))} & set(found)


def test_it_is_written_once_for_the_same_pages(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(title="Honey")
    first = listed(client)
    with monkeypatch.context() as unwritten:
        unwritten.setattr(crawling, "_urls", None)
        assert listed(client) == first
        assert listed(client, "/sitemap-1.xml") == first
    other = work(title="Bamboo")
    assert set(listed(client)) == {*first, at(other)}


def test_where_there_are_too_many_the_list_is_of_files(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = work(title="Honey")
    french = work(title="Miel", language="fr", translation_of=english)
    whole = listed(client)
    monkeypatch.setattr(crawling, "_PAGES_IN_A_FILE", 2)
    response = client.get("/sitemap.xml")
    named = [one.text or "" for one in ET.fromstring(response.content).iter(f"{SITEMAP}loc")]  # noqa: S314
    assert named == [f"http://testserver/sitemap-{n}.xml" for n in range(1, len(named) + 1)]
    parts = [listed(client, one.removeprefix("http://testserver")) for one in named]
    assert len(parts) > 1
    assert all(len(part) <= 2 for part in parts)
    assert {address: links for part in parts for address, links in part.items()} == whole
    assert whole[at(french)]["en"] == at(english)
    for wrong in (0, len(named) + 1, 10**20):
        assert client.get(f"/sitemap-{wrong}.xml").status_code == 404


def test_addresses_begin_as_the_operator_says(client: Client, settings: Settings) -> None:
    work(title="Honey")
    settings.PUBLIC_BASE_URL = "https://portal.example.org"
    found = listed(client)
    assert found
    assert all(one.startswith("https://portal.example.org/") for one in found)
    told = client.get("/robots.txt").content.decode()
    assert told.endswith("\nSitemap: https://portal.example.org/sitemap.xml\n")


def test_a_portal_without_pages_lists_none(client: Client) -> None:
    Page.objects.filter(depth__gt=1).delete()
    assert listed(client) == {}


@pytest.mark.parametrize(
    "address",
    [
        "/search/?q=honey", "/search/feed.atom?q=honey", "/compare/ask?q=honey", "/api/search?q=honey",
        "/account/", "/account/alerts", "/accounts/login/", "/admin/", "/review/", "/share/mine",
        "/join/ABCD-EFGH", "/brief/", "/workshops/3/organise", "/board/ask", "/parallel/1/2",
        "/healthz", "/metrics",
    ],
)  # fmt: skip
def test_programs_are_asked_to_stay_away_from_what_is_no_page(client: Client, address: str) -> None:
    assert not rules(client).can_fetch("Anybot", address)


@pytest.mark.parametrize(
    "address", ["/", "/en/", "/countries/vn", "/themes/", "/indicators/", "/glossary/", "/board/",
                "/compare/", "/static/portal/style.css", "/sitemap.xml"],
)  # fmt: skip
def test_programs_may_read_all_else(client: Client, address: str) -> None:
    assert rules(client).can_fetch("Anybot", address)


def test_no_listed_page_is_one_to_stay_away_from(client: Client) -> None:
    work(WorkshopPage, title="Meeting", starts_on=dt.date(2026, 5, 4))
    told = rules(client)
    assert all(told.can_fetch("Anybot", address) for address in listed(client))


def rules(client: Client) -> RobotFileParser:
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"].startswith("text/plain")
    parser = RobotFileParser()
    parser.parse(response.content.decode().splitlines())
    return parser


def test_both_are_only_read(client: Client) -> None:
    for address in ("/robots.txt", "/sitemap.xml", "/sitemap-1.xml"):
        assert client.post(address).status_code == 405

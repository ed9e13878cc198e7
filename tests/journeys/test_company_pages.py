"""The pages of those who take part, on a desk and on a phone, for strangers and for one of them."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.journeys.browsing import all_of, language_of, requests_of, scrolls_sideways, texts
from tests.journeys.conftest import DESKTOP, PHONE, Browser, Company
from tests.journeys.measures import needs_axe, serious_faults, too_heavy

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.reading]

IN_THREE = pytest.mark.parametrize(
    ("size", "language"), [(DESKTOP, "en"), (PHONE, "ar"), (PHONE, "th")]
)


def pages_of(company: Company, browser: Chrome) -> Iterator[tuple[str, str]]:
    """Yield name and address of each page; after the open ones the browser is hers."""
    for pages in (company.open, company.own):
        for name, path in pages.items():
            yield name, company.server.url + path
        company.sign_in(browser)


@needs_axe
@IN_THREE
def test_no_page_has_a_serious_fault_of_accessibility(
    company: Company, browser: Browser, size: tuple[int, int], language: str
) -> None:
    reader = browser(size=size, language=language)
    faults = {}
    for name, address in pages_of(company, reader):
        reader.get(address)
        assert language_of(reader)[0] == language, name
        if found := serious_faults(reader):
            faults[name] = found
    assert faults == {}


@pytest.mark.parametrize("language", ["en", "ar", "th"])
def test_pages_fit_a_phone_ask_no_other_host_and_report_nothing_to_the_console(
    company: Company, browser: Browser, language: str
) -> None:
    reader = browser(size=PHONE, language=language)
    faults, shown = [], []
    for name, address in pages_of(company, reader):
        reader.get_log("performance")
        reader.get_log("browser")
        reader.get(address)
        assert texts(reader, "h1"), name
        shown.append(texts(reader, "h1")[0])
        if not all(one["url"].startswith(company.server.url) for one in requests_of(reader)):
            faults.append((name, "asks another host"))
        faults += [(name, one["message"]) for one in reader.get_log("browser")]
        if scrolls_sideways(reader):
            faults.append((name, "is too wide"))
    assert faults == []
    assert len(set(shown)) > len(shown) / 2  # they are not all one door


def test_a_first_visit_weighs_little_and_the_next_one_less(
    company: Company, browser: Browser
) -> None:
    stranger = browser(size=PHONE)
    site = company.server.url
    assert too_heavy(stranger, {name: site + path for name, path in company.open.items()}) == {}
    company.sign_in(stranger)
    assert too_heavy(stranger, {name: site + path for name, path in company.own.items()}) == {}


def test_what_she_may_see_is_shown_to_her_and_not_to_strangers(
    company: Company, browser: Browser
) -> None:
    """Guards the journeys above: without the session each page is a door."""
    stranger = browser()
    hidden = set(company.own) - {"organised workshop", "board as contributor"}
    for name in hidden:
        stranger.get(company.server.url + company.own[name])
        asks_in = all_of(stranger, "[name=login]") or all_of(stranger, 'main a[href*="/login/"]')
        assert asks_in or all_of(stranger, ".notice-page"), name
    company.sign_in(stranger)
    for name in hidden:
        stranger.get(company.server.url + company.own[name])
        assert not all_of(stranger, "[name=login]"), name

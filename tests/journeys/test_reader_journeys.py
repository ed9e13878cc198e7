"""Readers on a desk and on a phone, with and without scripts, over the starter collection."""

import urllib.request

import pytest
from selenium.webdriver import Chrome, Keys

from tests.journeys.browsing import (
    all_of,
    click,
    first_link,
    language_of,
    parameters,
    requests_of,
    scrolls_sideways,
    send,
    texts,
    tick_first,
)
from tests.journeys.conftest import DESKTOP, PHONE, Browser, Server, wait_for
from tests.journeys.measures import needs_axe, serious_faults, too_heavy

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.reading]

A_WORK = "/vi/case-studies/"
A_PARALLEL = "/en/policies/decision-148/"
A_PROGRAMME = "/en/programmes/"


def addresses(browser: Chrome, server: Server) -> dict[str, str]:
    return {
        "home": f"{server.url}/",
        "search": f"{server.url}/search/?q=How+are+products+graded%3F",
        "ask": f"{server.url}/compare/ask?q=How+are+products+graded+with+stars%3F",
        "comparison": f"{server.url}/compare/",
        "grading": f"{server.url}/compare/grading",
        "policies": f"{server.url}/compare/policies",
        "lineage": f"{server.url}/compare/lineage",
        "indicators": f"{server.url}/indicators/",
        "indicator": first_link(browser, server, "/indicators/", ".ledger h3 a"),
        "countries": f"{server.url}/countries/",
        "country": f"{server.url}/countries/vn",
        "origin": f"{server.url}/countries/jp",
        "themes": f"{server.url}/themes/",
        "theme": f"{server.url}/themes/grading",
        "theme of three": f"{server.url}/themes/institutions",
        "glossary": f"{server.url}/glossary/",
        "term": first_link(browser, server, "/glossary/", ".register a"),
        "brief": f"{server.url}/brief/",
        "parallel": first_link(browser, server, A_PARALLEL, ".beside"),
        "work": first_link(browser, server, A_WORK, ".work-item h2 a"),
        "programme": first_link(browser, server, A_PROGRAMME, ".work-item h2 a"),
    }


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_home_page_answers_a_question_typed_with_the_keyboard_alone(
    full_server: Server, browser: Browser, size: tuple[int, int]
) -> None:
    reader = browser(language="fr", size=size)
    reader.get(f"{full_server.url}/")
    assert language_of(reader) == ("fr", "ltr")
    assert not scrolls_sideways(reader)
    for _ in range(40):
        reader.switch_to.active_element.send_keys(Keys.TAB)
        if reader.switch_to.active_element.get_attribute("id") == "q":
            break
    reader.switch_to.active_element.send_keys("miel", Keys.ENTER)
    wait_for(lambda: "/search/" in reader.current_url and all_of(reader, ".hit"), what="answers")
    assert parameters(reader)["q"] == ["miel"]
    assert not scrolls_sideways(reader)
    assert all(one.get_attribute("lang") for one in all_of(reader, ".hit .passage"))

    # From the results, the first work is a few keys away.
    for _ in range(80):
        reader.switch_to.active_element.send_keys(Keys.TAB)
        if reader.execute_script("return document.activeElement.matches('.hit h3 a')"):
            break
    title = reader.switch_to.active_element.text
    reader.switch_to.active_element.send_keys(Keys.ENTER)
    wait_for(lambda: texts(reader, "h1") == [title], what="the work is open")
    assert not scrolls_sideways(reader)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_without_scripts_everything_can_be_searched_narrowed_paged_and_read(
    full_server: Server, browser: Browser, size: tuple[int, int]
) -> None:
    reader = browser(javascript=False, size=size)
    reader.get("data:text/html,<p id=p>off</p><script>p.textContent = 'on'</script>")
    assert texts(reader, "#p") == ["off"]
    reader.get(f"{full_server.url}/")
    all_of(reader, "#q")[0].send_keys("products and villages", Keys.ENTER)
    wait_for(lambda: all_of(reader, ".hit"), what="answers")

    # Narrow by a facet: open the list, tick, apply.
    kind = tick_first(reader, "kind")
    click(reader, all_of(reader, "#facets button")[0])
    wait_for(lambda: parameters(reader).get("kind") == [kind], what="narrowed")
    assert parameters(reader)["q"] == ["products and villages"]
    assert all_of(reader, ".chips")

    # Page through all works.
    reader.get(f"{full_server.url}/search/")
    seen = texts(reader, ".hit h3")
    all_of(reader, ".pages [rel=next]")[0].click()
    wait_for(lambda: parameters(reader).get("page") == ["2"], what="the second page")
    assert not set(seen) & set(texts(reader, ".hit h3"))

    # Switch the interface language and stay on the page.
    all_of(reader, ".languages [value=vi]")[0].click()
    wait_for(lambda: language_of(reader)[0] == "vi", what="Vietnamese")
    assert parameters(reader).get("page") == ["2"]

    title = texts(reader, ".hit h3")[0]
    all_of(reader, ".hit h3 a")[0].click()
    wait_for(lambda: texts(reader, "h1") == [title], what="the work is open")
    assert language_of(reader)[0] == "vi"
    assert len(texts(reader, ".text")[0]) > 500


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_without_scripts_every_programme_is_asked_two_clicks_from_the_home_page(
    full_server: Server, browser: Browser, size: tuple[int, int]
) -> None:
    reader = browser(javascript=False, size=size)
    reader.get(f"{full_server.url}/")
    click(reader, all_of(reader, '.paths a[href="/compare/ask"]')[0])
    all_of(reader, "#q")[0].send_keys("How are products graded with stars?", Keys.ENTER)
    wait_for(lambda: texts(reader, ".columns .whose"), what="answers")
    asked = texts(reader, ".columns .whose") + texts(reader, ".silent li")
    assert len(asked) == len(all_of(reader, ".whom input"))
    assert "OCOP Viet Nam" in texts(reader, ".columns .whose")
    assert all(texts(reader, ".columns .passage"))
    all_of(reader, ".whom summary")[0].click()
    for box in all_of(reader, ".whom input")[:2]:
        click(reader, box)
    click(reader, all_of(reader, "#ask button")[0])
    wait_for(lambda: len(parameters(reader).get("programme", [])) == 2, what="two asked")
    assert len(texts(reader, ".columns .whose") + texts(reader, ".silent li")) == 2
    assert not scrolls_sideways(reader)


def test_an_arabic_interface_runs_from_right_to_left_and_fits_a_phone(
    full_server: Server, browser: Browser
) -> None:
    reader = browser(size=PHONE)
    pages = addresses(reader, full_server)
    reader.get(pages["home"])
    all_of(reader, ".languages [value=ar]")[0].click()
    wait_for(lambda: language_of(reader) == ("ar", "rtl"), what="Arabic")
    for name, address in pages.items():
        reader.get(address)
        assert language_of(reader) == ("ar", "rtl"), name
        assert not scrolls_sideways(reader), name


def test_pages_fit_a_phone_ask_no_other_host_and_report_nothing_to_the_console(
    full_server: Server, browser: Browser
) -> None:
    reader = browser(size=PHONE)
    pages = addresses(reader, full_server)
    reader.get_log("browser")
    reader.get_log("performance")
    for name, address in pages.items():
        reader.get(address)
        assert all(one["url"].startswith(full_server.url) for one in requests_of(reader)), name
        assert reader.get_log("browser") == [], name
        assert not scrolls_sideways(reader), name


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_two_languages_stand_side_by_side_where_there_is_room(
    full_server: Server, browser: Browser, size: tuple[int, int]
) -> None:
    reader = browser(size=size)
    reader.get(first_link(reader, full_server, A_PARALLEL, ".beside"))
    left, right, *_ = all_of(reader, ".pair > .text")
    assert (left.rect["y"] == right.rect["y"]) == (size == DESKTOP)
    assert (left.rect["x"] == right.rect["x"]) == (size == PHONE)


def test_narrowing_with_scripts_asks_no_other_host_and_keeps_the_address(
    full_server: Server, browser: Browser
) -> None:
    reader = browser()
    reader.get(f"{full_server.url}/search/?q=honey")
    kind = tick_first(reader, "kind")
    wait_for(lambda: parameters(reader).get("kind") == [kind], what="the address is narrowed")
    wait_for(lambda: all_of(reader, ".chips"), what="the results are narrowed")
    reader.refresh()
    assert all_of(reader, ".chips")
    assert all(one["url"].startswith(full_server.url) for one in requests_of(reader))
    assert reader.get_log("browser") == []


def test_a_first_visit_weighs_little_and_the_next_one_less(
    full_server: Server, browser: Browser
) -> None:
    stranger = browser(size=PHONE)
    assert too_heavy(stranger, addresses(stranger, full_server)) == {}


VIEWS = [
    ('.menu a[href="/compare/"]', None, ".matrix td"),
    ('.menu a[href="/compare/"]', '.tabs a[href="/compare/ask"]', "#q"),
    ('.menu a[href="/compare/"]', '.tabs a[href="/compare/grading"]', ".matrix td"),
    ('.menu a[href="/compare/"]', '.tabs a[href="/compare/policies"]', ".standing-list li"),
    ('.menu a[href="/compare/"]', '.tabs a[href="/compare/lineage"]', ".lineage li"),
    ('.menu a[href="/indicators/"]', ".ledger h3 a", ".indicator tbody tr"),
    ('.browse a[href="/countries/"]', ".cards a", ".works h3"),
    ('.browse a[href="/countries/vn"]', None, ".standing-list li"),
    ('.browse a[href="/themes/"]', ".cards a", ".works h3"),
    ('.browse a[href="/themes/grading"]', None, ".matrix td"),
    ('.colophon a[href="/glossary/"]', ".register a", ".terms tbody tr"),
    ('.menu a[href="/brief/"]', None, ".nothing"),
]
"""What is clicked on the home page, and then; and what is seen there."""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_view_is_two_clicks_from_the_home_page_without_scripts(
    full_server: Server, browser: Browser, size: tuple[int, int]
) -> None:
    reader = browser(javascript=False, size=size)
    for first, then, shown in VIEWS:
        reader.get(f"{full_server.url}/")
        for selector in filter(None, (first, then)):
            reader.get(str(all_of(reader, selector)[0].get_attribute("href")))
        assert all_of(reader, shown), (first, then)
        assert texts(reader, "h1"), (first, then)
        assert not scrolls_sideways(reader), (first, then)


def test_a_brief_is_gathered_ordered_and_taken_along_without_scripts(
    full_server: Server, browser: Browser
) -> None:
    reader = browser(javascript=False, size=PHONE)
    reader.get(f"{full_server.url}/search/?q=star+grading+of+OCOP+products")
    send(reader, all_of(reader, ".hit .gather button")[0])
    wait_for(lambda: all_of(reader, ".hit"), what="back at the results")
    reader.get(f"{full_server.url}{A_PARALLEL}")
    send(reader, all_of(reader, ".work-foot .gather button")[0])
    wait_for(lambda: all_of(reader, ".work-foot"), what="back at the work")
    reader.get(f"{full_server.url}/brief/")
    gathered = texts(reader, ".gathered h2")
    assert len(gathered) == 2
    assert len(all_of(reader, ".gathered blockquote")) == 1
    all_of(reader, "textarea")[0].send_keys("For the minister.")
    send(reader, all_of(reader, ".gathered [value=save]")[0])
    wait_for(lambda: all_of(reader, "textarea")[0].text == "For the minister.", what="kept")
    send(reader, all_of(reader, ".gathered [value^=down]")[0])
    wait_for(lambda: texts(reader, ".gathered h2") == gathered[::-1], what="moved")
    assert not scrolls_sideways(reader)

    cookies = "; ".join(f"{one['name']}={one['value']}" for one in reader.get_cookies())
    for form, begin in (("docx", b"PK"), ("pdf", b"%PDF")):
        asked = urllib.request.Request(  # noqa: S310 – our own server
            f"{full_server.url}/brief/brief.{form}?first=vi&second=en", headers={"Cookie": cookies}
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            assert answer.read().startswith(begin)


@needs_axe
@pytest.mark.parametrize(("size", "language"), [(DESKTOP, "en"), (PHONE, "ar"), (PHONE, "th")])
def test_no_page_has_a_serious_fault_of_accessibility(
    full_server: Server, browser: Browser, size: tuple[int, int], language: str
) -> None:
    reader = browser(size=size, language=language)
    faults = {}
    for name, address in addresses(reader, full_server).items():
        reader.get(address)
        if found := serious_faults(reader):
            faults[name] = found
    assert faults == {}

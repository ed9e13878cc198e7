"""What a person at a browser does and sees, in words of the journeys."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of

from tests.journeys.conftest import Server, wait_for


def all_of(browser: Chrome, selector: str) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, selector)


def texts(browser: Chrome, selector: str) -> list[str]:
    return [element.text for element in all_of(browser, selector)]


def language_of(browser: Chrome) -> tuple[str | None, str | None]:
    html = browser.find_element(By.TAG_NAME, "html")
    return html.get_attribute("lang"), html.get_attribute("dir")


def is_seen(browser: Chrome, element: WebElement) -> bool:
    """Return what the reader sees; Selenium's own answer knows no open `::details-content`."""
    return bool(browser.execute_script("return arguments[0].checkVisibility()", element))


def tick_first(browser: Chrome, facet: str) -> str:
    """Open the filters where they are folded, tick the first choice and return it."""
    if not is_seen(browser, all_of(browser, "#facets")[0]):
        all_of(browser, ".narrow > summary")[0].click()
    box = next(one for one in all_of(browser, f"[name={facet}]") if is_seen(browser, one))
    value = str(box.get_attribute("value"))
    click(browser, box)
    return value


def click(browser: Chrome, element: WebElement) -> None:
    """Click where the element is, whatever Selenium thinks of seeing it."""
    ActionChains(browser).scroll_to_element(element).move_to_element(element).click().perform()


def send(browser: Chrome, button: WebElement) -> None:
    """Click a button that sends its form, and wait until the page has been left for the answer."""
    page = browser.find_element(By.TAG_NAME, "html")
    click(browser, button)
    wait_for(lambda: staleness_of(page)(browser), what="the form is sent")


def parameters(browser: Chrome) -> dict[str, list[str]]:
    return parse_qs(urlsplit(browser.current_url).query)


def first_link(browser: Chrome, server: Server, path: str, selector: str) -> str:
    """Return the address of the first link that a page shows."""
    browser.get(server.url + path)
    return str(all_of(browser, selector)[0].get_attribute("href"))


def scrolls_sideways(browser: Chrome) -> bool:
    """Return whether anything is wider than the screen.

    A phone's window grows with what overflows; only the root element keeps the screen's width.
    """
    return bool(
        browser.execute_script(
            "const page = document.scrollingElement;"
            "const before = page.scrollLeft; page.scrollLeft = before + (document.dir === 'rtl' ? -50 : 50);"
            "const moved = page.scrollLeft !== before; page.scrollLeft = before;"
            "return moved || page.scrollWidth > document.documentElement.clientWidth"
        )
    )


def requests_of(browser: Chrome) -> list[dict[str, Any]]:
    """Return what the browser asked for since the last time, with the bytes each answer took."""
    asked: dict[str, dict[str, Any]] = {}
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        values = message["params"]
        if message["method"] == "Network.requestWillBeSent":
            asked[values["requestId"]] = {"url": values["request"]["url"], "bytes": 0}
        elif message["method"] == "Network.loadingFinished" and values["requestId"] in asked:
            asked[values["requestId"]]["bytes"] = values["encodedDataLength"]
    return [one for one in asked.values() if one["url"].startswith("http")]  # not chrome://


def documents_of(browser: Chrome) -> list[str]:
    """Return the addresses of the pages that the browser loaded since the last time."""
    loaded = {}
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        values = message["params"]
        if message["method"] == "Network.requestWillBeSent" and values.get("type") == "Document":
            loaded[values["requestId"]] = values["request"]["url"]  # a redirect keeps the number
    return [one for one in loaded.values() if one.startswith("http")]

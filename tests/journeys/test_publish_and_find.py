"""An editor publishes in Vietnamese, a reader asks in French: the story the portal exists for."""

import time

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.journeys.conftest import Browser, Portal, Server, wait_for

pytestmark = [pytest.mark.long, pytest.mark.browser]

TITLE = "Hợp tác xã mật ong bạc hà"
SUMMARY = "Người nuôi ong trên cao nguyên đá cùng bán một nhãn hiệu."
TEXT = "Hợp tác xã ra đời năm 2012. Mật ong được kiểm tra trước khi đóng chai."
QUESTION = "Qui contrôle le miel ?"


def one(browser: Chrome, selector: str) -> WebElement:
    """Wait for the one visible element and return it."""

    def shown() -> WebElement | None:
        found = browser.find_elements(By.CSS_SELECTOR, selector)
        return next((element for element in found if element.is_displayed()), None)

    return wait_for(shown, what=f"{selector} is shown at {browser.current_url}")


def press(browser: Chrome, selector: str) -> None:
    """Bring an element to the middle of the window, where nothing covers it, and click it."""
    element = one(browser, selector)
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element
    )
    element.click()


def type_keys(browser: Chrome, *keys: str) -> None:
    """Type as a person does, to whatever has the focus."""
    ActionChains(browser).send_keys(*keys).perform()


def log_in(browser: Chrome, server: Server) -> None:
    browser.get(f"{server.url}/admin/login/")
    one(browser, "[name=login]").send_keys("editor@example.org")
    one(browser, "[name=password]").send_keys("editor", Keys.ENTER)
    wait_for(lambda: browser.current_url.rstrip("/").endswith("/admin"), what="logged in")


def write_case_study(browser: Chrome, server: Server, section: int) -> int:
    """Fill the admin's form and publish; return the page."""
    browser.get(f"{server.url}/admin/pages/{section}/")
    press(browser, "a[href*='/add']")
    one(browser, "#id_title").send_keys(TITLE)
    one(browser, "#id_summary").send_keys(SUMMARY)
    press(browser, "[data-contentpath=body] .c-sf-add-button")
    one(browser, "[role=option]")
    kinds = browser.find_elements(By.CSS_SELECTOR, "[role=option]")
    next(kind for kind in kinds if kind.text == "Text").click()
    press(browser, "[data-contentpath=body] .public-DraftEditor-content")
    type_keys(browser, TEXT)
    is_kept(browser)
    is_saved(browser)
    publish(browser)
    link = one(browser, ".messages a[href*='/edit/']").get_attribute("href")
    return int(str(link).split("/")[-3])


def is_kept(browser: Chrome) -> None:
    """Wait until the rich-text editor has handed the text to the form: a moment after typing."""
    stored = browser.find_element(By.ID, "body-0-value")
    wait_for(lambda: TEXT in str(stored.get_attribute("value")), what="the text is in the form")


def is_saved(browser: Chrome) -> None:
    """Wait until the admin has saved the draft by itself and has no more to save.

    A new page that is published while it is being saved is refused: it exists meanwhile.
    """

    def rests() -> bool:
        states = []
        for _ in range(2):
            indicator = browser.find_element(By.ID, "w-autosave-indicator")
            states.append(indicator.get_attribute("data-w-autosave-state-value"))
            time.sleep(1)
        return states == ["saved", "saved"]

    wait_for(rests, what="the draft is saved")


def publish(browser: Chrome) -> None:
    press(browser, "form[data-edit-form] footer [data-w-dropdown-target=toggle]")
    press(browser, "[name=action-publish]")
    wait_for(lambda: "published" in one(browser, ".messages .success").text, what="published")


def unpublish(browser: Chrome, server: Server, page: int) -> None:
    browser.get(f"{server.url}/admin/pages/{page}/unpublish/")
    press(browser, "form[action*=unpublish] [type=submit]")
    wait_for(lambda: "unpublished" in one(browser, ".messages .success").text, what="unpublished")


def make_private(browser: Chrome, server: Server, page: int) -> None:
    browser.get(f"{server.url}/admin/pages/{page}/edit/")
    if not browser.find_elements(By.CSS_SELECTOR, ".form-side--open"):
        press(browser, "[data-side-panel=status], [aria-label='Toggle status']")
    press(browser, "[data-a11y-dialog-show=set-privacy]")
    press(browser, "[name=restriction_type][value=login]")
    press(browser, "#set-privacy [type=submit]")
    wait_for(lambda: not browser.find_element(By.ID, "set-privacy").is_displayed(), what="saved")


def ask(browser: Chrome, server: Server) -> list[str]:
    """Ask from the home page's box; return the titles found."""
    browser.get(f"{server.url}/")
    one(browser, "#q").send_keys(QUESTION, Keys.ENTER)
    one(browser, "#found")
    return [title.text for title in browser.find_elements(By.CSS_SELECTOR, ".hit h3")]


def test_a_vietnamese_case_study_is_found_in_french_until_it_is_withdrawn(
    portal: Portal, browser: Browser
) -> None:
    section = portal.once("open_section", "vi")
    portal.once("publish", "Something else", text="Bamboo.")
    servers = [portal.serve(), portal.serve()]
    first, second = servers
    editor, visitor = browser(language="en"), browser(language="fr")
    log_in(editor, first)
    page = write_case_study(editor, first, section)

    # Found in French, in the process that did not publish.
    assert ask(visitor, second) == [TITLE]
    assert visitor.find_element(By.TAG_NAME, "html").get_attribute("lang") == "fr"
    passage = one(visitor, ".hit .passage")
    assert passage.get_attribute("lang") == "vi"
    assert passage.find_element(By.TAG_NAME, "mark").text.startswith("Mật ong được kiểm tra")

    press(visitor, ".hit h3 a")
    assert one(visitor, "h1").text == TITLE
    assert one(visitor, "h1").get_attribute("lang") == "vi"
    assert visitor.find_element(By.TAG_NAME, "html").get_attribute("lang") == "fr"
    assert "kiểm tra trước khi đóng chai" in one(visitor, ".text").text

    unpublish(editor, first, page)
    for server in servers:
        assert ask(visitor, server) == []
        assert TITLE not in visitor.page_source

    editor.get(f"{first.url}/admin/pages/{page}/edit/")
    is_kept(editor)
    publish(editor)
    for server in servers:
        assert ask(visitor, server) == [TITLE]

    make_private(editor, first, page)
    for server in servers:
        assert ask(visitor, server) == []
        assert TITLE not in visitor.page_source
    assert ask(editor, first) == [TITLE]
    press(editor, ".hit h3 a")
    assert one(editor, "h1").text == TITLE

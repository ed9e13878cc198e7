"""A phone whose connection comes and goes: no file is chosen twice, no text is typed twice."""

from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome

from tests.journeys.browsing import all_of, click, scrolls_sideways, send, texts
from tests.journeys.conftest import PHONE, Browser, Portal, free_port, wait_for
from tests.journeys.papers import report
from tests.journeys.people import PASSWORD
from tests.journeys.test_sharing_kills import kill_server

pytestmark = [pytest.mark.long, pytest.mark.browser]

TITLE = "Sấy măng ở bản Nà Hồ"
SUMMARY = "Tổ hợp tác sấy măng bằng nắng. Hai mùa, mười hai hộ."
LOST = "The connection was lost. Trying again …"
SLOW = 150 * 1024
"""Bytes a second: the report takes some seconds, in which the connection can be lost."""


def cut(browser: Chrome) -> None:
    browser.set_network_conditions(offline=True, latency=0, throughput=0)


def mend(browser: Chrome, throughput: int = 10 * 1024 * 1024) -> None:
    browser.set_network_conditions(offline=False, latency=0, throughput=throughput)


def wait_for_word(browser: Chrome, word: str) -> None:
    wait_for(lambda: word in "".join(texts(browser, ".progress li")), what=word)


def is_on_its_way(browser: Chrome) -> bool:
    """Return whether a part of a file has gone, and not all of it."""
    bars = all_of(browser, ".progress progress")
    return any(0 < float(str(bar.get_property("value"))) < 1 for bar in bars)


def reload_without_a_line(browser: Chrome) -> None:
    """Load the page anew while the line is cut: the browser has only its own words to show."""
    cut(browser)
    with pytest.raises(WebDriverException, match="ERR_INTERNET_DISCONNECTED"):
        browser.get(browser.current_url)
    assert not all_of(browser, "form")


def test_a_file_arrives_once_and_text_survives_although_the_line_is_cut(
    branched_portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    paper = report(tmp_path / "Báo cáo mùa măng.pdf", megabytes=1)
    people = branched_portal.editor()
    port = free_port()
    server = branched_portal.serve(port)
    phone = browser(size=PHONE)
    phone.get(f"{server.url}/accounts/login/?next=/share/")
    all_of(phone, "[name=login]")[0].send_keys("lan@example.org")
    all_of(phone, "[name=password]")[0].send_keys(PASSWORD)
    send(phone, all_of(phone, "main button.seal")[0])

    # What is typed is there again when the page is, and when it could not come.
    all_of(phone, "#id_title")[0].send_keys(TITLE)
    reload_without_a_line(phone)
    mend(phone)
    phone.refresh()
    assert all_of(phone, "#id_title")[0].get_property("value") == TITLE

    # Cut before anything is sent.
    cut(phone)
    all_of(phone, "#id_files")[0].send_keys(str(paper))
    click(phone, all_of(phone, "form.sheet button.seal")[0])
    wait_for_word(phone, LOST)
    assert not scrolls_sideways(phone)
    assert not people.do("submissions")

    # Back, but slow; torn in the middle of the file, which an emulated cut would let through.
    mend(phone, SLOW)
    wait_for(lambda: is_on_its_way(phone), what="the file is on its way")
    kill_server(server)
    wait_for_word(phone, LOST)
    (draft,) = people.do("submissions")
    assert (draft["title"], draft["files"]) == (TITLE, [])

    # Back for good: it arrives, and nobody has chosen it again.
    mend(phone)
    branched_portal.serve(port)
    step = f"/share/{draft['id']}/check"
    wait_for(lambda: step in phone.current_url, what="the next step")
    assert [paper.stem in one for one in texts(phone, ".handed-in li")] == [True]

    # The summary, typed in the second step, survives likewise.
    all_of(phone, "#id_summary")[0].send_keys(SUMMARY)
    reload_without_a_line(phone)
    mend(phone)
    phone.refresh()
    assert all_of(phone, "#id_summary")[0].get_property("value") == SUMMARY

    (draft,) = people.do("submissions")
    assert [one["title"] for one in draft["files"]] == [paper.stem]
    assert people.do("stored_files") == [paper.stem]

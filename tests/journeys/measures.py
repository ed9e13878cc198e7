"""What every page is measured by: its weight, and what axe-core finds in it."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.journeys.browsing import requests_of

MOST_BYTES = 150_000
MOST_BYTES_AGAIN = 60_000
AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
needs_axe = pytest.mark.skipif(
    not AXE.is_file(), reason="axe-core is not there; AXE_CORE names its file"
)


def too_heavy(browser: Chrome, pages: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the bytes of a first and a second visit of the pages where these are too many."""
    weights = {}
    for name, address in pages.items():
        browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        visits = []
        for _ in range(2):
            browser.get("about:blank")
            browser.get_log("performance")
            browser.get(address)
            loaded = requests_of(browser)
            assert len(loaded) > 1, name
            visits.append(sum(one["bytes"] for one in loaded))
        weights[name] = visits
    return {
        name: weight
        for name, weight in weights.items()
        if not (0 < weight[0] <= MOST_BYTES and 0 < weight[1] <= MOST_BYTES_AGAIN)
    }


def serious_faults(browser: Chrome) -> list[str]:
    """Return what axe-core finds serious or critical in the page that is shown."""
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    passed, found = browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run().then(found => done([found.passes.length, found.violations"
        ".filter(one => ['serious', 'critical'].includes(one.impact))"
        ".map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | '))]))"
    )
    assert passed > 10, browser.current_url
    return [str(one) for one in found]

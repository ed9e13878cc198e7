"""`kill -9` of whoever writes, snapshots, compacts or starts, at any moment, leaves no damage.

`PORTAL_KILLS=200` kills that often; otherwise as often as a minute allows.
"""

import os
import random
import time

import pytest

from tests.journeys.conftest import Editor, Portal
from tests.journeys.snapshots import with_snapshots

pytestmark = pytest.mark.long

KILLS = int(os.environ.get("PORTAL_KILLS", "24"))
MOST_SECONDS = float("inf") if "PORTAL_KILLS" in os.environ else 60
LONGEST_LIFE = 0.6
COMPANIONS = ("compact_forever", "write_snapshots_forever", "start_forever", "change_forever")


class Ledger:
    """What each page may be called, by what editors said before they died."""

    def __init__(self) -> None:
        self.allowed: dict[int, set[str | None]] = {}
        self.changes = 0

    def hear(self, author: Editor) -> None:
        """Take in all that a killed process had said."""
        try:
            while True:
                self._hear_one(author)
        except EOFError:
            return

    def hear_change(self, author: Editor) -> None:
        """Listen until an editor has made one more change."""
        while not self._hear_one(author):
            pass

    def _hear_one(self, author: Editor) -> bool:
        page, title, is_done = author.next_word()
        self.changes += is_done
        if is_done:
            self.allowed[page] = {title}
        else:
            self.allowed.setdefault(page, set()).add(title)
        return bool(is_done)

    def check(self, live: dict[int, str]) -> None:
        """Fail if a page is not what was said of it; from here on it is what it is."""
        for page, titles in self.allowed.items():
            assert live.get(page) in titles, page
        pages = set(self.allowed) | set(live)
        self.allowed = {page: {live.get(page)} for page in pages}


def settled(fresh: Editor) -> tuple[dict[int, str], list[str]]:
    """Return what is live and what is found, at a moment when nothing changed in between.

    PostgreSQL may still be ending the last transaction of a process that is dead.
    """
    for _ in range(50):
        before, found = fresh.do("live_pages"), fresh.do("find")
        if before == fresh.do("live_pages"):
            return dict(before), found
    pytest.fail("The database never comes to rest.")


def test_no_kill_loses_a_change_or_leaves_an_index_that_does_not_load(portal: Portal) -> None:
    with with_snapshots(portal) as snapshotting:
        kill_again_and_again(snapshotting)
        snapshotting.manage("rebuild_index", "--check")


def kill_again_and_again(portal: Portal) -> None:
    chance = random.Random(11)
    ledger = Ledger()
    killed = 0
    began = time.monotonic()
    while killed < KILLS and (killed < 8 or time.monotonic() - began < MOST_SECONDS):
        deed = COMPANIONS[killed // 2 % len(COMPANIONS)]
        author, companion = portal.editor(), portal.editor()
        author.start("change_forever", "Dawn")
        companion.start(deed, *(["Dusk"] if deed == "change_forever" else []))
        victims = [author, companion]
        chance.shuffle(victims)
        for _ in range(
            chance.randint(0, 3)
        ):  # or none is made before they die, as on a busy machine
            ledger.hear_change(author)
        for victim in victims:
            time.sleep(chance.uniform(0.02, LONGEST_LIFE))
            victim.kill()
            killed += 1
        ledger.hear(author)
        if deed == "change_forever":
            ledger.hear(companion)
        for victim in victims:
            victim.close()

        fresh = portal.editor()
        live, found = settled(fresh)
        ledger.check(live)
        assert sorted(found) == sorted(live.values())
        assert set(fresh.do("find", "honey")) == set(live.values())
        fresh.do("check")
        fresh.close()
    assert ledger.changes >= killed / 2

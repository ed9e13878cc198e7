"""`kill -9` at any moment loses nothing that was committed (invariant 3).

`PORTAL_KILLS` sets how often, without a limit of time.
"""

import os
import random
import time

import pytest

from tests.journeys.conftest import Editor, Portal

pytestmark = pytest.mark.long

KILLS = int(os.environ.get("PORTAL_KILLS", "20"))
FEWEST_KILLS = 5
LONGEST_LIFE = 0.6
MOST_SECONDS = float("inf") if "PORTAL_KILLS" in os.environ else 60


def told_before_death(author: Editor) -> list[str]:
    """Return the titles whose publication the killed process had reported."""
    told = []
    try:
        while True:
            told.append(author.next_word())
    except EOFError:
        return told


def test_what_was_committed_is_found_after_every_kill(portal: Portal) -> None:
    chance = random.Random(9)
    told: list[str] = []
    began = time.monotonic()
    for number in range(KILLS):
        author = portal.editor()
        author.start("publish_forever", f"Round {number}")
        if number % 2:
            told.append(author.next_word())  # half of them live to publish, however slow it is
        time.sleep(chance.uniform(0.02, LONGEST_LIFE))
        author.kill()
        told += told_before_death(author)

        fresh = portal.editor()
        published = fresh.do("live_titles")
        assert set(told) <= set(published)  # the database kept its word
        found = fresh.do("find", "honey")
        assert len(found) == len(set(found))
        # PostgreSQL may still be ending the dead process's last transaction.
        assert set(published) <= set(found) <= set(fresh.do("live_titles"))
        assert fresh.do("pending") == 0
        fresh.do("check")
        fresh.close()
        if number + 1 >= FEWEST_KILLS and time.monotonic() - began > MOST_SECONDS:
            break  # a slow machine kills less often
    assert len(told) >= number / 2
    portal.manage("rebuild_index", "--check")


def test_a_server_killed_while_it_answers_and_indexes_leaves_nothing_behind(
    portal: Portal,
) -> None:
    author = portal.editor()
    for number in range(3):
        titles = [f"Marked {number}-{one}" for one in range(5)]
        author.do("mark_without_draining", titles)
        reader = portal.editor()
        reader.start("find", "honey")
        time.sleep(0.02 * (number + 1))
        reader.kill()
    expected = sorted(author.do("live_titles"))
    assert sorted(portal.once("find", "honey")) == expected
    portal.once("check")

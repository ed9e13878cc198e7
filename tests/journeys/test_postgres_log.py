"""PostgreSQL: transactions overlap, positions must not commit out of order (invariant 4)."""

import pytest

from tests.journeys.conftest import POSTGRES, Portal, wait_for
from tests.journeys.snapshots import with_snapshots

pytestmark = [
    pytest.mark.long,
    pytest.mark.postgres,
    pytest.mark.skipif(not POSTGRES, reason="DATABASE_URL names no PostgreSQL database"),
]


def test_the_second_writer_waits_so_that_a_reader_skips_no_late_change(portal: Portal) -> None:
    first, second, reader = portal.editor(), portal.editor(), portal.editor()
    start = reader.do("view_position")
    second_backend = second.do("backend_pid")

    first.do("begin")
    taken = first.do("append_to_log", "page:first")
    second.do("begin")
    second.start("append_to_log", "page:second")
    wait_for(lambda: reader.do("is_waiting_for_lock", second_backend), what="the second waits")
    assert second.is_busy_after(0.5)

    # Nothing is committed: the reader sees nothing, whichever writer is first to commit.
    assert reader.do("view_position") == start
    first.do("commit")
    assert second.end() == taken + 1
    assert reader.do("view_position") == taken
    second.do("commit")
    assert reader.do("view_position") == taken + 1
    assert [key for _, key in reader.do("log")][-2:] == ["page:first", "page:second"]


def test_a_snapshot_taken_while_changes_are_in_flight_hides_none_of_them(portal: Portal) -> None:
    with with_snapshots(portal) as snapshotting:
        snapshotting.editor().do("publish", "Early", text="Honey.")
        old, first, second = (snapshotting.editor() for _ in range(3))
        assert old.do("find") == ["Early"]

        first.do("publish_and_hold", "Late")  # its log position is taken, and not committed
        second.start("publish_and_hold", "Later", language="vi")
        assert second.is_busy_after(0.5)
        old.do("compact")
        young = snapshotting.editor()  # begins with the snapshot
        assert young.do("find") == old.do("find") == ["Early"]

        first.do("commit_held")
        second.end()
        snapshotting.editor().do("compact")
        youngest = snapshotting.editor()
        for reader in (old, young, youngest):
            assert sorted(reader.do("find", "honey")) == ["Early", "Late"]
        second.do("commit_held")
        for reader in (old, young, youngest, snapshotting.editor()):
            assert sorted(reader.do("find", "honey")) == ["Early", "Late", "Later"]
        snapshotting.once("check")


def test_a_writer_that_rolls_back_leaves_no_gap(portal: Portal) -> None:
    first, second = portal.editor(), portal.editor()
    first.do("begin")
    taken = first.do("append_to_log", "page:first")
    second.do("begin")
    second.start("append_to_log", "page:second")
    assert second.is_busy_after(0.3)
    first.do("release")
    assert second.end() == taken
    second.do("commit")
    assert portal.once("log") == [[taken, "page:second"]]


def test_a_writer_killed_with_the_lock_in_hand_blocks_nobody(portal: Portal) -> None:
    holder = portal.editor()
    holder.do("begin")
    holder.do("append_to_log", "page:first")
    author = portal.editor()
    author.start("publish", "Honey", text="Honey.")
    assert author.is_busy_after(0.5)
    holder.kill()
    author.end()
    assert portal.once("find", "honey") == ["Honey"]


def test_a_server_whose_connections_were_cut_answers_the_next_question(portal: Portal) -> None:
    """A restart of the database server must not cost each thread an error page."""
    author = portal.editor()
    author.do("publish", "Honey", text="Honey.")
    server = portal.serve()
    assert [server.find("honey") for _ in range(4)] == [["Honey"]] * 4
    portal.editor().do("cut_other_connections")
    assert [server.get("/search/", q="honey")[0] for _ in range(8)] == [200] * 8

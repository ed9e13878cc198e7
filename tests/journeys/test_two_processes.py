"""What one process does, every other sees at its next search (invariants 1, 4 and 5)."""

import pytest

from tests.journeys.conftest import Editor, Portal

pytestmark = pytest.mark.long

HONEY = {"text": "## Ong\n\nMật ong từ hoa bạc hà trên cao nguyên đá.", "language": "vi"}
QUESTION = "miel"


@pytest.fixture
def editor(portal: Portal) -> Editor:
    return portal.editor()


def test_every_change_in_one_process_shows_at_the_next_search_of_the_server(
    portal: Portal, editor: Editor
) -> None:
    server = portal.serve()
    assert server.find(QUESTION) == []

    page = editor.do("publish", "Mật ong bạc hà", **HONEY)
    assert server.find(QUESTION) == ["Mật ong bạc hà"]

    editor.do("unpublish", page)
    assert server.find(QUESTION) == []
    editor.do("republish", page, title="Mật ong Hà Giang")
    assert server.find(QUESTION) == ["Mật ong Hà Giang"]

    editor.do("restrict", page)
    assert server.find(QUESTION) == []
    assert server.answer()["total"] == 0
    editor.do("lift", page)
    assert server.find(QUESTION) == ["Mật ong Hà Giang"]

    editor.do("restrict_section", "lesson")
    editor.do("move", page, under="lesson")
    assert server.find(QUESTION) == []
    assert server.answer()["total"] == 0
    editor.do("move", page, under="case_study")
    assert server.find(QUESTION) == ["Mật ong Hà Giang"]

    editor.do("delete", page)
    assert server.find(QUESTION) == []
    assert server.get("/search/", q=QUESTION)[0] == 200
    portal.manage("rebuild_index", "--check")


def test_a_change_whose_process_died_before_indexing_is_seen_by_the_server(
    portal: Portal, editor: Editor
) -> None:
    server = portal.serve()
    editor.do("mark_without_draining", ["Late one", "Late two"])
    assert editor.do("pending") > 0
    assert sorted(server.find("honey")) == ["Late one", "Late two"]
    assert editor.do("pending") == 0


def test_sorting_a_section_does_not_let_a_private_work_be_counted(editor: Editor) -> None:
    """Treebeard gives the siblings of a sorted page new paths, without a signal for them."""
    first = editor.do("publish", "First")
    editor.do("publish", "Second")
    third = editor.do("publish", "Third")
    editor.do("restrict", first)
    assert editor.do("count_all")["titles"] == ["Second", "Third"]
    editor.do("reorder", third, before=first)
    counted = editor.do("count_all")
    assert counted["titles"] == ["Second", "Third"]
    assert counted["total"] == 2
    assert counted["facets"]["kind"] == {"case_study": 2}
    editor.do("check")


def test_deleting_a_programme_takes_its_name_from_its_works_facets(editor: Editor) -> None:
    """`on_delete=SET_NULL` updates the works without saving them."""
    programme = editor.do("publish_programme", "OCOP")
    work = editor.do("publish", "A village")
    editor.do("attach", work, programme=programme)
    assert "programme" in editor.do("count_all", kind="case_study")["facets"]
    editor.do("delete", programme)
    assert "programme" not in editor.do("count_all")["facets"]
    editor.do("check")


def test_deleting_a_theme_takes_it_from_the_facets(editor: Editor) -> None:
    """Rows of the relation are deleted by the database's cascade, without `m2m_changed`."""
    work = editor.do("publish", "A village")
    editor.do("tag", work, theme="tourism")
    assert editor.do("count_all")["facets"]["theme"] == {"tourism": 1}
    editor.do("delete_theme", "tourism")
    assert "theme" not in editor.do("count_all")["facets"]
    editor.do("check")


def test_four_publishers_and_searches_between_them_end_in_one_index(portal: Portal) -> None:
    server = portal.serve()
    languages = ("en", "vi", "th", "fr")
    publishers = [portal.editor() for _ in languages]
    for publisher, language in zip(publishers, languages, strict=True):
        publisher.do("open_section", language)
    reader = portal.editor()
    for publisher, language in zip(publishers, languages, strict=True):
        publisher.start("publish_many", f"From {language}", language=language, works=8)
    for publisher in publishers:
        busy = True
        while busy:
            reader.start("find_twice_listed")
            assert server.get("/search/", q="honey")[0] == 200
            assert reader.end() == []
            busy = publisher.is_busy_after(0.01)

    live = sorted(title for publisher in publishers for title in publisher.end())
    for process in (portal.editor(), reader, publishers[0]):
        assert sorted(process.do("find", "honey")) == live
    assert server.answer("honey")["total"] == len(live)
    assert portal.once("pending") == 0
    portal.manage("rebuild_index", "--check")


def test_a_work_that_is_edited_all_the_time_is_found_by_every_search(portal: Portal) -> None:
    """Rows replaced between ranking and reading must not drop a published work from the answer."""
    page = portal.once("publish", "Busy page", **HONEY)
    reader, editor = portal.editor(), portal.editor()
    reader.do("find", QUESTION)
    editor.start("edit_many", page, times=30)
    busy = True
    while busy:
        assert reader.do("find", QUESTION) == ["Busy page"]
        busy = editor.is_busy_after(0.01)
    editor.end()


def test_processes_that_drain_at_once_index_each_page_once(portal: Portal) -> None:
    drainers = [portal.editor() for _ in range(3)]
    author = portal.editor()
    titles = [f"Marked {number}" for number in range(12)]
    author.start("mark_without_draining", titles)
    busy = True
    while busy:
        busy = author.is_busy_after(0.01)  # once more after the last was marked
        for drainer in drainers:
            drainer.start("drain_pending")
        for drainer in drainers:
            drainer.end()
    author.end()
    assert portal.once("pending") == 0
    assert sorted(portal.once("find", "honey")) == sorted(titles)
    portal.once("check")
    log = portal.once("log")
    assert [position for position, _ in log] == list(range(1, len(log) + 1))
    assert len(log) == len(titles)


def test_a_reader_that_takes_long_holds_nobody_up(portal: Portal, editor: Editor) -> None:
    editor.do("publish", "Before", **HONEY)
    report = portal.editor()
    before = report.do("hold_snapshot")
    for number in range(5):
        editor.do("publish", f"During {number}", **HONEY)
    assert len(portal.once("find", QUESTION)) == 6
    assert report.do("count_passages") == before
    report.do("release")
    assert len(report.do("find", QUESTION)) == 6


def test_a_search_does_not_wait_for_a_long_write(portal: Portal, editor: Editor) -> None:
    """Nothing is marked, so the search has nothing to write."""
    editor.do("publish", "Before", **HONEY)
    reader, writer = portal.editor(), portal.editor()
    reader.do("find", QUESTION)
    writer.do("write_and_hold")
    assert reader.do("find", QUESTION) == ["Before"]
    writer.do("commit_held")


def test_a_publication_behind_a_long_write_waits_and_is_not_lost(
    portal: Portal, editor: Editor
) -> None:
    writer = portal.editor()
    writer.do("write_and_hold")
    editor.start("publish", "Patient", **HONEY)
    assert editor.is_busy_after(0.5)
    writer.do("commit_held")
    editor.end()
    assert portal.once("find", QUESTION) == ["Patient"]

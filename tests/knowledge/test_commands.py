import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from embeddings.models import Passage
from knowledge.management.commands.search import FIELDS
from knowledge.models import LessonPage, PolicyPage, ProgrammePage, StoredFile
from knowledge.models.base import WorkPage
from knowledge.sync import drain_pending
from tests.factories import work

pytestmark = pytest.mark.django_db

PUBLIC_FIELDS = ["rank", "work", "title", "url", "language", "kind", "programme", "country", "passage", "sentence", "score", "why"]  # fmt: skip


def run(*arguments: str, **options: Any) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output, stderr=io.StringIO(), **options)
    return output.getvalue()


def indexed(**fields: Any) -> WorkPage:
    """A published work whose marks are drained, as they are after the commit."""
    page = work(text="Honey.", **fields)
    drain_pending()
    return page


def found(*arguments: str) -> list[dict[str, Any]]:
    return json.loads(run("search", *arguments, "--json"))


def test_the_json_of_a_search_has_exactly_the_public_fields() -> None:
    work(title="Mật ong", text="Mật ong bạc hà.", language="vi", collection_slug="mint-honey")
    (row,) = found("miel")
    assert list(row) == PUBLIC_FIELDS == list(FIELDS)
    assert row["rank"] == 1
    assert (row["work"], row["title"], row["language"]) == ("mint-honey", "Mật ong", "vi")
    assert (row["kind"], row["programme"], row["country"]) == ("case_study", "", "")
    assert (row["passage"], row["sentence"], row["why"]) == ("Mật ong bạc hà.", "Mật ong bạc hà.", ["meaning"])  # fmt: skip
    assert row["url"].endswith("/")
    assert isinstance(row["score"], float)


def test_the_command_line_narrows_and_limits() -> None:
    work(PolicyPage, title="A", text="Honey.")
    work(LessonPage, title="B", text="Mật ong.", language="vi")
    assert [row["title"] for row in found("miel", "--lang", "vi")] == ["B"]
    assert [row["title"] for row in found("miel", "--kind", "policy")] == ["A"]
    assert len(found("miel", "--kind", "policy", "--kind", "lesson")) == 2
    assert len(found("miel", "--limit", "1")) == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [("--limit", "0"), ("--limit", "-1"), ("--limit", "x"), ("--lang", "xx"), ("--kind", "book"), ("--programme", "none")],
)  # fmt: skip
def test_what_cannot_narrow_a_search_is_refused_and_not_answered_with_nothing(
    option: str, value: str
) -> None:
    with pytest.raises(CommandError):
        run("search", "miel", f"{option}={value}")


def test_the_command_line_narrows_to_a_programme() -> None:
    work(ProgrammePage, title="Ochoba", code="ocop", text="Honey.")
    assert [row["title"] for row in found("miel", "--programme", "ocop")] == ["Ochoba"]


def test_a_search_for_people_names_title_sentence_and_address() -> None:
    page = work(title="Mật ong", text="Mật ong bạc hà.", language="vi")
    output = run("search", "miel")
    assert "1. [vi] Mật ong" in output
    assert "Mật ong bạc hà." in output
    assert page.url in output
    assert run("search", "bambou") == "Nothing good was found.\n"


def test_an_intact_index_passes_the_check() -> None:
    indexed()
    assert run("rebuild_index", "--check") == ("Pages, rows and indexes agree: 2 passages.\n")


def check_fails() -> str:
    errors = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("rebuild_index", "--check", stdout=io.StringIO(), stderr=errors)
    assert caught.value.returncode == 1
    return errors.getvalue()


def test_a_missing_row_fails_the_check_and_a_rebuild_mends_it() -> None:
    page = indexed()
    Passage.objects.filter(position=1).delete()
    assert f"page {page.pk}" in check_fails()
    assert "1 pages indexed" in run("rebuild_index", verbosity=0)
    run("rebuild_index", "--check")


def test_a_stale_row_fails_the_check_and_a_rebuild_mends_it() -> None:
    page = indexed()
    type(page).objects.filter(pk=page.pk).update(summary="Changed behind the index.")
    assert f"page {page.pk}" in check_fails()
    run("rebuild_index", verbosity=0)
    run("rebuild_index", "--check")


def test_rows_of_a_page_that_is_gone_fail_the_check() -> None:
    page = indexed()
    type(page).objects.filter(pk=page.pk).update(live=False)
    assert f"page {page.pk}" in check_fails()
    assert "1 removed; 0 passages" in run("rebuild_index", verbosity=0)


def test_rows_of_another_encoder_fail_the_check_and_a_rebuild_mends_them(
    settings: Settings,
) -> None:
    page = indexed()
    run("rebuild_index", "--check")
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "embeddings.encoders.fake.FakeEncoder"}}
    message = check_fails()
    assert f"page {page.pk}" in message
    assert "2 of another encoder" in message
    run("rebuild_index", verbosity=0)
    run("rebuild_index", "--check")


def test_a_row_whose_file_is_gone_fails_the_check() -> None:
    indexed()
    file = StoredFile.objects.create(title="A", file="documents/gone.pdf")
    assert f"file {file.pk}: documents/gone.pdf" in check_fails()


def test_a_damaged_database_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    damage = ["database: row 7 missing from index one_page"]
    monkeypatch.setattr("knowledge.differences._damage", lambda: damage)
    assert check_fails().splitlines() == damage


def test_a_check_changes_nothing() -> None:
    indexed()
    Passage.objects.filter(position=1).delete()
    before = list(Passage.objects.values_list("pk", flat=True))
    check_fails()
    assert list(Passage.objects.values_list("pk", flat=True)) == before


def test_a_rebuild_of_what_is_right_changes_nothing() -> None:
    indexed()
    before = list(Passage.objects.values_list("pk", flat=True))
    assert run("rebuild_index", verbosity=0).startswith("0 pages indexed, 1 unchanged, 0 removed; 2 passages by fake-")  # fmt: skip
    assert list(Passage.objects.values_list("pk", flat=True)) == before


def test_without_an_encoder_a_rebuild_says_so(settings: Settings) -> None:
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "no.such.Encoder"}}
    with pytest.raises(CommandError, match="encoder cannot be loaded"):
        run("rebuild_index")
    with pytest.raises(CommandError, match="encoder cannot be loaded"):
        run("rebuild_index", "--check")

"""The board: a work a row, a language a column."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from wagtail.models import Locale
from wagtail_localize.models import (
    StringSegment,
    StringTranslation,
    Translation,
    TranslationSource,
)

from knowledge.models import CaseStudyPage, LessonPage, ProgrammePage
from tests.factories import work
from tests.knowledge.desk.conftest import (
    editor_of,
    html_of,
    material_of,
    may_submit,
    published_at,
    signed_in,
    table_of,
)

BOARD = "/admin/desk/translation-status/"
NOW = timezone.now()
EARLIER, LATER = NOW - timedelta(days=2), NOW + timedelta(days=2)


def statuses(client: Client, **query: Any) -> dict[str, dict[str, str]]:
    """Return title → language → status."""
    known = {"Title", "Kind", "Programme", "Country"}
    return {
        row["Title"]: {code: text for code, text in row.items() if code not in known}
        for row in table_of(client, BOARD, **query)
    }


def test_each_language_says_how_the_work_stands_there(administrator: Client) -> None:
    original = work(title="Honey", language="vi")
    fresh = work(title="Honey in English", language="en", translation_of=original)
    old = work(title="Miel", language="fr", translation_of=original)
    published_at(original, NOW)
    published_at(fresh, LATER)
    published_at(old, EARLIER)
    work(title="Salt", language="en")
    assert statuses(administrator) == {
        "Honey in English": {"en": "translated", "vi": "original", "fr": "outdated"},
        "Salt": {"en": "original", "vi": "missing", "fr": "missing"},
    }
    assert list(statuses(administrator, behind="on")) == ["Honey in English"]


def test_a_draft_of_the_source_makes_nothing_outdated_before_it_is_published(
    administrator: Client,
) -> None:
    original = work(title="Honey")
    translated = work(title="Miel", language="fr", translation_of=original)
    published_at(original, EARLIER)
    published_at(translated, NOW)
    original.title = "Honey, and more of it"
    original.save_revision()
    assert statuses(administrator)["Honey, and more of it"]["fr"] == "translated"
    original.get_latest_revision().publish()
    assert statuses(administrator)["Honey, and more of it"]["fr"] == "outdated"


def test_an_alias_is_no_translation(administrator: Client) -> None:
    original = work(title="Honey")
    work(title="Other", language="fr")
    french = Locale.objects.get(language_code="fr")
    original.copy_for_translation(french, copy_parents=True, alias=True)
    assert statuses(administrator)["Honey"] == {"en": "original", "fr": "missing"}


@pytest.fixture
def synced() -> Translation:
    """A translation that wagtail-localize keeps, its strings all translated."""
    original = work(title="Honey", text="")
    translated = work(title="Miel", language="fr", translation_of=original)
    for page in (original, translated):
        published_at(page, NOW)
    source, _ = TranslationSource.get_or_create_from_instance(original)
    TranslationSource.objects.update(last_updated_at=NOW)
    french = Locale.objects.get(language_code="fr")
    for segment in StringSegment.objects.filter(source=source):
        StringTranslation.objects.create(
            translation_of=segment.string, context=segment.context, locale=french, data="Miel"
        )
    return Translation.objects.create(source=source, target_locale=french)


def test_a_kept_translation_is_unfinished_while_strings_are_missing(
    administrator: Client, synced: Translation
) -> None:
    assert statuses(administrator)["Honey"]["fr"] == "translated"
    last = StringTranslation.objects.last()
    assert last is not None
    last.delete()
    assert statuses(administrator)["Honey"]["fr"] == "unfinished"
    assert list(statuses(administrator, behind="on")) == ["Honey"]


def test_a_kept_translation_is_outdated_until_its_source_is_read_and_it_is_published_again(
    administrator: Client, synced: Translation
) -> None:
    original = CaseStudyPage.objects.get(title="Honey")
    translated = CaseStudyPage.objects.get(title="Miel")
    published_at(original, NOW + timedelta(hours=1))
    assert statuses(administrator)["Honey"]["fr"] == "outdated"
    TranslationSource.objects.update(last_updated_at=NOW + timedelta(hours=2))
    assert statuses(administrator)["Honey"]["fr"] == "outdated"
    published_at(translated, NOW + timedelta(hours=3))
    assert statuses(administrator)["Honey"]["fr"] == "translated"


def test_an_original_that_an_editor_may_not_know_of_says_nothing(malawi: Client) -> None:
    original = material_of("vn", title="Secret original", publish=False)
    public = work(title="Public translation", language="fr", translation_of=original)  # type: ignore[arg-type]
    published_at(public, EARLIER)
    assert statuses(malawi) == {"Public translation": {"fr": "translated"}}


def test_a_cell_leads_to_the_page_or_to_its_translation() -> None:
    editor = editor_of("mw")
    page = material_of("mw", title="Own work")
    work(title="Autre", language="fr")
    submit = f"/admin/localize/submit/page/{page.pk}/?select_locale=fr"
    assert submit not in html_of(signed_in(editor), BOARD)
    may_submit(editor)
    html = html_of(signed_in(User.objects.get(pk=editor.pk)), BOARD)
    assert submit in html
    assert f"/admin/pages/{page.pk}/edit/" in html


def test_the_board_is_narrowed_by_kind_programme_and_country(administrator: Client) -> None:
    otop = work(ProgrammePage, title="OTOP", code="otop")
    work(CaseStudyPage, title="Case", programme=otop)
    work(LessonPage, title="Lesson")
    material_of("vn", title="Slides")
    assert list(statuses(administrator, kind="lesson")) == ["Lesson"]
    assert list(statuses(administrator, programme="otop")) == ["Case", "OTOP"]
    assert list(statuses(administrator, country="vn")) == ["Slides"]
    assert list(statuses(administrator, kind="lesson", country="vn")) == []


def test_an_editor_may_look_at_own_works_alone(malawi: Client) -> None:
    material_of("mw", title="Own")
    work(title="Of others")
    assert list(statuses(malawi)) == ["Of others", "Own"]
    assert list(statuses(malawi, mine="on")) == ["Own"]


def test_the_board_has_pages_and_the_export_has_all(administrator: Client) -> None:
    for number in range(52):
        work(title=f"Work {number:02}")
    assert "Work 49" in html_of(administrator, BOARD)
    assert "Work 50" not in html_of(administrator, BOARD)
    assert "Work 51" in html_of(administrator, BOARD, p=2)
    assert len(statuses(administrator)) == 52


def test_a_title_that_a_spreadsheet_would_run_is_written_as_text(administrator: Client) -> None:
    work(title='=HYPERLINK("http://example.org")')
    assert list(statuses(administrator)) == ['\'=HYPERLINK("http://example.org")']
    assert administrator.get(BOARD, {"export": "xlsx"}).status_code == 200


def test_markup_in_a_title_stays_text(administrator: Client) -> None:
    work(title="<script>alert(1)</script>")
    html = html_of(administrator, BOARD)
    assert "<script>alert(1)</script>" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_number_of_statements_does_not_grow_with_the_works(
    administrator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first = work(title="First")
    body = first.body
    index = first.get_parent()
    for number in range(300):
        page = CaseStudyPage(
            title=f"Bulk {number}",
            slug=f"bulk-{number}",
            locale=first.locale,
            summary="S",
            body=body,
        )
        index.add_child(instance=page)
    administrator.get("/admin/")
    for name in ("translation-status", "works-without-evidence", "language-mismatch"):
        with django_assert_max_num_queries(45):
            html_of(administrator, f"/admin/desk/{name}/")


def test_a_translation_that_is_started_is_a_draft_and_no_original(
    administrator: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    page = work(title="Moringa oil", text="Families press moringa oil.", language="en")
    work(title="Une autre", language="fr")
    french = Locale.objects.get(language_code="fr")
    with django_capture_on_commit_callbacks(execute=True):
        administrator.post(f"/admin/localize/submit/page/{page.pk}/", {"locales": [french.pk]})
    started = CaseStudyPage.objects.get(translation_key=page.translation_key, locale=french)
    assert not started.live
    assert not started.is_original
    assert not started.get_latest_revision_as_object().is_original
    assert statuses(administrator)["Moringa oil"] == {"en": "original", "fr": "unfinished"}
    with django_capture_on_commit_callbacks(execute=True):
        Translation.objects.get(target_locale=french).save_target(publish=True)
    started.refresh_from_db()
    assert started.live
    assert not started.is_original

"""What the benchmarks search in is a portal as editors would have written it."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from wagtail.models import Page

from benchmarks import portal
from benchmarks.corpus import passages
from content_seed.load import load_collection
from content_seed.parse import read_collection
from embeddings.models import Passage
from knowledge.models import CaseStudyPage, LessonPage

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def _filled_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    nowhere = tmp_path_factory.mktemp("data") / "none"
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(portal, "passages", partial(passages, data=nowhere))
        load_collection(works=[one for one in read_collection() if one.kind == "programme"])
        before = Passage.objects.count()
        portal.fill(before + 500)
        portal.fill(before + 1_500)
        yield before
        transaction.set_rollback(True)


@pytest.fixture
def filled(_filled_once: int, db: None) -> int:
    """A portal on top of the collection's programmes, filled in two goes with generated text.

    Returns how many passages the programmes have.
    """
    return _filled_once


def measured() -> list[CaseStudyPage | LessonPage]:
    models = (CaseStudyPage, LessonPage)
    return [page for model in models for page in model.objects.filter(slug__startswith="measured")]


def test_a_filled_portal_is_one_that_editors_could_have_written(filled: int) -> None:
    """Pages, rows and indexes agree, and the page tree is sound."""
    call_command("rebuild_index", check=True)

    assert Page.find_problems() == ([], [], [], [], [])
    assert 1_500 <= Passage.objects.count() - filled < 1_600


def test_filters_pass_a_tenth_and_a_hundredth_and_no_text_stands_twice(filled: int) -> None:
    pages = measured()
    tenth = [page for page in pages if page.themes.filter(code="grading").exists()]
    summaries = [page.summary for page in pages]

    assert len(summaries) == len(set(summaries)) > 50
    assert 0 < len(tenth) < len(pages) / 4
    assert {page.locale.language_code for page in pages} >= {"en", "vi", "th"}
    assert all(page.country and page.programme and page.live for page in pages)


def test_a_full_portal_is_left_as_it_is(filled: int) -> None:
    before = Passage.objects.count()
    portal.fill(filled + 1_000)

    assert Passage.objects.count() == before


@pytest.mark.postgres
@pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"
)
def test_a_benchmark_makes_a_database_of_its_own_and_drops_it(tmp_path: Path) -> None:
    """It never writes to the database that DATABASE_URL names."""
    import psycopg

    server = os.environ["DATABASE_URL"]
    own = portal._own_database(server, tmp_path)
    with psycopg.connect(own) as connection:
        named = connection.execute("SELECT current_database()").fetchone()
    assert named == (portal._database_name(tmp_path),)

    portal._discard(server, tmp_path)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(own)

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from wagtail.models import PageViewRestriction

from knowledge.models import CaseStudyPage
from knowledge.rights import AnonymousReader
from knowledge.search.results import KnowledgeResults
from knowledge.search.similar import duplicates_of, similar_to
from tests.factories import work

pytestmark = pytest.mark.django_db
READER = AnonymousReader()
LONG = (
    "Nineteen families press oil from the seeds of the moringa tree and sell it in the town. "
    "They keep one book, share one press and meet on the first Monday of every month."
)


def titles(page: CaseStudyPage, reader: HttpRequest | AnonymousReader = READER) -> list[str]:
    return [one.title for one in similar_to(page, reader)]


@pytest.fixture(autouse=True)
def indexed(ask: Callable[..., KnowledgeResults]) -> None:
    """Pages are indexed at the first question."""
    ask("")


def test_works_like_a_page_are_found_in_any_language_and_never_itself() -> None:
    page = work(title="Honey", text="Honey, honey.")
    work(title="Miel", text="Du miel et encore du miel.", language="fr")
    work(title="Miel traduit", text="Miel, miel.", language="fr", translation_of=page)
    work(title="Bamboo", text="Bamboo, bamboo.")
    assert titles(page) == ["Miel"]


def test_a_work_that_the_reader_may_not_open_is_not_like_any() -> None:
    page, hidden = work(title="A", text="Honey."), work(title="B", text="Honey.")
    assert titles(page) == ["B"]
    restriction = PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    assert titles(page) == []
    restriction.delete()
    hidden.unpublish()
    assert titles(page) == []


def test_a_page_shows_works_like_it(client: Client) -> None:
    page = work(title="First", text="Honey.")
    assert "Similar works" not in client.get(page.url).content.decode()
    work(title="Second honey", text="Honey.")
    html = client.get(page.url).content.decode()
    assert "Similar works" in html
    assert "Second honey" in html


def test_without_an_encoder_a_page_is_shown_without_them(
    client: Client, settings: Settings
) -> None:
    page = work(title="First", text="Honey.")
    work(title="Second", text="Honey.")
    client.get(page.url)
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "no.such.Encoder"}}
    assert client.get(page.url).status_code == 200


def test_a_text_that_repeats_another_is_noticed_and_a_translation_is_none() -> None:
    first = work(title="Moringa", text=LONG)
    copy = work(title="Moringa again", text=LONG.replace("Nineteen", "Twenty"), publish=False)
    other = work(
        title="Salt", text="Salt is won from the sea where the wind is dry and the sun high."
    )
    work(title="Moringa fr", text=LONG, language="fr", translation_of=first)
    assert [one.title for one in duplicates_of(copy, READER)] == ["Moringa"]
    assert duplicates_of(first, READER) == []
    assert duplicates_of(other, READER) == []


def test_a_repeated_work_that_the_editor_may_not_open_is_not_named() -> None:
    first = work(title="Moringa", text=LONG)
    copy = work(title="Again", text=LONG, publish=False)
    PageViewRestriction.objects.create(page=first, restriction_type="login")
    assert duplicates_of(copy, READER) == []


def test_an_editor_who_saves_a_repetition_is_told(client: Client) -> None:
    work(title="Moringa", text=LONG)
    copy = work(title="Moringa again", text=LONG, publish=False)
    client.force_login(User.objects.create_superuser("editor"))
    address = reverse("wagtailadmin_pages:edit", args=[copy.pk])
    block = {"key": "a", "text": LONG, "type": "unstyled", "depth": 0}
    block |= {"inlineStyleRanges": [], "entityRanges": []}
    form = {
        "title": copy.title,
        "slug": copy.slug,
        "summary": copy.summary,
        "dated": "",
        "country": "",
        "programme": "",
        "is_original": "on",
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "text",
        "body-0-value": json.dumps({"entityMap": {}, "blocks": [block]}),
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }
    html = client.post(address, form, follow=True).content.decode()
    assert "This text repeats much of" in html
    assert "Moringa" in html

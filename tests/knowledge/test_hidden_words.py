"""What is closed shows in no other way: not by an alias, not by a correction, not for want of an encoder."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from embeddings import store
from embeddings.errors import EncoderUnavailable
from knowledge.models import CaseStudyPage, PolicyPage
from knowledge.rights import AnonymousReader
from knowledge.search.service import search_knowledge
from knowledge.sync import drain_pending
from tests.factories import index_page, work

pytestmark = pytest.mark.django_db


def close(page: Page) -> None:
    made = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    made.groups.add(Group.objects.get_or_create(name="Insiders")[0])


@pytest.mark.parametrize("how", ["page", "section", "expired", "withdrawn"])
def test_an_alias_is_closed_with_the_work_that_it_repeats(client: Client, how: str) -> None:
    source = work(CaseStudyPage, title="Zanzibar cloves", text="Cloves are dried.")
    french = index_page(CaseStudyPage, "fr")
    made = source.create_alias(parent=french, update_locale=french.locale)
    alias = Page.objects.get(pk=made.pk)
    assert "Cloves are dried" in client.get(alias.url).content.decode()
    if how == "expired":
        past = timezone.now() - dt.timedelta(days=1)
        CaseStudyPage.objects.filter(pk=source.pk).update(expire_at=past)
    elif how == "withdrawn":
        source.unpublish()
    else:
        close(source if how == "page" else source.get_parent())
    assert client.get(alias.url).status_code in {302, 404}


@pytest.mark.parametrize("hidden", [False, True])
def test_a_correction_tells_nothing_of_words_in_closed_works(hidden: bool) -> None:
    """Whoever asks for a word and a misspelt one would learn whether the first is written anywhere."""
    work(title="Vinegar", text="Vinegar is made from sap. Farmers sell vinegar.")
    if hidden:
        close(work(title="Closed", text="Mercator Zolthane was there."))
    found = search_knowledge("zolthane vinegat", reader=AnonymousReader())
    assert dict(found.corrections) == {}


def test_an_open_word_is_known_beside_closed_works() -> None:
    work(title="Vinegar", text="Vinegar is made from sap in Zolthane.")
    close(work(title="Closed", text="Nothing of it."))
    found = search_knowledge("zolthane vinegat", reader=AnonymousReader())
    assert dict(found.corrections) == {"vinegat": "vinegar"}


def test_a_work_that_moves_behind_a_restriction_is_gone_without_an_encoder(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = work(CaseStudyPage, title="Zanzibar cloves", text="Cloves are dried.")
    work(CaseStudyPage, title="Other", text="Baskets.")
    closed = index_page(PolicyPage)
    close(closed)

    def found() -> tuple[bool, int]:
        suggested = "Zanzibar" in client.get("/search/suggest?q=zanz").content.decode()
        return suggested, client.get("/api/search?q=").json()["total"]

    assert found() == (True, 2)

    def broken(*_args: object) -> None:
        raise EncoderUnavailable("It is away.")

    with monkeypatch.context() as patched:
        patched.setattr(store, "get_encoder", broken)
        CaseStudyPage.objects.get(pk=moved.pk).move(closed, pos="last-child")
        drain_pending()
        assert found() == (False, 1)
    drain_pending()
    assert found() == (False, 1)

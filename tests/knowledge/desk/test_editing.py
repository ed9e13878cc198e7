"""What an editor is told on the home of the admin, and beside and after the form of a work."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import pgettext
from pytest_django import Settings
from wagtail.models import PageViewRestriction, TaskState

from knowledge.models import ProgrammePage
from knowledge.models.base import WorkPage
from knowledge.search.results import KnowledgeResults
from tests.factories import work
from tests.knowledge.desk.conftest import editor_of, html_of, material_of, signed_in
from tests.knowledge.desk.test_rights import FRENCH

PANEL = "panel-child-content-similar_works-section"
LONG = (
    "Nineteen families press oil from the seeds of the moringa tree and sell it in the town. "
    "They keep one book, share one press and meet on the first Monday of every month."
)


@pytest.fixture(autouse=True)
def _indexed(ask: Callable[..., KnowledgeResults]) -> None:
    """Pages are indexed at the first question."""
    ask("")


def edit(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def panel_of(client: Client, page: Any) -> str:
    """Return the panel of similar works on the edit page."""
    return html_of(client, edit(page)).split(PANEL, 1)[1]


def form_of(page: WorkPage, text: str) -> dict[str, str]:
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0}
    block |= {"inlineStyleRanges": [], "entityRanges": []}
    return {
        "title": page.title,
        "slug": page.slug,
        "summary": page.summary,
        "dated": "",
        "country": "",
        "programme": "",
        "licence": "",
        "checked_on": "",
        "is_original": "on",
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "text",
        "body-0-value": json.dumps({"entityMap": {}, "blocks": [block]}),
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }


def test_a_draft_is_shown_beside_works_like_it_in_any_language(administrator: Client) -> None:
    french = work(title="Le miel des villages", text="Du miel et encore du miel.", language="fr")
    work(title="About bamboo", text="Bamboo, bamboo.")
    page = work(title="Our honey", text="Honey, honey.", publish=False)
    panel = panel_of(administrator, page)
    assert "Le miel des villages" in panel
    assert "Français" in panel
    assert edit(french) in panel
    assert "About bamboo" not in panel
    assert "repeats much of this text" not in panel


def test_the_saved_draft_counts_not_what_is_published(administrator: Client) -> None:
    work(title="About honey", text="Honey, honey.")
    work(title="About bamboo", text="Bamboo, bamboo.")
    page = work(title="Ours", text="Honey, honey.")
    assert "About honey" in panel_of(administrator, page)
    page.body = work(title="Other", text="Bamboo.", publish=False).body
    page.save_revision()
    panel = panel_of(administrator, page)
    assert "About bamboo" in panel
    assert "About honey" not in panel


def test_a_repeated_work_stands_first_and_once_and_a_translation_is_none(
    administrator: Client,
) -> None:
    first = work(title="The moringa press", text=LONG)
    work(title="La presse", text=LONG, language="fr", translation_of=first)
    copy = work(title="Again", text=LONG, publish=False)
    panel = panel_of(administrator, copy)
    assert panel.count("The moringa press") == 1
    assert "repeats much of this text" in panel
    own = panel_of(administrator, first)
    assert "La presse" not in own
    assert "repeats much of this text" not in own


def test_an_editor_sees_only_what_they_may_open_and_a_way_to_read_it(malawi: Client) -> None:
    public = work(title="Public honey", text="Honey, honey.")
    closed = work(title="Closed honey", text="Honey.")
    PageViewRestriction.objects.create(page=closed, restriction_type="password", password="x")
    material_of("vn", title="Draft honey", text="Honey.", publish=False)
    page = material_of("mw", title="Own", text="Honey.", publish=False)
    panel = panel_of(malawi, page)
    assert "Public honey" in panel
    assert public.url in panel
    assert edit(public) not in panel
    assert "Closed honey" not in panel
    assert "Draft honey" not in panel


def test_without_an_encoder_the_form_is_there(administrator: Client, settings: Settings) -> None:
    page = work(title="First", text="Honey.")
    html_of(administrator, edit(page))
    settings.EMBEDDINGS = {"ENCODER": {"BACKEND": "no.such.Encoder"}}
    assert "Works cannot be compared now." in panel_of(administrator, page)


def test_a_new_page_has_no_panel(administrator: Client) -> None:
    parent = work(title="First").get_parent()
    address = reverse("wagtailadmin_pages:add", args=["knowledge", "casestudypage", parent.pk])
    assert PANEL not in html_of(administrator, address)


def test_an_empty_text_is_like_nothing(administrator: Client) -> None:
    page = work(title="Empty", text="", publish=False)
    page.summary = ""
    assert "No work is like this one yet." in panel_of(administrator, page)


def test_whoever_saves_a_text_in_another_language_is_told(administrator: Client) -> None:
    page = work(title="Du miel", summary="Le miel.", publish=False)
    html = administrator.post(edit(page), form_of(page, FRENCH), follow=True).content.decode()
    assert "This text reads as Français, but the page stands under English." in html
    english = "The cooperatives of the village sell their honey at the market of the next town."
    html = administrator.post(edit(page), form_of(page, english), follow=True).content.decode()
    assert "This text reads as" not in html


def test_a_form_with_a_mistake_still_shows_the_saved_draft(administrator: Client) -> None:
    work(title="About honey", text="Honey, honey.")
    page = work(title="Ours", text="Honey, honey.", publish=False)
    form = form_of(page, "Bamboo.") | {"title": "", "action-publish": "1"}
    response = administrator.post(edit(page), form)
    assert response.status_code == 200
    assert "About honey" in response.content.decode().split(PANEL, 1)[1]


def test_a_reviewer_is_told_what_waits_and_since_when() -> None:
    user = editor_of("vn")
    editor, stranger = signed_in(user), signed_in(editor_of("mw"))
    assert "No submission waits for a review." in html_of(editor, "/admin/")
    for days in (1, 3):
        page = material_of("vn", title=f"Sent {days} days ago", publish=False)
        page.save_revision()
        page.get_workflow().start(page, user)
        moment = timezone.now() - timedelta(days=days, hours=1)
        TaskState.objects.filter(pk=page.current_workflow_task_state.pk).update(started_at=moment)
    html = html_of(editor, "/admin/")
    assert "2 submissions wait for a review." in html
    assert "3\xa0days" in html
    assert 'href="/review/"' in html
    assert "No submission waits for a review." in html_of(stranger, "/admin/")


def test_whoever_reviews_nothing_sees_no_queue() -> None:
    user = User.objects.create_user("writer", "writer@example.org", "pass")
    group = Group.objects.create(name="Writers")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(group)
    assert "waits for a review" not in html_of(signed_in(user), "/admin/")


@pytest.mark.parametrize("language", settings.KNOWLEDGE["INTERFACE_LANGUAGES"])
def test_the_admin_speaks_every_language_of_the_interface(
    administrator: Client, language: str
) -> None:
    """Wagtail's own list of languages has no Vietnamese, Lao, Khmer or Swahili."""
    administrator.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    html = html_of(administrator, edit(work(title="First")))
    assert re.search(rf'<html lang="{language}"', html)
    with translation.override(language):
        assert str(WorkPage._meta.get_field("summary").verbose_name).lower() in html.lower()
        menu = json.dumps(
            pgettext("menu of the admin", "Knowledge")
        )  # the menu is drawn by a script
        assert menu in html
    account = html_of(administrator, "/admin/account/")
    assert f'<option value="{language}"' in account


@pytest.mark.parametrize("field", ["new_title", "new_slug"])
def test_a_copy_with_a_name_that_is_too_long_is_refused_at_its_field(
    administrator: Client, field: str
) -> None:
    page = work(title="First")
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": page.get_parent().pk}
    address = reverse("wagtailadmin_pages:copy", args=[page.pk])
    response = administrator.post(address, form | {field: "x" * 256})
    assert response.status_code == 200
    assert "at most 255 characters" in response.content.decode()
    assert not type(page).objects.filter(translation_key=page.translation_key).exclude(pk=page.pk)
    assert administrator.post(address, form).status_code == 302


def test_a_programme_may_not_take_the_code_of_another(administrator: Client) -> None:
    first = work(ProgrammePage, title="OTOP", code="otop", language="vi")
    french = work(ProgrammePage, title="OTOP", code="otop", language="fr", translation_of=first)
    other = work(ProgrammePage, title="OCOP", code="ocop")
    none = {"cells-TOTAL_FORMS": "0", "cells-INITIAL_FORMS": "0"}

    def code_after(page: WorkPage, code: str) -> tuple[str, str]:
        form = form_of(page, "Honey.") | none | {"code": code, "action-publish": "1"}
        html = administrator.post(edit(page), form, follow=True).content.decode()
        page.refresh_from_db()
        return page.code, "Another programme has this code." if "Another programme" in html else ""

    assert code_after(other, "otop") == ("ocop", "Another programme has this code.")
    assert code_after(other, "ocop-vn") == ("ocop-vn", "")
    assert code_after(french, "otop") == ("otop", "")
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": other.get_parent().pk}
    copy = reverse("wagtailadmin_pages:copy", args=[other.pk])
    assert administrator.post(copy, form).status_code == 302

"""Handing in: from the first form to the queue of the editors, without JavaScript."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from knowledge.models import (
    FilePart,
    MaterialPage,
    OutgoingMail,
    ProgrammePage,
    ReviewMessage,
    StoredFile,
)
from knowledge.retention import forget_old
from knowledge.sharing.drafts import MOST_DRAFTS, MOST_FILES
from knowledge.sharing.stages import Stage, standing_of
from tests.factories import work
from tests.knowledge.sharing.conftest import (
    FIRST,
    SECOND,
    approve,
    ask_changes,
    begun,
    country,
    fresh,
    person,
    sent,
    table,
)

SignIn = Callable[[User], Client]


def stage(page: MaterialPage) -> Stage:
    return standing_of(fresh(page)).stage


def test_visitors_are_shown_the_way_in_and_back(client: Client) -> None:
    html = client.get("/share/?workshop=7").content.decode()
    assert "/accounts/signup/?next=%2Fshare%2F%3Fworkshop%3D7" in html
    assert 'type="file"' not in html
    response = client.get("/share/mine")
    assert response.headers["Location"] == "/accounts/login/?next=/share/mine"


def test_an_account_without_confirmed_address_cannot_share(as_user: SignIn) -> None:
    client = as_user(person("new", contributes=False))
    assert 'type="file"' not in client.get("/share/").content.decode()
    assert client.post("/share/", {**FIRST, "files": table()}).status_code == 403
    assert not MaterialPage.objects.exists()
    assert not StoredFile.objects.exists()


def test_five_minutes_without_javascript(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    response = client.post(
        "/share/", {**FIRST, "files": [table(), table("costs.csv", "a,b\n1,2\n")]}
    )
    page = MaterialPage.objects.get()
    assert response.headers["Location"] == f"/share/{page.pk}/check"
    assert (page.live, page.owner, page.get_parent().specific.country.code) == (False, lan, "vn")
    html = client.get(f"/share/{page.pk}/check").content.decode()
    assert "prices" in html
    assert "costs" in html
    sent(client, page)
    assert stage(page) == Stage.WAITING
    assert "Waiting for review" in client.get("/share/mine").content.decode()


def test_a_faulty_field_loses_neither_draft_nor_files(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    ovop = work(ProgrammePage, title="OVOP Malawi", code="ovop", country=country("mw", "Malawi"))
    response = client.post(
        "/share/", {**FIRST, "programme": ovop.code, "files": table()}, follow=True
    )
    page = MaterialPage.objects.get()
    assert response.redirect_chain[-1][0] == f"/share/{page.pk}/"
    assert "This programme belongs to another country." in response.content.decode()
    assert (page.programme, page.files.count()) == (None, 1)


def test_a_refused_file_does_not_take_the_others_along(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    bad = table("run.exe", "MZ")
    response = client.post("/share/", {**FIRST, "files": [bad, table()]}, follow=True)
    assert "run.exe" in response.content.decode()
    assert [one.file.title for one in MaterialPage.objects.get().files.all()] == ["prices"]


def test_without_a_title_the_file_gives_one(as_user: SignIn, lan: User) -> None:
    page = begun(as_user(lan), title="", files=table("Honey_prices 2025.csv"))
    assert page.title == "Honey prices 2025"


def test_nothing_at_all_is_no_draft(as_user: SignIn, lan: User) -> None:
    response = as_user(lan).post("/share/", {**FIRST, "title": "  "})
    assert "Give it a title, or add a file." in response.content.decode()
    assert not MaterialPage.objects.exists()


def test_a_programme_brings_its_country_along(as_user: SignIn, lan: User) -> None:
    ocop = work(ProgrammePage, title="OCOP", code="ocop", country=country("vn", "Viet Nam"))
    page = begun(as_user(lan), country="", programme=ocop.code)
    assert page.country is not None
    assert page.country.code == "vn"
    assert page.programme is not None


def test_a_hidden_programme_is_not_offered(as_user: SignIn, lan: User) -> None:
    work(ProgrammePage, title="Secret plan", code="secret", publish=False)
    client = as_user(lan)
    assert "Secret plan" not in client.get("/share/").content.decode()
    client.post("/share/", {**FIRST, "programme": "secret", "files": table()})
    assert MaterialPage.objects.get().programme is None


def test_the_same_form_sent_twice_is_one_draft(as_user: SignIn, lan: User) -> None:
    client, key = as_user(lan), str(uuid.uuid4())
    for _ in range(2):
        begun(client, key=key)
    assert MaterialPage.objects.count() == 1
    assert MaterialPage.objects.get().files.count() == 1


def test_a_key_of_another_work_does_not_make_a_translation_of_it(
    as_user: SignIn, lan: User
) -> None:
    other = work(title="A case")
    page = begun(as_user(lan), key=str(other.translation_key))
    assert page.translation_key != other.translation_key


def test_files_arrive_one_by_one(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    started = client.post("/share/", FIRST, headers={"accept": "application/json"}).json()
    page = MaterialPage.objects.get()
    assert started["files"] == f"/share/{page.pk}/files"
    json = {"accept": "application/json"}
    first = client.post(started["files"], {"files": table()}, headers=json)
    again = client.post(started["files"], {"files": table()}, headers=json)
    assert [len(one.json()["files"]) for one in (first, again)] == [1, 1]
    refused = client.post(started["files"], {"files": table("x.exe", "MZ")}, headers=json)
    assert (refused.status_code, len(refused.json()["files"])) == (422, 1)
    nothing = client.post(started["files"], headers=json)
    assert nothing.json()["problems"]


def test_there_is_a_most_of_files_and_of_drafts(
    as_user: SignIn, lan: User, monkeypatch: Any
) -> None:
    client = as_user(lan)
    monkeypatch.setattr("knowledge.sharing.drafts.MOST_FILES", 1)
    response = client.post(
        "/share/", {**FIRST, "files": [table(), table("b.csv", "c,d\n3,4\n")]}, follow=True
    )
    assert str(MOST_FILES) in response.content.decode()
    assert MaterialPage.objects.get().files.count() == 1
    monkeypatch.setattr("knowledge.sharing.drafts.MOST_DRAFTS", 1)
    assert client.post("/share/", {**FIRST, "title": "Another"}).status_code == 200
    assert MaterialPage.objects.count() == 1
    assert MOST_DRAFTS > 1


def test_the_language_is_read_from_the_files_and_can_be_corrected(
    as_user: SignIn, lan: User
) -> None:
    client = as_user(lan)
    page = begun(client, title="OCOP 2025")
    FilePart.objects.create(
        file=page.files.first().file, number=1, kind="page",
        text="Hợp tác xã đã phân hạng mật ong theo bộ tiêu chí của tỉnh và bán được giá cao hơn.",
    )  # fmt: skip
    html = client.get(f"/share/{page.pk}/check").content.decode()
    assert '<option value="vi" lang="vi" selected>' in html
    client.post(f"/share/{page.pk}/check", {"language": "vi", "summary": "x", "action": "keep"})
    moved = fresh(page)
    assert (moved.language, moved.get_parent().locale.language_code) == ("vi", "vi")
    assert moved.get_parent().specific.country.code == "vn"


def test_what_is_missing_is_said_and_the_rest_kept(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    page = begun(client)
    html = client.post(
        f"/share/{page.pk}/check", {"language": "en", "credit": "Lan", "action": "send"}
    ).content.decode()
    for words in ("Choose how others may use it.", "Confirm that it may be published."):
        assert words in html
    assert (fresh(page).credit, stage(page)) == ("Lan", Stage.DRAFT)


def test_without_consent_nothing_is_sent_and_with_it_the_moment_is_kept(
    as_user: SignIn, lan: User
) -> None:
    client = as_user(lan)
    page = begun(client)
    client.post(f"/share/{page.pk}/check", {**SECOND, "consent": "", "action": "send"})
    assert (stage(page), fresh(page).consented_at) == (Stage.DRAFT, None)
    sent(client, page)
    assert fresh(page).consented_at is not None


def test_a_file_can_be_taken_off_and_is_gone(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    page = begun(client)
    stored = StoredFile.objects.get()
    client.post(f"/share/{page.pk}/files/{stored.pk}/remove")
    assert not fresh(page).files.exists()
    assert not StoredFile.objects.exists()


def test_a_draft_is_deleted_with_its_files(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    page = begun(client)
    client.post(f"/share/{page.pk}/delete")
    assert not MaterialPage.objects.exists()
    assert not StoredFile.objects.exists()


def taken_off_after_sending(own: Client, desk: Client) -> tuple[MaterialPage, StoredFile]:
    """Hand in two files, be asked for changes, take the second off; return both."""
    page = sent(own, begun(own, files=[table(), table("two.csv", "x,y\n7,8\n")]))
    ask_changes(desk, page)
    stored = StoredFile.objects.get(title="two")
    own.post(f"/share/{page.pk}/files/{stored.pk}/remove")
    assert [one.file.title for one in fresh(page).files.all()] == ["prices"]
    return page, stored


def test_a_file_taken_off_after_sending_stays_for_the_version_that_has_it(
    as_user: SignIn, lan: User, editor: User, client: Client
) -> None:
    own, desk = as_user(lan), as_user(editor)
    page, stored = taken_off_after_sending(own, desk)
    sent(own, page)
    approve(desk, fresh(page))
    forget_old()
    assert [one.file.title for one in fresh(page).files.all()] == ["prices"]
    assert client.get(stored.url).status_code == 404
    first = page.revisions.earliest("pk")
    back = desk.get(reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, first.pk]))
    assert back.status_code == 200
    assert [one.file for one in first.as_object().files.all()][1:] == [stored]


def test_a_version_whose_file_is_gone_can_be_opened_without_it(
    as_user: SignIn, lan: User, editor: User
) -> None:
    desk = as_user(editor)
    page, stored = taken_off_after_sending(as_user(lan), desk)
    stored.delete()
    first = page.revisions.earliest("pk")
    back = desk.get(reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, first.pk]))
    assert back.status_code == 200
    assert [one.file.title for one in first.as_object().files.all()] == ["prices"]


def test_a_file_taken_off_after_sending_is_deleted_with_its_material(
    as_user: SignIn, lan: User, editor: User
) -> None:
    own = as_user(lan)
    page, _ = taken_off_after_sending(own, as_user(editor))
    own.post(f"/share/{page.pk}/delete")
    assert not MaterialPage.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_file_taken_off_and_shown_elsewhere_outlives_its_material(
    as_user: SignIn, lan: User, editor: User
) -> None:
    own = as_user(lan)
    page, stored = taken_off_after_sending(own, as_user(editor))
    other = begun(own, title="Another", files=table("two.csv", "x,y\n7,8\n"))
    own.post(f"/share/{page.pk}/delete")
    assert [one.file for one in other.files.all()] == [stored]
    assert list(StoredFile.objects.all()) == [stored]


@pytest.mark.parametrize("path", ["", "check", "files", "files/1/remove", "withdraw", "delete"])
def test_a_draft_is_its_contributors_alone(
    as_user: SignIn, lan: User, editor: User, client: Client, path: str
) -> None:
    page = begun(as_user(lan))
    address = f"/share/{page.pk}/{path}"
    for other in (person("other"), person("root2")):
        assert as_user(other).post(address, {**FIRST, **SECOND}).status_code == 404
    if path in {"", "check"}:
        assert as_user(person("third")).get(address).status_code == 404
    assert client.post(address).status_code == 302
    assert as_user(editor).post(address).status_code in {302, 403}
    assert fresh(page).files.count() == 1
    assert client.get(page.get_url() or "/none").status_code == 404


def test_under_review_it_can_be_withdrawn_but_not_changed(as_user: SignIn, lan: User) -> None:
    client = as_user(lan)
    page = sent(client)
    stored = page.files.first().file_id
    client.post(f"/share/{page.pk}/", {**FIRST, "title": "Other"})
    client.post(f"/share/{page.pk}/check", {**SECOND, "summary": "Other"})
    client.post(f"/share/{page.pk}/files", {"files": table("n.csv", "n,m\n5,6\n")})
    client.post(f"/share/{page.pk}/files/{stored}/remove")
    client.post(f"/share/{page.pk}/delete")
    now = fresh(page)
    assert (now.title, now.summary, now.files.count()) == (
        FIRST["title"], SECOND["summary"], 1,
    )  # fmt: skip
    client.post(f"/share/{page.pk}/withdraw")
    assert stage(page) == Stage.WITHDRAWN
    client.post(f"/share/{page.pk}/", {**FIRST, "title": "Other"})
    assert fresh(page).title == "Other"
    sent(client, page)
    assert stage(page) == Stage.WAITING


def test_changes_are_asked_answered_and_sent_again(
    as_user: SignIn, lan: User, editor: User
) -> None:
    client = as_user(lan)
    page = sent(client)
    ask_changes(as_user(editor), page)
    assert stage(page) == Stage.CHANGES
    assert "Say the year." in client.get("/share/mine").content.decode()
    sent(client, page, summary="Honey grading in 2025. What buyers paid.", answer="It was 2025.")
    assert stage(page) == Stage.WAITING
    assert ReviewMessage.objects.get().text == "It was 2025."
    state = fresh(page).current_workflow_state.current_task_state
    html = as_user(editor).get(f"/review/{state.pk}/").content.decode()
    assert "It was 2025." in html
    assert "Honey grading in 2025." in html
    approve(as_user(editor), fresh(page))
    assert stage(page) == Stage.PUBLISHED
    assert fresh(page).summary.startswith("Honey grading in 2025.")


def test_another_country_means_other_editors(
    as_user: SignIn, lan: User, editor: User, stranger: User
) -> None:
    client = as_user(lan)
    page = sent(client)
    ask_changes(as_user(editor), page)
    client.post(f"/share/{page.pk}/", {**FIRST, "country": "mw"})
    sent(client, page)
    assert FIRST["title"] in as_user(stranger).get("/review/").content.decode()
    assert FIRST["title"] not in as_user(editor).get("/review/").content.decode()


def test_a_new_version_waits_while_the_published_one_stays(
    as_user: SignIn, lan: User, editor: User, client: Client
) -> None:
    own = as_user(lan)
    page = sent(own)
    approve(as_user(editor), page)
    own.post(
        f"/share/{page.pk}/",
        {**FIRST, "title": "Second edition", "files": table("two.csv", "x,y\n7,8\n")},
    )
    assert stage(page) == Stage.REVISED
    public = client.get(fresh(page).url).content.decode()
    assert "Second edition" not in public
    assert "two" not in [one.file.title for one in fresh(page).files.all()]
    sent(own, page)
    assert stage(page) == Stage.WAITING
    assert "Second edition" not in client.get(fresh(page).url).content.decode()
    approve(as_user(editor), fresh(page))
    assert "Second edition" in client.get(fresh(page).url).content.decode()
    assert fresh(page).files.count() == 2


def test_a_new_version_can_be_discarded(as_user: SignIn, lan: User, editor: User) -> None:
    own = as_user(lan)
    page = sent(own)
    approve(as_user(editor), page)
    own.post(f"/share/{page.pk}/", {**FIRST, "title": "Second edition"})
    own.post(f"/share/{page.pk}/delete")
    assert (stage(page), fresh(page).title) == (Stage.PUBLISHED, FIRST["title"])
    assert "Second edition" not in own.get(f"/share/{page.pk}/").content.decode()


def test_a_file_that_a_new_version_awaits_outlives_another_draft(
    as_user: SignIn, lan: User, editor: User
) -> None:
    own, two = as_user(lan), "x,y\n7,8\n"
    page = sent(own)
    approve(as_user(editor), page)
    own.post(f"/share/{page.pk}/", {**FIRST, "files": table("two.csv", two)})
    other = begun(own, title="Another", files=table("two.csv", two))
    own.post(f"/share/{other.pk}/delete")
    assert not MaterialPage.objects.filter(pk=other.pk).exists()
    sent(own, page)
    approve(as_user(editor), fresh(page))
    assert sorted(one.file.title for one in fresh(page).files.all()) == ["prices", "two"]


def test_what_is_published_is_not_deleted_by_its_contributor(
    as_user: SignIn, lan: User, editor: User
) -> None:
    own = as_user(lan)
    page = sent(own)
    approve(as_user(editor), page)
    own.post(f"/share/{page.pk}/delete")
    assert fresh(page).live


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "\x00\x01<script>alert(1)</script>"},
        {"title": "x" * 5000},
        {"form": "nonsense", "country": "../..", "programme": "' OR 1=1"},
        {"workshop": "999999|x", "key": "not-a-key", "kept": "<>"},
        {"country": "xx" * 999, "workshop": "\x00"},
    ],
)
def test_hostile_first_steps_get_an_answer(
    as_user: SignIn, lan: User, fields: dict[str, str]
) -> None:
    response = as_user(lan).post("/share/", {**FIRST, "files": table(), **fields}, follow=True)
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize(
    "fields",
    [
        {"language": "xx"},
        {"language": "\x00", "licence": "GPL"},
        {"summary": "y" * 9999, "credit": "\x00<b>"},
        {"translation_of": "9" * 40},
        {"translation_of": "-1"},
        {"translation_of": "999999"},
        {"answer": "z" * 99999, "action": "send\x00"},
    ],
)
def test_hostile_second_steps_get_an_answer(
    as_user: SignIn, lan: User, fields: dict[str, str]
) -> None:
    client = as_user(lan)
    page = begun(client)
    response = client.post(
        f"/share/{page.pk}/check", {**SECOND, "action": "send", **fields}, follow=True
    )
    assert response.status_code == 200
    assert client.get(f"/share/{page.pk}/check", follow=True).status_code == 200


def test_no_address_is_shown_to_others(as_user: SignIn, lan: User, editor: User) -> None:
    page = sent(as_user(lan))
    state = page.current_workflow_state.current_task_state
    html = as_user(editor).get(f"/review/{state.pk}/").content.decode()
    assert "Lan" in html
    assert "lan@example.org" not in html
    assert all(
        b"lan@example.org" not in bytes(mail.message)
        for mail in OutgoingMail.objects.exclude(recipient=lan.email)
    )


def test_what_was_written_while_the_session_had_ended_is_there_again(
    lan: User, as_user: Any
) -> None:
    page = begun(as_user(lan))
    for address, fields, told in (
        ("/share/", FIRST, FIRST["title"]),
        (f"/share/{page.pk}/", {**FIRST, "title": "Another"}, "Another"),
        (f"/share/{page.pk}/check", SECOND, SECOND["summary"]),
    ):
        client = Client()
        client.post(address, {**fields, "files": table()})
        client.force_login(lan)
        shown = client.get(address).content.decode()
        assert told in shown
        assert "Files have to be chosen again." in shown


@pytest.mark.parametrize(
    ("sent_to", "page_of_form"),
    [
        ("files", "check"),
        ("files/7/remove", "check"),
        ("withdraw", None),
        ("delete", None),
        ("check", "check"),
        ("", ""),
    ],
)
def test_who_signs_in_again_comes_to_a_page_and_not_to_where_only_a_form_leads(
    lan: User, as_user: Any, sent_to: str, page_of_form: str | None
) -> None:
    page = begun(as_user(lan))
    response = Client().post(f"/share/{page.pk}/{sent_to}")
    back = "/share/mine" if page_of_form is None else f"/share/{page.pk}/{page_of_form}"
    assert response.headers["Location"] == f"/accounts/login/?next={back}"
    assert as_user(lan).get(back).status_code == 200


def test_what_is_missing_is_said_of_its_field(lan: User, as_user: Any) -> None:
    client = as_user(lan)
    page = begun(client)
    html = client.post(f"/share/{page.pk}/check", {"action": "send"}).content.decode()
    described = " ".join(re.findall(r'aria-describedby="([^"]*)"', html)).split()
    assert {"error-summary", "error-licence", "error-consent"} <= {*described}
    for one in described:
        assert html.count(f'id="{one}"') == 1, one


def test_a_material_is_deleted_only_after_a_question(lan: User, as_user: SignIn) -> None:
    own = as_user(lan)
    page = begun(own)
    address = f"/share/{page.pk}/delete"
    assert f'href="{address}"' in own.get("/share/mine").content.decode()
    assert FIRST["title"] in own.get(address).content.decode()
    assert as_user(person("other")).get(address).status_code == 404
    assert MaterialPage.objects.exists()
    own.post(address)
    assert not MaterialPage.objects.exists()


FRENCH = "Le miel de la coopérative est classé chaque année par les acheteurs du village."


def test_a_language_that_was_only_guessed_is_asked_for_once_when_the_text_has_been_read(
    lan: User, as_user: SignIn
) -> None:
    own = as_user(lan)
    page = begun(own, files=table())
    address = f"/share/{page.pk}/check"
    assert 'data-guessed="1"' in own.get(address).content.decode()
    FilePart.objects.create(file=StoredFile.objects.get(), number=1, text=FRENCH)
    json = {"accept": "application/json"}
    assert own.get(f"/share/{page.pk}/files", headers=json).json()["read_as"] == "fr"
    fields = {**SECOND, "action": "send", "read_as": "en"}
    html = own.post(address, fields).content.decode()
    assert "It reads as French. Correct it if that is wrong.</a>" in html
    assert 'name="read_as" value="fr"' in html
    assert 'data-guessed="1"' not in html
    assert own.post(address, {**fields, "read_as": "fr"}).status_code == 302
    assert stage(page) == Stage.WAITING

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from embeddings.errors import EncoderUnavailable
from knowledge.alerts import digest, saved
from knowledge.alerts.digest import tell_due
from knowledge.mail.outbox import deliver
from knowledge.models import OutgoingMail, SavedSearch, ToldWork
from tests.factories import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def lan() -> User:
    return User.objects.create_user("lan", "lan@example.org", "x")


@pytest.fixture
def reader(lan: User) -> Client:
    client = Client(headers={"accept-language": "fr"})
    client.force_login(lan)
    return client


def save(client: Client, **values: Any) -> SavedSearch:
    response = client.post("/alerts/save", {"q": "miel", "cadence": "daily"} | values)
    assert response.status_code == 302, response.content
    return SavedSearch.objects.latest("pk")


def let_time_pass(**by: int) -> None:
    """Move what was told back in time."""
    for one in SavedSearch.objects.all():
        SavedSearch.objects.filter(pk=one.pk).update(told_at=one.told_at - timedelta(**by))


@pytest.fixture
def next_mails(mailoutbox: list[Any]) -> Callable[..., list[Any]]:
    """Let a day pass, tell and deliver; return the mails."""

    def read(**by: int) -> list[Any]:
        mailoutbox.clear()
        let_time_pass(**by or {"days": 1})
        tell_due()
        deliver()
        return list(mailoutbox)

    return read


def test_a_french_question_tells_of_a_new_vietnamese_answer(
    reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    work(title="Honey that was there", text="Honey.")
    kept = save(reader)
    assert kept.language == "fr"
    work(title="Mật ong rừng", text="## Mật\n\nMật ong của làng được bán ở chợ.", language="vi")
    work(title="Stars", text="Five star grading.")
    (mail,) = next_mails()
    assert mail.to == ["lan@example.org"]
    assert "miel" in mail.subject
    assert "Mật ong rừng" in mail.body
    assert "Tiếng Việt" in mail.body
    assert "“Mật ong của làng được bán ở chợ.”" in mail.body
    assert "http://127.0.0.1:8000/vi/" in mail.body
    assert "Honey that was there" not in mail.body
    assert "Stars" not in mail.body
    assert "Portail" in mail.body or "portail" in mail.body  # in the reader's language
    assert next_mails() == []  # told once


def test_a_filter_alone_may_be_saved(reader: Client, next_mails: Callable[..., list[Any]]) -> None:
    save(reader, q="", kind="case_study")
    work(title="A new case")
    (mail,) = next_mails()
    assert "A new case" in mail.body


def test_nothing_new_is_no_mail(reader: Client, next_mails: Callable[..., list[Any]]) -> None:
    work(title="Honey that was there", text="Honey.")
    save(reader)
    assert next_mails() == []
    assert OutgoingMail.objects.count() == 0


def test_only_what_answers_by_itself_is_told(
    reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    save(reader)
    work(title="Bamboo", text="Bamboo baskets.")
    assert next_mails() == []


def test_weekly_waits_a_week(reader: Client, next_mails: Callable[..., list[Any]]) -> None:
    save(reader, cadence="weekly")
    work(title="Honey", text="Honey.")
    assert next_mails(days=6) == []
    assert len(next_mails(days=1)) == 1


def test_what_was_withdrawn_before_sending_is_not_in_the_mail(
    reader: Client, mailoutbox: list[Any]
) -> None:
    save(reader)
    stays = work(title="Honey stays", text="Honey.")
    goes = work(title="Honey goes", text="Honey.")
    let_time_pass(days=1)
    tell_due()
    goes.unpublish()
    deliver()
    (mail,) = mailoutbox
    assert stays.title in mail.body
    assert goes.title not in mail.body + mail.subject
    assert "1" in mail.subject


def test_if_all_was_withdrawn_there_is_no_mail(reader: Client, mailoutbox: list[Any]) -> None:
    save(reader)
    goes = work(title="Honey goes", text="Honey.")
    let_time_pass(days=1)
    tell_due()
    PageViewRestriction.objects.create(page=goes, restriction_type="groups")
    assert deliver() == 0
    assert mailoutbox == []
    assert OutgoingMail.objects.count() == 0


def test_the_outbox_keeps_no_words_of_a_work(reader: Client) -> None:
    save(reader)
    work(title="Honey in secret", text="Honey.")
    let_time_pass(days=1)
    tell_due()
    assert b"secret" not in bytes(OutgoingMail.objects.get().message)


def test_each_reader_is_told_by_their_own_rights(
    lan: User, reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    other = User.objects.create_user("other", "other@example.org", "x")
    client = Client()
    client.force_login(other)
    save(reader)
    save(client)
    group = Group.objects.create(name="Workshop")
    lan.groups.add(group)
    closed = work(title="Closed honey", text="Honey.")
    restriction = PageViewRestriction.objects.create(page=closed, restriction_type="groups")
    restriction.groups.add(group)
    mails = next_mails()
    assert [mail.to for mail in mails] == [["lan@example.org"]]
    restriction.delete()  # opened to everybody: news for the other, none for Lan
    assert [mail.to for mail in next_mails()] == [["other@example.org"]]


def test_rights_taken_away_before_the_digest_count(
    lan: User, reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    group = Group.objects.create(name="Workshop")
    lan.groups.add(group)
    save(reader)
    closed = work(title="Closed honey", text="Honey.")
    PageViewRestriction.objects.create(page=closed, restriction_type="groups").groups.add(group)
    lan.groups.remove(group)
    assert next_mails() == []


def test_a_closed_account_gets_nothing(
    lan: User, reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    save(reader)
    work(title="Honey", text="Honey.")
    User.objects.filter(pk=lan.pk).update(is_active=False)
    assert next_mails() == []


def test_two_workers_tell_once(reader: Client, mailoutbox: list[Any]) -> None:
    save(reader)
    work(title="Honey", text="Honey.")
    let_time_pass(days=1)
    (mine,) = saved.due_searches().select_related("user")
    (theirs,) = saved.due_searches().select_related("user")
    assert digest._tell(mine)
    assert not digest._tell(theirs)
    deliver()
    assert len(mailoutbox) == 1


def test_a_digest_that_breaks_before_its_commit_is_made_again(
    reader: Client, monkeypatch: pytest.MonkeyPatch, next_mails: Callable[..., list[Any]]
) -> None:
    save(reader)
    work(title="Honey", text="Honey.")
    let_time_pass(days=1)

    def broken(**values: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(digest, "queue_composed", broken)
        with pytest.raises(OSError, match="disk full"):
            tell_due()
    assert ToldWork.objects.count() == 0
    assert len(next_mails()) == 1


def test_without_the_encoder_a_digest_waits(
    reader: Client, monkeypatch: pytest.MonkeyPatch, next_mails: Callable[..., list[Any]]
) -> None:
    save(reader)
    work(title="Honey", text="Honey.")

    def gone(*values: Any, **named: Any) -> Any:
        raise EncoderUnavailable("no file")

    with monkeypatch.context() as patched:
        patched.setattr(digest, "works_answering", gone)
        assert next_mails() == []
    let_time_pass(days=-1)
    assert len(next_mails()) == 1


def test_a_long_list_is_cut_and_says_so(
    reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    save(reader)
    for number in range(23):
        work(title=f"Honey {number}", text=f"Honey number {number}.")
    (mail,) = next_mails()
    assert mail.body.count("* Honey ") == 20
    assert "23" in mail.subject
    assert "?q=miel" in mail.body


def test_a_question_is_no_header(reader: Client, next_mails: Callable[..., list[Any]]) -> None:
    save(reader, q="miel\r\nBcc: victim@example.org")
    work(title="Honey\u2028Bcc: x", text="Honey.")
    (mail,) = next_mails()
    assert mail.message()["Bcc"] is None
    assert "\n" not in mail.subject


def test_a_mail_program_stops_it_with_one_post_and_no_cookie(
    reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    save(reader)
    work(title="Honey", text="Honey.")
    (mail,) = next_mails()
    message = mail.message()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<http://127.0.0.1:8000(/alerts/stop/.+)>", message["List-Unsubscribe"])
    assert address is not None
    assert address[1] in mail.body
    stranger = Client(enforce_csrf_checks=True)
    asked = stranger.get(address[1])
    assert asked.status_code == 200
    assert SavedSearch.objects.exists()  # a program that looks at links stops nothing
    stopped = stranger.post(address[1], {"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    assert not SavedSearch.objects.exists()
    assert stranger.post(address[1]).status_code == 200  # again does no harm
    assert stranger.get(address[1]).status_code == 404


def test_a_digest_waiting_in_the_outbox_is_not_sent_once_stopped(
    reader: Client, mailoutbox: list[Any]
) -> None:
    kept = save(reader)
    work(title="Honey", text="Honey.")
    let_time_pass(days=1)
    tell_due()
    Client().post(f"/alerts/stop/{kept.token}")
    deliver()
    assert mailoutbox == []


@pytest.mark.parametrize("token", ["x", "%00", "a" * 500, "..%2f", "<b>"])
def test_a_wrong_token_stops_nothing(reader: Client, token: str) -> None:
    save(reader)
    assert Client().post(f"/alerts/stop/{token}").status_code in {200, 404}
    assert SavedSearch.objects.count() == 1


# --- Saving and the list ---


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_search() -> None:
    response = Client().post("/alerts/save", {"q": "miel", "country": "mw"})
    assert response.status_code == 302
    assert "next=/search/%3Fq%3Dmiel%26country%3Dmw" in response["Location"]
    assert SavedSearch.objects.count() == 0
    assert Client().get("/account/alerts").status_code == 302
    # A change is sent to an address without a page: the list has the form.
    assert Client().post("/account/alerts/1").headers["Location"] == (
        "/accounts/login/?next=/account/alerts"
    )


def test_the_search_page_offers_it_without_scripts(reader: Client) -> None:
    work(title="Honey", text="Honey.")
    shown = reader.get("/search/?q=miel&kind=case_study").content.decode()
    form = shown[shown.index('action="/alerts/save"') :].partition("</form>")[0]
    assert 'name="q" value="miel"' in form
    assert 'name="kind" value="case_study"' in form
    stranger = Client().get("/search/?q=miel&kind=case_study").content.decode()
    assert "/alerts/save" not in stranger
    assert "/accounts/login/?next=%2Fsearch%2F%3Fq%3Dmiel%26kind%3Dcase_study" in stranger


def test_saving_the_same_twice_keeps_one(reader: Client) -> None:
    first = save(reader)
    second = save(reader, cadence="weekly")
    assert first.pk == second.pk
    assert SavedSearch.objects.get().cadence == "weekly"


@pytest.mark.parametrize(
    ("values", "status"),
    [({"q": "x" * 301}, 400), ({"q": "x" * 2000}, 400), ({"q": "a\x00b"}, 400)],
)
def test_what_cannot_be_saved_is_said(reader: Client, values: dict[str, str], status: int) -> None:
    response = reader.post("/alerts/save", values)
    assert response.status_code == status
    assert 'role="alert"' in response.content.decode()
    assert SavedSearch.objects.count() == 0


def test_hostile_values_are_left_out(reader: Client) -> None:
    kept = save(reader, q="<script>alert(1)</script>", cadence="hourly", country="../etc", x="y")
    assert kept.filters == {}
    assert kept.cadence == "weekly"
    shown = reader.get("/account/alerts").content.decode()
    assert "<script>alert(1)" not in shown


def test_there_is_a_limit(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MOST_SAVED", 1)
    save(reader)
    response = reader.post("/alerts/save", {"q": "honey and stars"})
    assert response.status_code == 409
    assert SavedSearch.objects.count() == 1


def test_ones_own_are_listed_changed_and_stopped(reader: Client) -> None:
    kept = save(reader)
    assert "miel" in reader.get("/account/alerts").content.decode()
    reader.post(f"/account/alerts/{kept.pk}", {"cadence": "weekly"})
    assert SavedSearch.objects.get().cadence == "weekly"
    reader.post(f"/account/alerts/{kept.pk}", {"action": "stop"})
    assert not SavedSearch.objects.exists()


def test_nobody_else_sees_or_changes_them(reader: Client) -> None:
    kept = save(reader, q="miel secret")
    client = Client()
    client.force_login(User.objects.create_superuser("other", "o@example.org", "x"))
    assert "secret" not in client.get("/account/alerts").content.decode()
    assert client.post(f"/account/alerts/{kept.pk}", {"action": "stop"}).status_code == 404
    assert Client().post(f"/account/alerts/{kept.pk}", {"action": "stop"}).status_code == 302
    assert SavedSearch.objects.exists()


def test_a_programme_that_one_may_not_open_is_not_named(reader: Client) -> None:
    from knowledge.models import ProgrammePage

    page = work(ProgrammePage, title="Secret programme", code="secret-one", slug="s")
    save(reader, q="", programme="secret-one")
    PageViewRestriction.objects.create(page=page, restriction_type="groups")
    assert "Secret programme" not in reader.get("/account/alerts").content.decode()


def test_a_saved_search_is_no_question_that_found_nothing(
    reader: Client, next_mails: Callable[..., list[Any]]
) -> None:
    from knowledge.models import UnansweredQuestion

    save(reader)
    next_mails()
    assert not UnansweredQuestion.objects.exists()
    assert timezone.now() - SavedSearch.objects.get().told_at < timedelta(minutes=1)

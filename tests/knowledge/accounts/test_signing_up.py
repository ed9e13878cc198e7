"""From a stranger to a contributor: sign-up, confirmation, sign-in, a lost password."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from knowledge.people import CONTRIBUTORS, is_contributor, language_of, name_of
from portal.settings.languages import INTERFACE_LANGUAGES
from tests.factories import home_page
from tests.knowledge.accounts.conftest import PASSWORD, link_in, mails, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tree(db: None) -> None:
    home_page()


def sign_up(client: Client, address: str = "an@example.org", **more: Any) -> Any:
    return client.post("/accounts/signup/", {"email": address, "password1": PASSWORD, **more})


def test_a_stranger_becomes_a_contributor(client: Client) -> None:
    assert sign_up(client).headers["Location"] == "/accounts/confirm-email/"
    user = User.objects.get()
    assert not is_contributor(user)
    link = link_in(mails("an@example.org")[0], "confirm-email")
    assert "Yes, confirm" in client.get(link).content.decode()
    client.post(link)
    assert is_contributor(user)
    assert [group.name for group in user.groups.all()] == [CONTRIBUTORS]
    page = client.get("/account/").content.decode()
    assert "an@example.org" in page


def test_after_confirming_one_is_where_one_wanted_to_go(client: Client) -> None:
    sign_up(client, next="/brief/")
    assert client.post(link_in(mails()[0], "confirm-email")).headers["Location"] == "/brief/"


def test_confirming_on_another_device_signs_nobody_in_there(client: Client) -> None:
    sign_up(client)
    telephone = Client()
    response = telephone.post(link_in(mails()[0], "confirm-email"))
    assert response.headers["Location"].startswith("/accounts/login/")
    assert telephone.get("/account/").status_code == 302
    assert sign_in(telephone).headers["Location"] == "/account/"


def test_the_link_itself_leads_on_in_another_browser(client: Client) -> None:
    sign_up(client, next="/join/ABCD-EFGH")
    link = link_in(mails()[0], "confirm-email")
    telephone = Client()
    page = telephone.get(link).content.decode()
    kept = re.search(r'<input type="hidden" name="to" value="([^"]+)">', page)
    assert kept
    led = telephone.post(link.partition("?")[0], {"to": kept[1]}).headers["Location"]
    assert led == "/accounts/login/?next=/join/ABCD-EFGH"
    assert sign_in(telephone, next="/join/ABCD-EFGH").headers["Location"] == "/join/ABCD-EFGH"


def test_a_mail_that_signing_in_sends_leads_on_too(client: Client) -> None:
    sign_up(client)
    cache.clear()  # else no second mail within three minutes
    sign_in(Client(), next="/join/ABCD-EFGH")
    response = Client().post(link_in(mails()[1], "confirm-email"))
    assert response.headers["Location"] == "/accounts/login/?next=/join/ABCD-EFGH"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/" + "a" * 500]
)
def test_a_link_carries_no_address_from_elsewhere(client: Client, wanted: str) -> None:
    sign_up(client, next=wanted)
    link = link_in(mails()[0], "confirm-email")
    assert "?" not in link
    assert Client().post(link).headers["Location"] == "/accounts/login/"


def test_nobody_else_writes_into_a_link(client: Client) -> None:
    """Neither an address, nor the signed one of another link, nor a signed one changed."""
    sign_up(client, next="/brief/")
    sign_up(Client(), "no@example.org", next="/join/ABCD-EFGH")
    link, other = (
        link_in(mails(one)[0], "confirm-email") for one in ("an@example.org", "no@example.org")
    )
    bare_link, signed = link.split("?")
    of_another = other.split("?")[1]
    for query in (
        "to=/board/", "next=/board/", of_another, signed.replace("brief", "board"), "to=", "to=:",
    ):  # fmt: skip
        EmailAddress.objects.update(verified=False)
        response = Client().post(f"{bare_link}?{query}")
        assert response.headers["Location"] == "/accounts/login/", query
    signer = signing.Signer(salt="knowledge.confirming:" + bare_link.split("/")[-2])
    EmailAddress.objects.update(verified=False)
    response = Client().post(bare_link, {"to": signer.sign("https://evil.example/")})
    assert response.headers["Location"] == "/accounts/login/"


def test_a_mail_program_that_looks_at_links_confirms_nothing(client: Client) -> None:
    sign_up(client)
    link = link_in(mails()[0], "confirm-email")
    for _ in range(3):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code in {200, 405}
    assert not EmailAddress.objects.get().verified


def test_nobody_gets_in_before_the_address_is_confirmed(client: Client) -> None:
    sign_up(client)
    assert sign_in(Client()).headers["Location"] == "/accounts/confirm-email/"
    assert client.get("/account/").status_code == 302
    assert client.get("/account/data.json").status_code == 302


@pytest.mark.parametrize("key", ["x", "MQ:1abc:zzz", "MQ%3A1"])
def test_a_link_that_is_none_is_explained(client: Client, key: str) -> None:
    response = client.get(f"/accounts/confirm-email/{key}/")
    assert response.status_code in {200, 404}
    assert client.post(f"/accounts/confirm-email/{key}/").status_code in {200, 404}
    assert "Sign in" in response.content.decode()


def test_a_link_holds_for_three_days(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_up(client)
    link = link_in(mails()[0], "confirm-email")
    address = EmailAddress.objects.get()
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + timedelta(days=4).total_seconds())
    assert "This link holds no longer" in client.get(link).content.decode()
    client.post(link)
    address.refresh_from_db()
    assert not address.verified


def test_a_link_works_no_second_time(client: Client) -> None:
    sign_up(client)
    link = link_in(mails()[0], "confirm-email")
    client.post(link)
    assert "This link holds no longer" in Client().get(link).content.decode()


def test_no_name_is_made_of_the_address(client: Client) -> None:
    sign_up(client, "somchai.jaidee@example.org")
    user = User.objects.get()
    assert "somchai" not in user.username
    assert name_of(user) == "A participant"


def test_mails_come_in_the_language_of_the_sign_up(client: Client) -> None:
    client.post("/language/", {"language": "vi", "next": "/"})
    sign_up(client)
    user = User.objects.get()
    assert language_of(user) == "vi"
    EmailAddress.objects.update(verified=True)
    sign_in(client)
    client.post("/language/", {"language": "ja", "next": "/"})
    assert language_of(user) == "ja"
    client.post("/language/", {"language": "xx", "next": "/"})
    assert language_of(user) == "ja"


def test_who_never_chose_gets_mails_in_the_language_of_the_first_sign_in(
    person: Callable[..., User], client: Client
) -> None:
    """An account that an administrator made; its own page says this language too."""
    user = person()
    client.cookies["interface_language"] = "th"
    sign_in(client)
    assert language_of(user) == "th"
    client.cookies["interface_language"] = "sw"
    sign_in(client)
    assert language_of(user) == "th"


@pytest.mark.parametrize("language", [one for one in INTERFACE_LANGUAGES if one != "en"])
def test_what_is_wrong_with_a_form_is_said_in_the_readers_language(language: str) -> None:
    """Libraries say it, and not all of them in all of our languages."""

    class Form(forms.Form):
        day = forms.DateField()
        kind = forms.ChoiceField(choices=[("a", "A")])
        note = forms.CharField(max_length=2)

    with translation.override(language):
        form = Form({"day": "x", "kind": "b", "note": "long"})
        told = [str(error) for errors in form.errors.values() for error in errors]
        with pytest.raises(ValidationError) as refused:
            MinimumLengthValidator(10).validate("abc")
        told += refused.value.messages
        assert len(told) == 4
        assert not [one for one in told if re.search("a valid|too short|at most", one)]


@pytest.mark.parametrize("language", [one for one in INTERFACE_LANGUAGES if one != "en"])
def test_who_is_asked_for_proof_is_asked_in_their_language(
    person: Callable[..., User], client: Client, settings: Any, language: str
) -> None:
    """The library words the ways to prove it, and gives the choice of an address no label."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    person()
    client.cookies["interface_language"] = language
    sign_in(client)
    asked = client.get("/accounts/reauthenticate/").content.decode()
    assert 'href="/accounts/reauthenticate/code/' in asked
    assert "Send me" not in asked
    form = client.get("/accounts/reauthenticate/code/").content.decode()
    assert 'name="recipient"' in form
    assert "Recipient" not in form


def test_a_new_machine_shows_the_chosen_language(
    person: Callable[..., User], client: Client
) -> None:
    person()
    sign_in(client)
    client.post("/language/", {"language": "fr", "next": "/"})
    other = Client()
    assert sign_in(other).cookies["interface_language"].value == "fr"


# Nobody learns who has an account.


def bare(response: Any) -> tuple[int, str, str]:
    return response.status_code, response.headers.get("Location", ""), _without_token(response)


def _without_token(response: Any) -> str:
    lines = response.content.decode().replace("an@example.org", "?").replace("no@example.org", "?")
    return "\n".join(line for line in lines.splitlines() if "csrfmiddlewaretoken" not in line)


def test_signing_up_does_not_tell_who_has_an_account(person: Callable[..., User]) -> None:
    person()
    taken, free = Client(), Client()
    assert bare(sign_up(taken)) == bare(sign_up(free, "no@example.org"))
    for client in (taken, free):
        assert "Look into your mailbox" in client.get("/accounts/confirm-email/").content.decode()
    assert User.objects.filter(email="an@example.org").count() == 1
    assert "You have an account already" in mails("an@example.org")[0]


def test_asking_for_a_new_password_does_not_tell_who_has_an_account(
    person: Callable[..., User],
) -> None:
    person()
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": one})
        for one in ("an@example.org", "no@example.org")
    )
    assert bare(known) == bare(unknown)
    assert mails("no@example.org") == []


def test_a_wrong_password_does_not_tell_who_has_an_account(person: Callable[..., User]) -> None:
    person()
    known, unknown = (
        sign_in(Client(), one, "not-the-password") for one in ("an@example.org", "no@example.org")
    )
    assert bare(known) == bare(unknown)
    assert known.status_code == 200


# Limits.


def test_passwords_cannot_be_guessed(person: Callable[..., User]) -> None:
    person()
    for _ in range(6):
        sign_in(Client(), password="not-the-password")
    assert "Too many attempts" in sign_in(Client()).content.decode()


def test_one_machine_cannot_sign_up_a_crowd(client: Client) -> None:
    answers = {sign_up(Client(), f"x{number}@example.org").status_code for number in range(22)}
    assert answers == {302, 429}
    assert "Too many attempts" in sign_up(Client(), "y@example.org").content.decode()


@pytest.mark.parametrize("weak", ["short1", "1234567890", "password12345"[:8], "qwertyuiop"])
def test_a_weak_password_is_refused(client: Client, weak: str) -> None:
    response = client.post("/accounts/signup/", {"email": "a@example.org", "password1": weak})
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "address", ["", "x", "a@b", "a@example.org\nBcc: b@example.org", "a" * 400]
)
def test_what_is_no_address_is_refused(client: Client, address: str) -> None:
    response = client.post("/accounts/signup/", {"email": address, "password1": PASSWORD})
    assert response.status_code == 200
    assert not User.objects.exists()


# A lost password.


def test_a_lost_password_is_replaced(person: Callable[..., User], client: Client) -> None:
    person()
    client.post("/accounts/password/reset/", {"email": "an@example.org"})
    link = link_in(mails()[0], "password/reset/key")
    form = client.get(link).headers["Location"]
    assert client.get(form).status_code == 200
    new = {"password1": "bamboo-and-honey", "password2": "bamboo-and-honey"}
    client.post(form, new)
    assert sign_in(Client()).status_code == 200
    assert sign_in(Client(), password=new["password1"]).headers["Location"] == "/account/"
    assert "holds no longer" in Client().get(link).content.decode()
    assert any("was set anew by a link" in mail for mail in mails())


@pytest.mark.parametrize("key", ["1-x", "zz-set-password", "1-" + "a" * 300, "1-%00"])
def test_a_wrong_link_for_a_password_is_explained(client: Client, key: str) -> None:
    response = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
    assert response.status_code == 200
    assert "holds no longer" in response.content.decode()


# Where one is led.


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/brief/", "/brief/"),
        ("/search/?q=honey&page=2", "/search/?q=honey&page=2"),
        ("https://evil.example/", "/account/"),
        ("//evil.example", "/account/"),
        ("/\\evil.example", "/account/"),
        ("javascript:alert(1)", "/account/"),
        ("https:evil.example", "/account/"),
        ("\thttps://evil.example", "/account/"),
        ("", "/account/"),
    ],
)
def test_signing_in_leads_back_but_never_elsewhere(
    person: Callable[..., User], client: Client, wanted: str, led: str
) -> None:
    person()
    assert sign_in(client, next=wanted).headers["Location"] == led


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_out_leads_never_elsewhere(
    person: Callable[..., User], client: Client, wanted: str
) -> None:
    client.force_login(person())
    assert client.post("/accounts/logout/", {"next": wanted}).headers["Location"] == "/"
    assert client.get("/account/").status_code == 302


def test_signing_out_needs_a_button(person: Callable[..., User], client: Client) -> None:
    client.force_login(person())
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/account/").status_code == 200


def test_a_reader_gets_no_session_by_looking(client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "sessionid" not in client.cookies
    assert "style=" not in page
    assert "<script" not in page


def test_the_header_says_who_can_do_what(person: Callable[..., User], client: Client) -> None:
    assert "?next=%2Fbrief%2F" in client.get("/brief/").content.decode()
    client.force_login(person())
    page = client.get("/brief/").content.decode()
    assert "My account" in page
    assert "an@example.org" not in page


def test_a_closed_account_gets_nobody_in(person: Callable[..., User], client: Client) -> None:
    person(is_active=False)
    assert sign_in(client).headers.get("Location") in {None, "/accounts/inactive/"}
    assert client.get("/accounts/inactive/").status_code == 200
    assert client.get("/account/").status_code == 302


def test_an_address_is_changed_only_after_the_new_one_is_confirmed(
    person: Callable[..., User], client: Client
) -> None:
    user = person()
    sign_in(client)
    form = client.get("/accounts/email/")
    assert form.status_code == 200
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    user.refresh_from_db()
    assert user.email == "an@example.org"
    client.post(link_in(mails("new@example.org")[0], "confirm-email"))
    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert any("address of your account was changed" in mail for mail in mails("an@example.org"))


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
def test_what_describes_a_field_is_on_the_page(client: Client, address: str) -> None:
    """Also what is wrong with it, which a screen reader says beside it."""
    for html in (
        client.get(address).content.decode(),
        client.post(address, {"password1": "1"}).content.decode(),
    ):
        for described in re.findall(r'aria-describedby="([^"]*)"', html):
            for one in described.split():
                assert html.count(f'id="{one}"') == 1, one


def test_without_a_mail_server_nobody_is_sent_to_a_mailbox(client: Client, settings: Any) -> None:
    told = "This portal sends no mail yet."
    address = "/accounts/confirm-email/"
    assert told not in client.get(address).content.decode()
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    html = client.get(address).content.decode()
    assert told in html
    assert "mailbox" not in html

"""The second factor cannot be gone around, whichever door one takes."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from tests.factories import home_page
from tests.knowledge.accounts.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tree(db: None) -> None:
    home_page()


@pytest.fixture
def editor(person: Callable[..., User]) -> User:
    user = person("editor@example.org")
    group = Group.objects.create(name="Editors: VN")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(group)
    return user


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def secret(editor: User) -> str:
    made = generate_totp_secret()
    TOTP.activate(editor, made)
    RecoveryCodes.activate(editor)
    return made


def in_the_admin(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_the_password_alone_opens_nothing(editor: User, secret: str, client: Client) -> None:
    response = sign_in(client, "editor@example.org", next="/admin/")
    assert response.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert not in_the_admin(client)
    assert client.get("/account/").status_code == 302
    assert client.get("/account/data.json").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not in_the_admin(client)


def test_the_code_opens_the_admin(editor: User, secret: str, client: Client) -> None:
    sign_in(client, "editor@example.org", next="/admin/")
    response = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert response.headers["Location"] == "/admin/"
    assert in_the_admin(client)


def test_a_code_works_once(editor: User, secret: str) -> None:
    code = code_of(secret)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, "editor@example.org")
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert in_the_admin(first)
    assert not in_the_admin(second)


def test_a_recovery_code_works_once(editor: User, secret: str) -> None:
    stored = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    code = stored.wrap().get_unused_codes()[0]
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, "editor@example.org")
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert in_the_admin(first)
    assert not in_the_admin(second)


@pytest.mark.parametrize("door", ["/admin/login/", "/en/_util/login/", "/vi/_util/login/"])
def test_the_other_sign_in_pages_lead_to_the_one(
    editor: User, secret: str, client: Client, door: str
) -> None:
    response = client.get(door)
    assert response.headers["Location"] == "/accounts/login/?next=/admin/"
    for name in (editor.username, editor.email):
        answer = client.post(door, {"username": name, "password": PASSWORD, "next": "/admin/"})
        assert answer.status_code == 405
    assert not in_the_admin(client)


def test_wagtails_own_ways_to_a_password_are_shut(editor: User, client: Client) -> None:
    for address in ("/admin/password_reset/", "/admin/password_reset/confirm/MQ/x/"):
        assert client.get(address).status_code == 404
    client.force_login(editor)
    page = client.get("/admin/account/").content.decode()
    assert 'type="password"' not in page
    assert 'name="name_email-email"' not in page


def test_a_new_password_by_mail_does_not_get_around_it(
    editor: User, secret: str, client: Client
) -> None:
    from tests.knowledge.accounts.conftest import link_in, mails

    client.post("/accounts/password/reset/", {"email": editor.email})
    form = client.get(link_in(mails()[0], "password/reset/key")).headers["Location"]
    client.post(form, {"password1": "bamboo-and-honey", "password2": "bamboo-and-honey"})
    assert not in_the_admin(client)
    sign_in(client, editor.email, "bamboo-and-honey")
    assert not in_the_admin(client)


def test_the_codes_cannot_be_guessed(editor: User, secret: str, client: Client) -> None:
    sign_in(client, "editor@example.org")
    for number in range(8):
        client.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"})
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert not in_the_admin(client)


def test_an_editor_without_second_factor_signs_in_at_the_one_page(
    editor: User, client: Client
) -> None:
    response = client.get("/admin/pages/?q=1")
    door = response.headers["Location"]
    led = client.get(door).headers["Location"]
    assert led.startswith("/accounts/login/?next=/admin/pages/")
    assert sign_in(client, "editor@example.org", next="/admin/").headers["Location"] == "/admin/"
    assert in_the_admin(client)
    assert client.get("/admin/login/").headers["Location"] == "/admin/"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_the_editors_door_leads_never_elsewhere(editor: User, client: Client, wanted: str) -> None:
    led = client.get("/admin/login/", {"next": wanted}).headers["Location"]
    page = client.get(led)
    assert page.status_code == 200
    data = {"login": editor.email, "password": PASSWORD, "next": wanted}
    assert client.post("/accounts/login/", data).headers["Location"] == "/account/"


def test_a_contributor_does_not_get_into_the_admin(
    person: Callable[..., User], client: Client
) -> None:
    person()
    sign_in(client)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert len(response.redirect_chain) == 1
    for address in ("/admin/pages/", "/admin/users/", "/admin/documents/", "/admin/account/"):
        assert client.get(address).status_code == 302, address


def test_a_reader_switches_it_on_and_off(person: Callable[..., User], client: Client) -> None:
    person()
    sign_in(client)
    again = client.get("/accounts/2fa/totp/activate/")
    assert again.headers["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    (secret,) = re.findall(r'<code class="secret"[^>]*>(\w+)</code>', page)
    assert 'src="data:image/svg+xml' in page
    wrong: Any = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "The code is not right" in wrong.content.decode()
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert page.count("<li><code>") == 10
    assert "It is switched on." in client.get("/account/").content.decode()
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 200
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()


def test_an_administrator_made_on_the_machine_needs_no_mail(client: Client) -> None:
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    assert sign_in(client, "root@example.org", next="/admin/").headers["Location"] == "/admin/"
    assert in_the_admin(client)

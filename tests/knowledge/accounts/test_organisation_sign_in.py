"""Sign-in with an organisation's OpenID Connect: only when set up, and held against the same rules."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client

from knowledge.people import is_contributor
from tests.factories import home_page
from tests.knowledge.accounts.conftest import PASSWORD, mails

pytestmark = pytest.mark.django_db

ISSUER = "https://id.example.gov"
CONFIG = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/me",
    "jwks_uri": f"{ISSUER}/keys",
}


class Answer:
    status_code, headers = 200, {"content-type": "application/json"}

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def json(self) -> dict[str, Any]:
        return self._data

    def raise_for_status(self) -> None:
        pass


class FakeSession:
    """What the organisation's server would answer."""

    person: dict[str, Any] = {}
    down = False

    def __enter__(self) -> "FakeSession":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def request(self, method: str, url: str, **_: Any) -> Answer:
        if self.down:
            raise requests.ConnectionError
        if url.endswith("/token"):
            return Answer({"access_token": "t", "token_type": "Bearer"})
        return Answer(self.person if url.endswith("/me") else CONFIG)

    def get(self, url: str, **more: Any) -> Answer:
        return self.request("GET", url, **more)


@pytest.fixture(autouse=True)
def _tree(db: None) -> None:
    home_page()


@pytest.fixture
def organisation(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[FakeSession]:
    app = {
        "provider_id": "sso", "name": "Ministry of Villages", "client_id": "portal",
        "secret": "s", "settings": {"server_url": ISSUER},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    session = type("Session", (FakeSession,), {"person": {}, "down": False})
    monkeypatch.setattr(DefaultSocialAccountAdapter, "get_requests_session", lambda self: session())
    return session


def go(client: Client, **more: Any) -> str:
    """Press the button, and return where the page leads to."""
    response = client.post("/accounts/oidc/sso/login/?process=login", more)
    assert response.status_code == 200
    address = response.context["address"]
    assert f'href="{address}"'.replace("&", "&amp;") in response.content.decode()
    return str(address)


def come_back(client: Client) -> Any:
    state = parse_qs(urlsplit(go(client)).query)["state"][0]
    return client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": state})


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/signup/"])
def test_there_is_no_button_where_nothing_is_set_up(client: Client, page: str) -> None:
    assert "oidc" not in client.get(page).content.decode()
    assert client.get("/accounts/oidc/sso/login/").status_code == 404
    assert client.post("/accounts/oidc/sso/login/").status_code == 404


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/signup/"])
def test_there_is_a_button_where_it_is_set_up(organisation: Any, client: Client, page: str) -> None:
    assert "Sign in with Ministry of Villages" in client.get(page).content.decode()
    assert client.get("/accounts/oidc/other/login/").status_code == 404


def test_the_button_leads_to_the_organisation_by_way_of_a_page(
    organisation: Any, client: Client
) -> None:
    target = urlsplit(go(client))
    assert f"{target.scheme}://{target.netloc}{target.path}" == f"{ISSUER}/authorize"
    asked = parse_qs(target.query)
    assert asked["client_id"] == ["portal"]
    assert asked["redirect_uri"] == ["http://testserver/accounts/oidc/sso/login/callback/"]


def test_looking_at_the_address_leads_nowhere(organisation: Any, client: Client) -> None:
    response = client.get("/accounts/oidc/sso/login/?process=login")
    assert response.status_code == 200
    assert ISSUER not in response.content.decode()


def test_a_confirmed_address_makes_a_contributor(organisation: Any, client: Client) -> None:
    organisation.person = {
        "sub": "42", "email": "an@example.gov", "email_verified": True,
        "preferred_username": "an.nguyen", "given_name": "An",
    }  # fmt: skip
    response = come_back(client)
    assert response.headers["Location"] == "/account/"
    user = User.objects.get()
    assert is_contributor(user)
    assert user.username != "an.nguyen"
    assert client.get("/account/").status_code == 200
    assert SocialAccount.objects.get().uid == "42"


def test_an_unconfirmed_address_must_be_confirmed_here(organisation: Any, client: Client) -> None:
    organisation.person = {"sub": "42", "email": "an@example.gov", "email_verified": False}
    come_back(client)
    assert not is_contributor(User.objects.get())
    assert client.get("/account/").status_code == 302
    assert "Confirm your address" in mails("an@example.gov")[0]


def test_a_foreign_claim_to_an_address_opens_no_account(
    organisation: Any, person: Any, client: Client
) -> None:
    person("root@example.org", is_superuser=True)
    organisation.person = {"sub": "42", "email": "root@example.org", "email_verified": True}
    come_back(client)
    assert client.get("/account/").status_code == 302
    assert client.get("/admin/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_an_organisation_that_does_not_answer_is_no_fault_of_ours(
    organisation: Any, client: Client
) -> None:
    organisation.down = True
    response = client.post("/accounts/oidc/sso/login/?process=login")
    assert response.status_code == 502
    assert "did not answer as it should" in response.content.decode()


@pytest.mark.parametrize("query", [{}, {"state": "x"}, {"code": "c", "state": "x"}, {"error": "e"}])
def test_a_made_up_answer_signs_nobody_in(
    organisation: Any, client: Client, query: dict[str, str]
) -> None:
    response = client.get("/accounts/oidc/sso/login/callback/", query, follow=True)
    assert response.status_code < 500
    assert client.get("/account/").status_code == 302


def test_without_a_password_one_can_still_do_everything(organisation: Any, client: Client) -> None:
    organisation.person = {"sub": "42", "email": "an@example.gov", "email_verified": True}
    come_back(client)
    for address in ("/accounts/email/", "/accounts/3rdparty/", "/account/delete"):
        assert client.get(address).status_code == 200, address
    answer = {"password1": PASSWORD, "password2": PASSWORD}
    asked = client.post("/accounts/password/set/", answer)
    door = asked.headers["Location"]
    assert door.startswith("/accounts/reauthenticate/code/")
    assert "Is it you?" in client.get(door).content.decode()
    client.post("/accounts/reauthenticate/code/", {"recipient": "an@example.gov"})
    assert "Is it you?" in client.get("/accounts/reauthenticate/code/confirm/").content.decode()
    (code,) = re.findall(r"^[A-Z0-9-]{6,}$", mails("an@example.gov")[-1], re.MULTILINE)
    client.post("/accounts/reauthenticate/code/confirm/", {"code": code})
    client.post("/accounts/password/set/", answer)
    assert User.objects.get().has_usable_password()

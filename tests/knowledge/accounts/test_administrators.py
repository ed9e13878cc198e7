"""One address, one account, also for those whom administrators make; refused is refused whole."""

import io
from typing import Any

import pytest
from django.contrib.auth.management.commands import createsuperuser as django_command
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from tests.factories import home_page
from tests.knowledge.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
TAKEN = "There is an account with this e-mail address already."


def create(**options: Any) -> None:
    call_command("createsuperuser", username="root", interactive=False, verbosity=0, **options)


@pytest.mark.parametrize("address", ["an@example.org", "An@Example.ORG"])
def test_the_command_refuses_the_address_of_an_account(person: Any, address: str) -> None:
    person("an@example.org")
    with pytest.raises(CommandError, match="There is an account with the address"):
        create(email=address)
    assert User.objects.count() == 1


def test_the_command_refuses_to_make_an_administrator_who_could_not_sign_in() -> None:
    with pytest.raises(CommandError, match="needs an e-mail address"):
        create(email="")
    assert not User.objects.exists()


def test_asked_for_the_address_one_is_asked_again(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("an@example.org")
    given = iter(["", "AN@example.org", "root@example.org"])
    monkeypatch.setattr("builtins.input", lambda _message: next(given))
    monkeypatch.setattr(django_command.getpass, "getpass", lambda *_: PASSWORD)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    errors = io.StringIO()
    call_command("createsuperuser", username="root", stderr=errors, verbosity=0)
    assert User.objects.get(username="root").email == "root@example.org"
    assert errors.getvalue().count("Error: ") == 2


def test_in_a_shell_too_nothing_is_left_half_made(person: Any) -> None:
    person("an@example.org")
    with pytest.raises(ValidationError):
        User.objects.create_superuser("root", "AN@example.org", PASSWORD)
    assert not User.objects.filter(username="root").exists()


def form(address: str, **more: Any) -> dict[str, Any]:
    names = {"username": "second", "first_name": "An", "last_name": "Nguyen"}
    return names | {"email": address, "password1": PASSWORD, "password2": PASSWORD} | more


@pytest.fixture
def admin(client: Client) -> Client:
    home_page()
    client.force_login(User.objects.create_superuser("root", "root@example.org", PASSWORD))
    return client


@pytest.mark.parametrize("more", [{}, {"is_superuser": "on"}])
def test_the_form_of_the_admin_refuses_it(person: Any, admin: Client, more: Any) -> None:
    person("an@example.org")
    answer = admin.post("/admin/users/new/", form("AN@example.org", **more))
    assert TAKEN in answer.content.decode()
    assert not User.objects.filter(username="second").exists()
    admin.post("/admin/users/new/", form("new@example.org", **more))
    assert User.objects.get(username="second").email == "new@example.org"


def test_an_account_keeps_its_address_and_cannot_take_that_of_another(
    person: Any, admin: Client
) -> None:
    user = person("an@example.org")
    address = f"/admin/users/edit/{user.pk}/"
    admin.post(address, form("an@example.org", first_name="Binh", is_active="on"))
    user.refresh_from_db()
    assert user.first_name == "Binh"
    answer = admin.post(address, form("ROOT@example.org", is_active="on"))
    assert TAKEN in answer.content.decode()

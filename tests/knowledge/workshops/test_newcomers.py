"""Accounts that an organiser confirms, where no mail arrives; and that nothing else comes of it."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from wagtail.models import ModelLogEntry, PageViewRestriction

from knowledge.models import Newcomer, Participation, WorkshopPage
from knowledge.people import CONTRIBUTORS, is_contributor
from knowledge.personal_data import forget
from knowledge.workshops.newcomers import waiting_at
from knowledge.workshops.participation import is_participant
from tests.knowledge.accounts.conftest import PASSWORD, link_in, mails, sign_in
from tests.knowledge.workshops.conftest import make_workshop

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
ADDRESS = "mai@example.org"


@pytest.fixture
def desk(organiser: User, signed_in: SignIn) -> Client:
    return signed_in(organiser)


def sign_up(workshop: WorkshopPage, address: str = ADDRESS, **more: str) -> None:
    fields = {"email": address, "password1": PASSWORD, "next": f"/join/{workshop.join_code}"}
    assert Client().post("/accounts/signup/", fields | more).status_code == 302


def confirm(
    client: Client, workshop: WorkshopPage, address: str = ADDRESS, **more: str
) -> tuple[int, str]:
    fields = {"address": address, "sure": "on"} | more
    response = client.post(f"/workshops/{workshop.pk}/confirm", fields, follow=True)
    return response.status_code, response.content.decode()


def is_confirmed(address: str = ADDRESS) -> bool:
    return EmailAddress.objects.filter(email=address, verified=True).exists()


def test_somebody_without_mail_is_let_in_by_the_organiser(
    workshop: WorkshopPage, desk: Client, organiser: User
) -> None:
    sign_up(workshop)
    mai = User.objects.get(email=ADDRESS)
    assert not is_participant(mai, workshop)
    page = desk.get(f"/workshops/{workshop.pk}/organise").content.decode()
    assert f"/workshops/{workshop.pk}/confirm" in page
    status, said = confirm(desk, workshop, " Mai@Example.org")
    assert status == 200
    assert "The account is confirmed. Its owner can sign in now." in said
    assert is_contributor(mai)
    assert is_participant(mai, workshop)
    workshop.refresh_from_db()
    assert {one.name for one in mai.groups.all()} == {
        CONTRIBUTORS,
        str(workshop.participants_group),
    }
    assert sign_in(Client(), ADDRESS).headers["Location"] == "/account/"
    assert not Newcomer.objects.exists()


def test_who_confirmed_whom_and_where_is_kept_until_the_account_goes(
    workshop: WorkshopPage, desk: Client, organiser: User
) -> None:
    sign_up(workshop)
    confirm(desk, workshop)
    mai = User.objects.get(email=ADDRESS)
    entry = ModelLogEntry.objects.get(action="knowledge.confirm_account")
    assert (entry.user, entry.object_id) == (organiser, str(mai.pk))
    assert entry.data == {"workshop": workshop.pk}
    assert entry.timestamp is not None
    assert ADDRESS not in entry.label
    assert entry.message == "The e-mail address is confirmed."
    forget(mai)
    assert not ModelLogEntry.objects.exists()


def test_an_older_account_waits_where_its_owner_signs_in_by_the_code(
    workshop: WorkshopPage, desk: Client
) -> None:
    Client().post("/accounts/signup/", {"email": ADDRESS, "password1": PASSWORD})
    assert confirm(desk, workshop)[0] == 400
    sign_in(Client(), ADDRESS, "not-the-password", next=f"/join/{workshop.join_code}")
    assert confirm(desk, workshop)[0] == 400
    sign_in(Client(), ADDRESS, next=f"/join/{workshop.join_code}")
    assert confirm(desk, workshop)[0] == 200
    assert is_confirmed()


@pytest.mark.parametrize(
    "wanted", ["", "/", "/join/", "/join/AAAA-AAAA", "/board/", "https://evil.example/join/{code}"]
)
def test_only_a_code_leads_to_the_list(workshop: WorkshopPage, desk: Client, wanted: str) -> None:
    sign_up(workshop, next=wanted.format(code=workshop.join_code))
    assert not Newcomer.objects.exists()
    status, said = confirm(desk, workshop)
    assert status == 400
    assert "Nobody with this address waits here." in said
    assert not is_confirmed()


def test_an_organiser_confirms_for_her_own_workshop_only(
    workshop: WorkshopPage, desk: Client, lan: User, signed_in: SignIn
) -> None:
    other = make_workshop(title="Another")
    sign_up(other)
    assert confirm(desk, workshop)[0] == 400
    assert confirm(desk, other)[0] == 404
    assert confirm(signed_in(lan), other)[0] == 404
    assert not is_confirmed()


def test_an_administrator_confirms_at_any_workshop(
    workshop: WorkshopPage, person: Callable[..., User], signed_in: SignIn
) -> None:
    sign_up(workshop)
    assert confirm(signed_in(person(is_superuser=True)), workshop)[0] == 200
    assert is_confirmed()


def test_nobody_confirms_herself(
    workshop: WorkshopPage, desk: Client, organiser: User, signed_in: SignIn
) -> None:
    organiser.groups.clear()
    EmailAddress.objects.create(user=organiser, email=organiser.email, primary=True)
    Newcomer.objects.create(workshop=workshop, user=organiser)
    assert waiting_at(workshop).get() == organiser
    assert confirm(desk, workshop, organiser.email)[0] == 400
    assert not is_confirmed(organiser.email)


def _edits(user: User) -> None:
    user.groups.add(Group.objects.create(name="Editors: XX"))


def _may(user: User) -> None:
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))


def _closed(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _administers(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_superuser=True)


def _changes_address(user: User) -> None:
    EmailAddress.objects.create(user=user, email="old@example.org", verified=True)


@pytest.mark.parametrize("change", [_edits, _may, _closed, _administers, _changes_address])
def test_an_account_with_rights_of_any_kind_is_not_the_organisers_to_open(
    workshop: WorkshopPage, desk: Client, change: Callable[[User], None]
) -> None:
    sign_up(workshop)
    change(User.objects.get(email=ADDRESS))
    assert confirm(desk, workshop)[0] == 400
    assert not is_confirmed()


def test_an_address_that_another_account_has_confirmed_stays_theirs(
    workshop: WorkshopPage, desk: Client, lan: User
) -> None:
    sign_up(workshop)
    EmailAddress.objects.create(user=lan, email=ADDRESS, verified=True)
    assert confirm(desk, workshop)[0] == 400
    assert not is_contributor(User.objects.get(email=ADDRESS))


@pytest.mark.parametrize("fields", [{"sure": ""}, {"address": ""}, {"address": "mai"}])
def test_it_takes_an_address_and_the_organisers_word(
    workshop: WorkshopPage, desk: Client, fields: dict[str, str]
) -> None:
    sign_up(workshop)
    status, said = confirm(desk, workshop, **fields)
    assert status == 400
    assert 'class="fault"' in said
    assert not is_confirmed()


def test_looking_confirms_nobody_and_shows_no_address(workshop: WorkshopPage, desk: Client) -> None:
    sign_up(workshop)
    page = f"/workshops/{workshop.pk}/confirm"
    response = desk.get(page, {"address": ADDRESS, "sure": "on"})
    assert response.status_code == 200
    assert ADDRESS not in response.content.decode()
    assert not is_confirmed()
    assert Client().get(page).headers["Location"].startswith("/accounts/login/?next=")


def test_other_sites_cannot_send_the_form(workshop: WorkshopPage, organiser: User) -> None:
    sign_up(workshop)
    client = Client(enforce_csrf_checks=True)
    client.force_login(organiser)
    assert confirm(client, workshop)[0] == 403
    assert not is_confirmed()


def test_who_confirms_by_mail_waits_no_longer_and_joins_by_hand(workshop: WorkshopPage) -> None:
    sign_up(workshop)
    assert Newcomer.objects.count() == 1
    Client().post(link_in(mails(ADDRESS)[0], "confirm-email"))
    assert is_confirmed()
    assert not Newcomer.objects.exists()
    assert not Participation.objects.exists()


def test_a_workshop_for_those_signed_in_expects_newcomers_too(
    workshop: WorkshopPage, desk: Client
) -> None:
    PageViewRestriction.objects.create(page=workshop, restriction_type=PageViewRestriction.LOGIN)
    sign_up(workshop)
    assert confirm(desk, workshop)[0] == 200
    assert is_confirmed()


def test_a_workshop_that_the_newcomer_may_not_open_expects_nobody(workshop: WorkshopPage) -> None:
    PageViewRestriction.objects.create(page=workshop, restriction_type=PageViewRestriction.GROUPS)
    sign_up(workshop)
    assert not Newcomer.objects.exists()


def test_signing_up_with_a_taken_address_puts_nobody_on_the_list(
    workshop: WorkshopPage, lan: User
) -> None:
    EmailAddress.objects.create(user=lan, email=lan.email, primary=True)
    sign_up(workshop, lan.email)
    assert not Newcomer.objects.exists()


def test_without_mail_the_page_after_signing_up_names_the_organisers(
    client: Client, settings: object
) -> None:
    told = "At a workshop its organisers can do it"
    assert told not in client.get("/accounts/confirm-email/").content.decode()
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # type: ignore[attr-defined]
    assert told in client.get("/accounts/confirm-email/").content.decode()

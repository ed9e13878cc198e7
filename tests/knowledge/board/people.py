"""People, problems and answers for tests of the board."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client

from knowledge.models import Attempt, Country, Problem, WorkshopIndexPage, WorkshopPage
from knowledge.people import make_contributor
from tests.factories import home_page, work


def person(name: str, *groups: str, contributor: bool = True, **fields: Any) -> User:
    """Return an account, a contributor unless it is said otherwise."""
    user = User.objects.create_user(name, f"{name}@example.org", first_name=name.title(), **fields)
    if contributor:
        make_contributor(user)
    for group in groups:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


def client_of(user: User | None) -> Client:
    """Return somebody's browser; None for a reader without an account."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def country(code: str, name: str) -> Country:
    """Return a country."""
    return Country.objects.get_or_create(code=code, defaults={"name": name})[0]


def asked(author: User | None, question: str = "How do we keep honey?", **fields: Any) -> Problem:
    """Return a problem on the board."""
    fields.setdefault("language", "en")
    themes = fields.pop("themes", ())
    problem = Problem.objects.create(author=author, question=question, **fields)
    problem.themes.set(themes)
    return problem


def tried(
    problem: Problem, author: User | None, comment: str = "We did.", **fields: Any
) -> Attempt:
    """Return an answer to a problem."""
    fields = {"outcome": Attempt.Outcome.WORKED, "language": "en", **fields}
    return Attempt.objects.create(problem=problem, author=author, comment=comment, **fields)


def workshop(title: str = "Forum", *organisers: User, **fields: Any) -> WorkshopPage:
    """Return a published workshop."""
    home = home_page()
    parent = WorkshopIndexPage.objects.child_of(home).first()
    if parent is None:
        parent = WorkshopIndexPage(title="Workshops", slug="events", locale=home.locale)
        home.add_child(instance=parent)
    page = work(WorkshopPage, title=title, parent=parent, **fields)
    assert isinstance(page, WorkshopPage)
    page.organisers.set(organisers)
    page.save()
    return page


def html(client: Client, address: str, *, status: int = 200, **headers: str) -> str:
    """Return a page."""
    response = client.get(address, headers=headers)
    assert response.status_code == status, address
    return str(response.content.decode())

"""People and forms of the share pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledge.models import Country, MaterialIndexPage, MaterialPage
from knowledge.people import make_contributor
from knowledge.sharing.branches import editors_group
from tests.factories import home_page


def materials_index(language: str = "en") -> MaterialIndexPage:
    """Return the list of materials of a language, made on first use."""
    home = home_page(language)
    existing = MaterialIndexPage.objects.child_of(home).first()
    if existing is not None:
        return existing
    page = MaterialIndexPage(title="Materials", slug="materials", locale=home.locale)
    english = MaterialIndexPage.objects.filter(locale__language_code="en").first()
    if english is not None:
        page.translation_key = english.translation_key
    home.add_child(instance=page)
    return page


def country(code: str, name: str) -> Country:
    return Country.objects.get_or_create(code=code, defaults={"name": name})[0]


def person(name: str, *, contributes: bool = True) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", "pass", first_name=name.title())
    if contributes:
        make_contributor(user)
    return user


def table(name: str = "prices.csv", text: str = "Product,Price\nHoney,12\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


@pytest.fixture(autouse=True)
def _tree(db: None, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    for language in ("en", "fr", "th", "vi"):
        materials_index(language)
    country("vn", "Viet Nam")
    country("mw", "Malawi")


@pytest.fixture
def lan() -> User:
    return person("lan")


@pytest.fixture
def editor() -> User:
    """Of Viet Nam."""
    user = person("editor", contributes=False)
    user.groups.add(editors_group(Country.objects.get(code="vn")))
    return user


@pytest.fixture
def stranger() -> User:
    """Editor of Malawi."""
    user = person("stranger", contributes=False)
    user.groups.add(editors_group(Country.objects.get(code="mw")))
    return user


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


FIRST = {"title": "Honey grading in Ha Giang", "form": "report", "country": "vn"}
SECOND = {
    "language": "en",
    "summary": "How a cooperative grades its honey. What buyers paid for it.",
    "credit": "Ha Giang cooperative",
    "licence": "CC-BY-4.0",
    "consent": "1",
}


def begun(client: Client, **fields: Any) -> MaterialPage:
    """Do the first step and return the draft."""
    response = client.post("/share/", {**FIRST, "files": table(), **fields})
    assert response.status_code == 302, response.content.decode()
    return MaterialPage.objects.latest("pk")


def sent(client: Client, page: MaterialPage | None = None, **fields: Any) -> MaterialPage:
    """Do both steps and return what now waits for review."""
    page = page or begun(client)
    response = client.post(f"/share/{page.pk}/check", {**SECOND, "action": "send", **fields})
    assert response.status_code == 302, response.content.decode()
    return MaterialPage.objects.get(pk=page.pk)


def approve(client: Client, page: MaterialPage, **fields: Any) -> Any:
    """Approve what waits for review."""
    state = page.current_workflow_state.current_task_state
    points = dict.fromkeys(("source", "licence", "language", "personal_data"), "1")
    answers = {"action": "approve", "revision": page.latest_revision_id, **points, **fields}
    return client.post(f"/review/{state.pk}/decide", answers)


def ask_changes(client: Client, page: MaterialPage, comment: str = "Say the year.") -> Any:
    state = page.current_workflow_state.current_task_state
    answers = {"action": "reject", "revision": page.latest_revision_id, "comment": comment}
    return client.post(f"/review/{state.pk}/decide", answers)


def fresh(page: MaterialPage) -> MaterialPage:
    return MaterialPage.objects.get(pk=page.pk)

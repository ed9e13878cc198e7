"""Editors of the desk, and ways to read its reports."""

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from wagtail.models import Page

from knowledge.desk.reports import REPORTS
from knowledge.models import Country, MaterialPage
from knowledge.sharing.branches import editors_group, ensure_branch
from tests.factories import work
from tests.knowledge.sharing.conftest import country, materials_index

ADDRESSES = [f"/admin/desk/{report.name}/" for report in REPORTS]


@pytest.fixture(autouse=True)
def _tree(db: None) -> None:
    for language in ("en", "fr", "vi"):
        materials_index(language)
    country("vn", "Viet Nam")
    country("mw", "Malawi")


def editor_of(code: str) -> User:
    """Return an editor of a country, who has a branch of their own."""
    ensure_branch(Country.objects.get(code=code), "en")
    user = User.objects.create_user(f"editor-{code}", f"{code}@example.org", "pass")
    user.groups.add(editors_group(Country.objects.get(code=code)))
    return user


def material_of(code: str, **fields: Any) -> MaterialPage:
    """Return a material in the branch of a country."""
    branch = ensure_branch(Country.objects.get(code=code), "en")
    page = work(MaterialPage, parent=branch, country=branch.country, **fields)
    assert isinstance(page, MaterialPage)
    return page


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator() -> Client:
    return signed_in(User.objects.create_superuser("admin", "admin@example.org", "pass"))


@pytest.fixture
def malawi() -> Client:
    return signed_in(editor_of("mw"))


def html_of(client: Client, address: str, **query: Any) -> str:
    response = client.get(address, query)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def table_of(client: Client, address: str, **query: Any) -> list[dict[str, str]]:
    """Return the rows of a report, as its CSV has them."""
    response = client.get(address, {"export": "csv", **query})
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def published_at(page: Page, moment: Any) -> None:
    """Set when a page was published and saved last."""
    Page.objects.filter(pk=page.pk).update(
        last_published_at=moment, latest_revision_created_at=moment
    )


def may_submit(user: User) -> None:
    """Give somebody the right to start translations."""
    user.user_permissions.add(Permission.objects.get(codename="submit_translation"))

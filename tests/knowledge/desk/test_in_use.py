"""Deleting what texts rest on, in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import Fact, Source, Theme
from knowledge.sync import drain_pending
from tests.factories import work
from tests.knowledge.desk.conftest import editor_of, signed_in


def delete(client: Client, one: Any) -> str:
    """Try to delete something; return what is said."""
    address = f"/admin/snippets/knowledge/{one._meta.model_name}/delete/{one.pk}/"
    return str(client.post(address, follow=True).content.decode())


def delete_many(client: Client, one: Any) -> str:
    """Do the same from the list."""
    address = f"/admin/bulk/knowledge/{one._meta.model_name}/delete/?id={one.pk}"
    return str(client.post(address, follow=True).content.decode())


@pytest.mark.parametrize("way", [delete, delete_many])
def test_a_fact_that_a_work_cites_is_kept_and_the_work_named(
    administrator: Client, way: Any
) -> None:
    fact = Fact.objects.create(code="VN-1", statement="x")
    page = work(title="The honey of Bo Sinh", text="Honey [@VN-1].")
    drain_pending()
    said = way(administrator, fact)
    assert "not deleted while it is in use: The honey of Bo Sinh." in said
    assert Fact.objects.exists()
    page.delete()
    drain_pending()
    way(administrator, fact)
    assert not Fact.objects.exists()


def test_so_are_the_sources_of_facts_and_the_themes_of_works(administrator: Client) -> None:
    source = Source.objects.create(title="A report", address="https://example.org/a")
    fact = Fact.objects.create(code="VN-1", statement="x")
    fact.sources.add(source)
    assert "in use: VN-1." in delete(administrator, source)
    theme = Theme.objects.create(code="honey", name="Honey")
    for number in range(7):
        work(title=f"Work {number}", themes=[theme])
    assert "in use: Work 0, Work 1, Work 2, Work 3, Work 4 …." in delete(administrator, theme)
    assert Source.objects.exists()
    assert Theme.objects.exists()


def test_works_that_an_editor_may_not_know_of_are_not_named() -> None:
    fact = Fact.objects.create(code="VN-1", statement="x")
    page = work(title="Closed honey", text="Honey [@VN-1].")
    PageViewRestriction.objects.create(page=page, restriction_type="password", password="x")
    drain_pending()
    user = editor_of("mw")
    user.user_permissions.add(Permission.objects.get(codename="delete_fact"))
    said = delete(signed_in(user), fact)
    assert "in use: …." in said
    assert "Closed honey" not in said
    assert Fact.objects.exists()

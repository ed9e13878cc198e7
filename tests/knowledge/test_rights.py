import re

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.test import Client, RequestFactory
from wagtail.models import Page, PageViewRestriction

from knowledge.models import CaseStudyPage, LessonPage
from knowledge.rights import AnonymousReader, barred_scopes, readable_pages
from tests.factories import index_page, work

pytestmark = pytest.mark.django_db


def reader(user: object | None = None, **session: object) -> object:
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    request.session = session
    return request


def restrict(page: Page, kind: str, **fields: object) -> PageViewRestriction:
    return PageViewRestriction.objects.create(page=page, restriction_type=kind, **fields)


def readable(who: object) -> list[str]:
    return sorted(readable_pages(who).values_list("title", flat=True))


def test_without_restrictions_nobody_is_barred() -> None:
    work(title="A")
    assert barred_scopes(AnonymousReader()) == frozenset()
    assert readable(AnonymousReader()) == ["A"]


def test_a_restriction_bars_the_page_and_all_below_and_nothing_beside() -> None:
    work(title="Shut")
    work(LessonPage, title="Open")
    section = index_page(CaseStudyPage)
    restrict(section, PageViewRestriction.LOGIN)
    assert barred_scopes(AnonymousReader()) == {section.path}
    assert readable(AnonymousReader()) == ["Open"]
    assert readable(reader(User.objects.create_user("one"))) == ["Open", "Shut"]


def test_a_password_opens_for_the_session_that_gave_it() -> None:
    restriction = restrict(work(title="Shut"), PageViewRestriction.PASSWORD, password="x")
    assert readable(reader()) == []
    passed = {PageViewRestriction.passed_view_restrictions_session_key: [restriction.pk]}
    assert readable(reader(**passed)) == ["Shut"]


def test_a_group_opens_for_its_members_only() -> None:
    group = Group.objects.create(name="Workshop")
    restrict(work(title="Shut"), PageViewRestriction.GROUPS).groups.add(group)
    member, other = User.objects.create_user("member"), User.objects.create_user("other")
    member.groups.add(group)
    assert readable(reader(member)) == ["Shut"]
    assert readable(reader(other)) == []
    assert readable(reader()) == []


def test_every_restriction_on_the_way_must_be_passed() -> None:
    page = work(title="Shut")
    restrict(page.get_parent(), PageViewRestriction.LOGIN)
    group = Group.objects.create(name="Workshop")
    restrict(page, PageViewRestriction.GROUPS).groups.add(group)
    user = User.objects.create_user("one")
    assert readable(reader(user)) == []
    user.groups.add(group)
    assert readable(reader(User.objects.get(pk=user.pk))) == ["Shut"]


def test_drafts_are_never_readable_here_not_even_to_a_superuser() -> None:
    work(publish=False)
    assert readable(reader(User.objects.create_superuser("root"))) == []


def test_a_page_with_a_password_asks_for_it_as_the_portal_looks_and_speaks(client: Client) -> None:
    page = work(title="Shut")
    restrict(page, PageViewRestriction.PASSWORD, password="right")
    client.cookies["interface_language"] = "sw"
    html = client.get(page.url).content.decode()
    assert 'name="viewport"' in html
    assert "Nenosiri linahitajika" in html
    address = re.findall(r'<form method="post" action="([^"]*)"', html)[-1]
    wrong = client.post(address, {"password": "wrong", "return_url": page.url}).content.decode()
    assert "Nenosiri si sahihi" in wrong
    assert "Shut" not in wrong
    right = client.post(address, {"password": "right", "return_url": page.url}, follow=True)
    assert "Shut" in right.content.decode()

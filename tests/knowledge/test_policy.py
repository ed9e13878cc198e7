import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from wagtail.models import PageViewRestriction

from knowledge.models import PolicyPage
from tests.factories import work

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 2, 24)


def policy(title: str, **fields: object) -> PolicyPage:
    page = work(PolicyPage, title=title, **fields)
    assert isinstance(page, PolicyPage)
    return page


def link(page: PolicyPage, relation: str, *targets: PolicyPage) -> None:
    getattr(page, relation).set(targets)
    page.save_revision().publish()


def chain(page: PolicyPage, language: str = "en") -> dict[str, list[str]]:
    from django.contrib.auth.models import AnonymousUser
    from django.utils import translation

    request = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), {}
    with translation.override(language):
        context = PolicyPage.objects.get(pk=page.pk).get_context(request)
    return {name: [one.title for one in works] for name, works in context["chain"].items() if works}


@pytest.mark.parametrize(
    ("dates", "day", "status"),
    [
        ({}, DAY, "open"),
        ({"issued": DAY}, DAY, "open"),
        ({"issued": DAY}, DAY - dt.timedelta(days=1), "ahead"),
        ({"issued": DAY, "in_force_from": dt.date(2023, 7, 1)}, DAY, "ahead"),
        ({"issued": DAY, "in_force_from": dt.date(2023, 7, 1)}, dt.date(2023, 7, 1), "open"),
        ({"in_force_until": DAY}, DAY - dt.timedelta(days=1), "open"),
        ({"in_force_until": DAY}, DAY, "over"),
        ({"issued": DAY, "in_force_until": dt.date(2025, 7, 6)}, dt.date(2024, 1, 1), "open"),
    ],
)
def test_the_dates_say_whether_a_policy_binds_on_a_day(
    dates: dict[str, dt.date], day: dt.date, status: str
) -> None:
    assert PolicyPage(title="x", **dates).force_status(day) == status


def test_the_chain_is_told_from_both_ends() -> None:
    old, new, change = policy("1048"), policy("148"), policy("1489")
    link(new, "replaces", old)
    link(change, "amends", new)
    assert chain(old) == {"replaced_by": ["148"]}
    assert chain(new) == {"replaces": ["1048"], "amended_by": ["1489"]}
    assert chain(change) == {"amends": ["148"]}


def test_the_chain_holds_for_every_language_version_of_the_work() -> None:
    old, new = policy("1048 vi", language="vi"), policy("148 vi", language="vi")
    old_en = policy("1048 en", translation_of=old)
    new_en = policy("148 en", translation_of=new)
    link(new, "replaces", old)
    assert chain(old_en, "en") == {"replaced_by": ["148 en"]}
    assert chain(old_en, "th") == {"replaced_by": ["148 vi"]}
    assert chain(new_en, "en") == {"replaces": ["1048 en"]}


def test_a_relation_told_in_two_languages_is_one_entry() -> None:
    old, new = policy("1048 vi", language="vi"), policy("148 vi", language="vi")
    old_en = policy("1048 en", translation_of=old)
    new_en = policy("148 en", translation_of=new)
    link(new, "replaces", old)
    link(new_en, "replaces", old_en)
    assert chain(old) == {"replaced_by": ["148 en"]}


@pytest.mark.parametrize("hide", ["draft", "private"])
def test_a_policy_the_reader_may_not_open_is_not_in_the_chain(hide: str, client: Client) -> None:
    old, new = policy("1048"), policy("Secret 148")
    link(new, "replaces", old)
    if hide == "draft":
        new.unpublish()
    else:
        PageViewRestriction.objects.create(page=new, restriction_type="login")
    assert chain(old) == {}
    assert "Secret" not in client.get(old.url).content.decode()


def test_a_replaced_policy_says_so_and_leads_to_the_new_one(client: Client) -> None:
    old, new = policy("1048", issued=dt.date(2019, 8, 21)), policy("148", issued=DAY)
    link(new, "replaces", old)
    html = client.get(old.url).content.decode()
    assert "This policy has been replaced." in html
    assert f'href="{new.url}"' in html
    assert "This policy has been replaced." not in client.get(new.url).content.decode()


def test_a_policy_past_its_end_says_so(client: Client) -> None:
    page = policy("Plan 2018-2020", in_force_until=dt.date(2021, 1, 1))
    assert "This policy is no longer in force." in client.get(page.url).content.decode()


def test_a_policy_before_its_day_says_so(client: Client) -> None:
    page = policy("Plan 2990", in_force_from=dt.date(2990, 1, 1))
    assert "This policy is not in force yet." in client.get(page.url).content.decode()


def test_number_and_issuer_can_be_searched_for(titles: Callable[..., list[str]]) -> None:
    policy("Criteria", number="148/QĐ-TTg", issuer="Prime Minister", text="Points.")
    policy("Other", number="1048/QĐ-TTg", text="Points.")
    assert titles("148/QĐ-TTg")[0] == "Criteria"


@pytest.mark.parametrize("begin", ["in_force_from", "issued"])
def test_a_policy_that_ends_before_it_begins_is_refused(begin: str) -> None:
    page = policy("Decree", **{begin: DAY})
    page.in_force_until = DAY
    page.full_clean()
    page.in_force_until = DAY - dt.timedelta(days=1)
    with pytest.raises(ValidationError, match="The last day is before the first"):
        page.full_clean()

"""What was in force on a day, and what search says of a policy that another one replaced."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from knowledge.compare.policies import policies_on
from knowledge.models import PolicyPage, ProgrammePage
from knowledge.rights import AnonymousReader
from knowledge.search.results import KnowledgeResults
from tests.factories import work

pytestmark = pytest.mark.django_db

ADDRESS = "/compare/policies"
Ask = Callable[..., KnowledgeResults]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def policy(title: str, issued: str | dt.date | None = None, **fields: Any) -> PolicyPage:
    page = work(
        PolicyPage,
        title=title,
        issued=day(issued) if isinstance(issued, str) else issued,
        **fields,
    )
    assert isinstance(page, PolicyPage)
    return page


def link(page: PolicyPage, relation: str, *targets: PolicyPage) -> None:
    getattr(page, relation).set(targets)
    page.save_revision().publish()


def hide(page: PolicyPage, how: str) -> None:
    if how == "draft":
        page.unpublish()
        return
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=how)
    if how == "groups":
        restriction.groups.add(Group.objects.create(name="Insiders"))


def standings(on: str, **options: Any) -> dict[str, str]:
    """Return title → standing, with what it was changed by."""
    return {
        one.page.title: " ".join([one.standing, *(by.title for by in one.by)])
        for chain in policies_on(day(on), reader=AnonymousReader(), **options)
        for one in chain.policies
    }


def shown(client: Client, **asked: str) -> str:
    response = client.get(ADDRESS, asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def chain() -> dict[str, PolicyPage]:
    """Two decisions that follow one another, each amended once."""
    made = {
        "1048": policy("1048", "2019-08-21"),
        "781": policy("781", "2020-06-08"),
        "148": policy("148", "2023-02-24"),
        "1489": policy("1489", "2024-11-24"),
    }
    link(made["781"], "amends", made["1048"])
    link(made["148"], "replaces", made["1048"])
    link(made["1489"], "amends", made["148"])
    return made


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2019-08-20", ["ahead", "ahead", "ahead", "ahead"]),
        ("2019-08-21", ["in_force", "ahead", "ahead", "ahead"]),
        ("2020-06-07", ["in_force", "ahead", "ahead", "ahead"]),
        ("2020-06-08", ["amended 781", "in_force", "ahead", "ahead"]),
        ("2023-02-23", ["amended 781", "in_force", "ahead", "ahead"]),
        ("2023-02-24", ["replaced 148", "replaced 148", "in_force", "ahead"]),
        ("2024-11-24", ["replaced 148", "replaced 148", "amended 1489", "in_force"]),
    ],
)
def test_each_day_of_a_chain_has_its_own_law(
    chain: dict[str, PolicyPage], on: str, expected: list[str]
) -> None:
    assert standings(on) == dict(zip(["1048", "781", "148", "1489"], expected, strict=True))


def test_a_policy_replaced_twice_over_stays_replaced_by_its_own_successor() -> None:
    first, second, third = (policy(str(year), f"{year}-01-01") for year in (2001, 2002, 2003))
    link(second, "replaces", first)
    link(third, "replaces", second)
    assert standings("2010-01-01") == {
        "2001": "replaced 2002",
        "2002": "replaced 2003",
        "2003": "in_force",
    }


def test_an_amendment_of_two_policies_ends_with_the_last_of_them() -> None:
    one, two = policy("one", "2001-01-01"), policy("two", "2001-01-01")
    change = policy("change", "2002-01-01")
    link(change, "amends", one, two)
    link(policy("new one", "2003-01-01"), "replaces", one)
    link(policy("new two", "2004-01-01"), "replaces", two)
    assert standings("2003-06-01")["change"] == "in_force"
    status, *by = standings("2004-01-01")["change"].split(" new ")
    assert (status, sorted(by)) == ("replaced", ["one", "two"])


def test_an_amendment_that_is_replaced_itself_says_by_what() -> None:
    base, change = policy("base", "2001-01-01"), policy("change", "2002-01-01")
    better = policy("better", "2003-01-01")
    link(change, "amends", base)
    link(better, "replaces", change)
    link(policy("new base", "2004-01-01"), "replaces", base)
    assert standings("2010-01-01")["change"] == "replaced better"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "undated"),
        ({"issued": day("2023-01-01")}, "in_force"),
        ({"issued": day("2023-06-01")}, "in_force"),
        ({"issued": day("2023-06-02")}, "ahead"),
        ({"issued": day("2023-01-01"), "in_force_from": day("2023-07-01")}, "ahead"),
        ({"issued": day("2023-12-31"), "in_force_from": day("2023-01-01")}, "in_force"),
        ({"issued": day("2023-01-01"), "in_force_until": day("2023-06-01")}, "over"),
        ({"issued": day("2023-01-01"), "in_force_until": day("2023-06-02")}, "in_force"),
        ({"in_force_until": day("2023-06-01")}, "over"),
        ({"in_force_until": day("2023-06-02")}, "undated"),
    ],
)
def test_the_dates_of_a_policy_alone_give_its_standing(
    fields: dict[str, dt.date], expected: str
) -> None:
    policy("plan", **fields)
    assert standings("2023-06-01") == {"plan": expected}


def test_what_was_replaced_and_has_ended_is_called_replaced() -> None:
    old = policy("old", "2001-01-01", in_force_until=day("2003-01-01"))
    link(policy("new", "2002-01-01"), "replaces", old)
    assert standings("2010-01-01")["old"] == "replaced new"


def test_a_relation_told_in_one_language_holds_for_the_work() -> None:
    old, new = policy("cũ", "2001-01-01", language="vi"), policy("mới", "2002-01-01", language="vi")
    policy("old", "2001-01-01", translation_of=old)
    policy("new", "2002-01-01", translation_of=new)
    link(new, "replaces", old)
    assert standings("2010-01-01") == {"old": "replaced new", "new": "in_force"}


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_successor_that_the_reader_may_not_open_is_nowhere(client: Client, how: str) -> None:
    old = policy("old", "2001-01-01")
    new = policy("secret", "2002-01-01", number="Secret 148")
    link(new, "replaces", old)
    hide(new, how)
    assert standings("2010-01-01") == {"old": "in_force"}
    assert "ecret" not in shown(client, on="2010-01-01")


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_an_amendment_that_the_reader_may_not_open_is_nowhere(
    client: Client, chain: dict[str, PolicyPage], how: str
) -> None:
    hide(chain["1489"], how)
    assert standings("2025-01-01")["148"] == "in_force"
    assert "1489" not in shown(client, on="2025-01-01")


def test_a_member_of_the_group_reads_the_whole_chain(
    client: Client, chain: dict[str, PolicyPage]
) -> None:
    hide(chain["1489"], "groups")
    member = User.objects.create_user("member")
    member.groups.add(Group.objects.get(name="Insiders"))
    client.force_login(member)
    assert "in force, amended" in shown(client, on="2025-01-01")


def test_the_page_says_in_words_what_each_policy_was(
    client: Client, chain: dict[str, PolicyPage]
) -> None:
    policy("undated")
    policy("plan", "2018-01-01", in_force_until=day("2019-01-01"))
    html = shown(client, on="2023-02-24")
    assert "On 24 February 2023" in html
    told = {
        title: " ".join(re.sub(r"<[^>]+>", " ", about).split())
        for title, about in re.findall(
            r"<p><a [^>]*>(\w+)</a>.*?<p class=\"about\">(.*?)</p>", html, re.DOTALL
        )
    }
    assert told == {
        "148": "in force, no later change known to us",
        "1489": "not in force yet",
        "1048": "replaced by 148",
        "781": "replaced by 148",
        "plan": "no longer in force",
        "undated": "first day of force not known",
    }


def test_what_is_in_force_comes_first_and_the_newest_of_it_before_the_rest(
    chain: dict[str, PolicyPage],
) -> None:
    policy("undated")
    assert list(standings("2023-02-23")) == ["781", "1048", "1489", "148", "undated"]
    assert list(standings("2025-01-01")) == ["1489", "148", "781", "1048", "undated"]


def test_without_a_day_the_page_tells_of_today(client: Client) -> None:
    today = timezone.localdate()
    policy("begins", in_force_from=today)
    policy("ends", in_force_until=today)
    html = shown(client)
    assert f'value="{today.isoformat()}"' in html
    assert "in force, no later change known to us" in html
    assert "no longer in force" in html
    assert 'role="alert"' not in html


@pytest.mark.parametrize(
    "on",
    [
        "yesterday",
        "24/02/2023",
        "2023-02-30",
        "2023-13-01",
        "0000-00-00",
        "-1",
        "٢٠٢٣-٠٢-٢٤",
        "\x00",
        "9" * 5000,
        '"><script>alert(1)</script>',
    ],
)
def test_what_is_no_day_is_told_and_today_is_shown(client: Client, on: str) -> None:
    policy("begins", in_force_from=timezone.localdate())
    html = shown(client, on=on)
    assert "That is no date. Write it as YYYY-MM-DD." in html
    assert "in force, no later change known to us" in html
    assert "<script>alert(1)" not in html


@pytest.mark.parametrize(
    ("on", "told"),
    [("0001-01-01", "not in force yet"), ("9999-12-31", "in force, no later change known to us")],
)
def test_the_first_and_the_last_day_of_the_calendar_are_days(
    client: Client, on: str, told: str
) -> None:
    policy("plan", "2023-01-01")
    html = shown(client, on=on)
    assert told in html
    assert 'role="alert"' not in html


def test_the_policies_of_a_chosen_programme_stand_alone(client: Client) -> None:
    for code in ("ocop", "otop"):
        programme = work(ProgrammePage, code=code, slug=code, title=f"Programme {code}")
        policy(f"Law of {code}", "2001-01-01", programme=programme)
    policy("Law of all", "2001-01-01")
    html = shown(client, programme="otop")
    assert re.findall(r"Law of \w+", html) == ["Law of otop"]
    assert '<option value="otop" selected' in html
    assert "Of no single programme" in shown(client)


def test_policies_of_hidden_programmes_stand_together_and_so_are_not_counted(
    client: Client,
) -> None:
    for code in ("one", "two"):
        programme = work(ProgrammePage, code=code, slug=code, title=f"Hidden {code}")
        policy(f"Law of {code}", "2001-01-01", programme=programme)
        PageViewRestriction.objects.create(page=programme, restriction_type="login")
    policy("Law of none", "2001-01-01")
    assert shown(client).count("Of no single programme") == 1


@pytest.mark.parametrize("how", ["login", "expired"])
def test_a_successor_that_the_reader_may_not_open_replaces_nothing(
    client: Client, how: str
) -> None:
    old, new = policy("Old honey law", "2001-01-01"), policy("New honey law", "2002-01-01")
    link(new, "replaces", old)
    assert "replaced" in client.get("/search/?q=honey").content.decode()
    if how == "login":
        PageViewRestriction.objects.create(page=new, restriction_type="login")
    else:
        PolicyPage.objects.filter(pk=new.pk).update(
            expire_at=timezone.now() - dt.timedelta(hours=1)
        )
    for address in ("/search/?q=honey", ADDRESS, old.url):
        assert "eplaced" not in client.get(address).content.decode(), address


def test_what_amends_an_amendment_ends_with_what_it_amended(client: Client) -> None:
    law, first, second, new = (policy(f"P{n}", f"200{n}-01-01") for n in range(1, 5))
    link(first, "amends", law)
    link(second, "amends", first)
    link(new, "replaces", law)
    standing = {
        one.page.title: (str(one.standing), [by.title for by in one.by])
        for chain in policies_on(dt.date(2010, 1, 1), reader=AnonymousReader())
        for one in chain.policies
    }
    assert standing == {
        "P1": ("replaced", ["P4"]),
        "P2": ("replaced", ["P4"]),
        "P3": ("replaced", ["P4"]),
        "P4": ("in_force", []),
    }


def test_an_amendment_ends_when_the_time_of_what_it_amended_runs_out(client: Client) -> None:
    law = policy("Law", "2001-01-01", in_force_until=dt.date(2005, 1, 1))
    link(policy("Amendment", "2002-01-01"), "amends", law)
    found = policies_on(dt.date(2010, 1, 1), reader=AnonymousReader())
    assert {str(one.standing) for chain in found for one in chain.policies} == {"over"}


@pytest.mark.parametrize("programme", ["no-such", "x" * 5000, "\x00", "<script>alert(1)</script>"])
def test_a_programme_that_does_not_exist_is_no_choice(client: Client, programme: str) -> None:
    policy("Law", "2001-01-01")
    html = shown(client, programme=programme)
    assert "Law" in html
    assert "selected" not in html
    assert "<script>alert(1)" not in html


def test_a_programme_that_the_reader_may_not_open_is_like_one_that_does_not_exist(
    client: Client,
) -> None:
    programme = work(ProgrammePage, code="secret", slug="secret", title="Secret programme")
    policy("Law", "2001-01-01", programme=programme)
    PageViewRestriction.objects.create(page=programme, restriction_type="login")
    assert "ecret" not in shown(client)
    assert "Of no single programme" in shown(client)
    assert shown(client, programme="secret").count("Law") == shown(client).count("Law")
    assert "ecret" not in re.sub(
        r'name="next" value="[^"]*"|\?next=[^"]*"', "", shown(client, programme="secret")
    )


def test_markup_in_a_title_or_a_number_is_text(client: Client) -> None:
    old = policy("<b>old</b>", "2001-01-01")
    link(policy("new", "2002-01-01", number="<i>148</i>"), "replaces", old)
    html = shown(client, on="2010-01-01")
    assert "&lt;b&gt;old" in html
    assert "&lt;i&gt;148" in html
    assert not re.search(r"<b>old|<i>148", html)


def test_a_policy_is_named_in_the_direction_of_its_language(client: Client) -> None:
    policy("قانون", "2001-01-01", language="ar")
    assert re.search(r'lang="ar" dir="rtl">قانون', shown(client))


def superseded(ask: Ask, text: str = "honey") -> dict[str, bool]:
    return {card.title: card.superseded for card in ask(text).cards}


@pytest.mark.parametrize("field", ["issued", "in_force_from"])
@pytest.mark.parametrize(("days", "flag"), [(-1, True), (0, True), (1, False)])
def test_a_result_is_called_replaced_from_the_day_on_which_its_successor_binds(
    ask: Ask, field: str, days: int, *, flag: bool
) -> None:
    old = policy("old", text="Honey.")
    begin = timezone.localdate() + dt.timedelta(days=days)
    link(policy("new", text="Honey.", **{field: begin}), "replaces", old)
    assert superseded(ask) == {"old": flag, "new": False}


def test_a_decision_issued_before_it_binds_replaces_nothing_yet(ask: Ask) -> None:
    old = policy("old", text="Honey.")
    new = policy("new", "2001-01-01", in_force_from=day("2990-01-01"))
    link(new, "replaces", old)
    assert superseded(ask)["old"] is False


def test_an_amended_policy_is_not_called_replaced(ask: Ask) -> None:
    old = policy("old", text="Honey.")
    link(policy("change", "2001-01-01"), "amends", old)
    assert superseded(ask)["old"] is False


def test_a_successor_that_is_unpublished_replaces_nothing(ask: Ask) -> None:
    old, new = policy("old", text="Honey."), policy("new", "2001-01-01")
    link(new, "replaces", old)
    new.unpublish()
    assert superseded(ask)["old"] is False


def test_every_language_version_of_a_replaced_policy_is_called_replaced(ask: Ask) -> None:
    old = policy("cũ", text="Mật ong.", language="vi")
    policy("old", text="Honey.", translation_of=old)
    link(policy("mới", "2001-01-01", language="vi"), "replaces", old)
    assert superseded(ask, "honey") == {"old": True}
    assert superseded(ask, "mật ong") == {"cũ": True}


def test_the_search_page_marks_what_has_been_replaced(client: Client) -> None:
    old = policy("old", text="Honey.")
    html = client.get("/search/", {"q": "honey"}).content.decode()
    assert '<span class="disagree">replaced</span>' not in html
    link(policy("new", "2001-01-01", text="Honey."), "replaces", old)
    html = client.get("/search/", {"q": "honey"}).content.decode()
    assert html.count('<span class="disagree">replaced</span>') == 1


def three_laws() -> list[PolicyPage]:
    """Return laws on honey, the nearest to "honey of bees" first."""
    texts = ("Honey of bees.", "Honey of bees and wax.", "Honey of bees, wax, candles and soap.")
    return [policy(f"Law {n}", "2001-01-01", text=text) for n, text in enumerate(texts, 1)]


def test_what_is_in_force_is_found_before_what_it_has_replaced(
    ask: Ask, titles: Callable[..., list[str]]
) -> None:
    first, second, third = three_laws()
    work(title="Bees", text="Honey.")
    assert [title for title in titles("honey of bees") if title != "Bees"] == [
        "Law 1",
        "Law 2",
        "Law 3",
    ]
    link(third, "replaces", second)
    link(second, "replaces", first)
    cards = ask("honey of bees").cards
    assert [card.title for card in cards if card.title != "Bees"] == ["Law 3", "Law 2", "Law 1"]
    assert [card.rank for card in cards] == list(range(1, len(cards) + 1))


def test_a_replaced_policy_that_is_asked_for_to_the_letter_comes_first(
    titles: Callable[..., list[str]],
) -> None:
    first, second, _ = three_laws()
    link(second, "replaces", first)
    assert titles("honey of bees")[0] == "Law 2"
    assert titles('"law 1"')[0] == "Law 1"


def test_policies_that_replace_one_another_are_each_found_once(
    titles: Callable[..., list[str]],
) -> None:
    first, second, third = three_laws()
    link(second, "replaces", first)
    link(third, "replaces", second)
    link(first, "replaces", third)
    assert sorted(titles("honey of bees")) == ["Law 1", "Law 2", "Law 3"]


def test_a_list_without_a_question_stays_newest_first(titles: Callable[..., list[str]]) -> None:
    old = policy("old", "2020-01-01", text="Honey.", dated="2020-01-01")
    link(policy("new", "2001-01-01", text="Honey.", dated="2001-01-01"), "replaces", old)
    assert titles("") == ["old", "new"]

"""The list of problems and the page of one: filters, rights, answers, care."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import Attempt, CaseStudyPage, Problem, ProgrammePage, Theme
from knowledge.models.base import WorkPage
from tests.factories import work
from tests.knowledge.board.people import (
    asked,
    client_of,
    country,
    html,
    person,
    tried,
    workshop,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mai() -> User:
    return person("mai")


@pytest.fixture
def joe() -> User:
    return person("joe")


def answer(client: Client, problem: Problem, *, status: int = 302, **fields: Any) -> str:
    """Answer a problem; return where it leads, or the page."""
    fields = {"outcome": "worked", "comment": "We did.", **fields}
    response = client.post(f"/board/{problem.pk}/answer", fields)
    assert response.status_code == status
    return response.headers.get("Location") or response.content.decode()


def change(client: Client, problem: Problem, action: str, *, status: int = 302, **f: str) -> None:
    response = client.post(f"/board/{problem.pk}/change", {"action": action, **f})
    assert response.status_code == status


def close(page: WorkPage) -> Group:
    """Close a work to all but a group."""
    group = Group.objects.create(name=f"Readers of {page.pk}")
    PageViewRestriction.objects.create(page=page, restriction_type="groups").groups.add(group)
    return group


# The list.


def test_anybody_reads_the_list_open_questions_first(mai: User) -> None:
    solved = asked(mai, "Solved one", is_solved=True)
    asked(mai, "งานไม้ไผ่", language="th")
    asked(mai, "عسل", language="ar")
    tried(solved, mai, outcome="worked")
    tried(solved, mai, outcome="failed")
    tried(solved, mai, outcome="failed")
    page = html(client_of(None), "/board/")
    assert page.index("عسل") < page.index("งานไม้ไผ่") < page.index("Solved one")
    assert 'lang="ar" dir="rtl">عسل</a>' in page
    assert "1 attempt worked<" in page
    assert "2 attempts failed<" in page
    assert "in part" not in page.partition('<ul class="work-list">')[2]
    assert "example.org" not in page


def test_the_list_is_narrowed_by_theme_country_language_and_state(mai: User) -> None:
    grading = Theme.objects.create(code="grading", name="Grading")
    asked(mai, "First", themes=[grading], country=country("mw", "Malawi"))
    asked(mai, "Second", language="fr", is_solved=True)
    asked(mai, "Third", country=country("la", "Laos"))

    def shown(query: str) -> list[str]:
        page = html(client_of(None), f"/board/?{query}")
        return [one for one in ("First", "Second", "Third") if f">{one}</a>" in page]

    assert shown("theme=grading") == ["First"]
    assert shown("country=la") == ["Third"]
    assert shown("language=fr") == ["Second"]
    assert shown("state=solved") == ["Second"]
    assert shown("state=open") == ["First", "Third"]
    assert shown("state=open&country=mw&theme=grading") == ["First"]
    assert shown("state=solved&country=mw") == []
    assert shown("theme=none&country=%00&language=zz&state=x&page=x") == [
        "First", "Second", "Third",
    ]  # fmt: skip


def test_a_long_list_has_pages(mai: User) -> None:
    for number in range(25):
        asked(mai, f"Question {number:02}")
    first, last = (html(client_of(None), f"/board/?page={page}") for page in (1, 99999))
    assert "Question 24" in first
    assert "Question 04" not in first
    assert "Question 04" in last
    assert "Page 1 of 2" in first


def test_the_list_asks_as_much_for_twenty_problems_as_for_two(
    mai: User, django_assert_max_num_queries: Any
) -> None:
    theme, malawi = Theme.objects.create(code="t", name="T"), country("mw", "Malawi")
    page = work(CaseStudyPage)
    for number in range(20):
        problem = asked(mai, f"Question {number}", themes=[theme], country=malawi)
        tried(problem, mai, work=page.translation_key)
    with django_assert_max_num_queries(25):
        html(client_of(None), "/board/")


# Works that a reader may not open.


@pytest.mark.parametrize("how", ["closed", "draft"])
def test_an_answer_with_a_work_is_for_those_who_may_open_it(mai: User, joe: User, how: str) -> None:
    page = work(CaseStudyPage, title="Secret dryer", text="Smoke.")
    problem = asked(mai, "Why mould?")
    where = answer(client_of(joe), problem, work=str(page.pk), comment="Marker smoke.")
    assert "Secret dryer" in html(client_of(None), f"/board/{problem.pk}")
    assert where == f"/board/{problem.pk}#attempt-{Attempt.objects.get().pk}"
    group = close(page)
    if how == "draft":
        page.unpublish()
    for client in (client_of(None), client_of(mai)):
        shown = html(client, f"/board/{problem.pk}") + html(client, "/board/")
        assert "Secret dryer" not in shown
        assert "Marker smoke." not in shown
        assert "attempt worked" not in shown
        assert "No answer yet" in shown
    own = html(client_of(joe), f"/board/{problem.pk}")
    assert "Marker smoke." in own
    assert "Secret dryer" not in own
    assert "attempt worked" not in own
    mai.groups.add(group)
    member = html(client_of(mai), f"/board/{problem.pk}")
    assert ("Secret dryer" in member) == (how == "closed")


def test_nobody_names_a_work_that_they_may_not_open(mai: User) -> None:
    page = work(CaseStudyPage, title="Secret dryer", text="Honey smoke.")
    close(page)
    problem = asked(mai, "Why mould?")
    for chosen in (str(page.pk), "99999999", "9" * 40, "-1", "²", "x", "\x00"):
        shown = answer(client_of(mai), problem, status=400, work=chosen)
        assert "That work cannot be opened." in shown
        assert "Secret dryer" not in shown
    shown = answer(client_of(mai), problem, status=200, action="find", find="honey smoke dryer")
    assert "Secret dryer" not in shown
    assert Attempt.objects.count() == 0


# Answers.


def test_a_work_is_found_in_the_page_and_attached_without_losing_what_was_written(
    mai: User,
) -> None:
    programme = work(ProgrammePage, title="Hives", code="hives", text="Bees make honey.")
    jars = work(CaseStudyPage, title="Bamboo lids", text="Bamboo lids breathe.")
    problem = asked(None, "How do we keep honey?")
    client = client_of(mai)
    page = html(client, f"/board/{problem.pk}")
    assert f'name="work" value="{programme.pk}"' in page  # shown on the page
    assert "Bamboo lids" not in page
    page = answer(
        client, problem, status=200, action="find", find="bamboo", outcome="partly",
        comment="We half did.",
    )  # fmt: skip
    assert f'name="work" value="{jars.pk}"' in page
    assert "We half did.</textarea>" in page
    assert 'value="partly" id="id_outcome_1" required checked' in page
    answer(client, problem, work=str(jars.pk), outcome="partly", comment="We half did.")
    attempt = Attempt.objects.get()
    assert (attempt.work, attempt.outcome, attempt.author) == (jars.translation_key, "partly", mai)
    page = html(client_of(None), f"/board/{problem.pk}")
    assert "1 attempt worked in part" in page
    assert ">Bamboo lids</a>" in page
    assert "<bdi>Mai</bdi>" in page


def test_a_search_for_a_work_that_finds_nothing_says_so(mai: User) -> None:
    page = answer(client_of(mai), asked(mai), status=200, action="find", find="Zzyzx qwrtz")
    assert "Nothing good was found." in page


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"outcome": ""}, "Say what came of it."),
        ({"outcome": "marvellous"}, "Select a valid choice."),
        ({"comment": " \x00 "}, "This field is required."),
        ({"comment": "c" * 2001}, "at most 2000 characters"),
    ],
)
def test_an_answer_that_is_none_is_refused_with_a_reason(
    mai: User, fields: dict[str, str], fault: str
) -> None:
    assert fault in answer(client_of(mai), asked(mai), status=400, **fields)
    assert Attempt.objects.count() == 0


def test_an_answer_is_no_markup(mai: User) -> None:
    problem = asked(mai)
    answer(client_of(mai), problem, comment="a\x07\u202e<img src=x onerror=alert(1)>\n\nb")
    page = html(client_of(None), f"/board/{problem.pk}")
    assert "<img src=x" not in page
    assert "<p>a&lt;img src=x onerror=alert(1)&gt;</p>\n\n<p>b</p>" in page


def test_only_contributors_answer(mai: User) -> None:
    problem = asked(mai)
    address = f"/board/{problem.pk}"
    assert f'href="/accounts/login/?next={address}"' in html(client_of(None), address)
    assert client_of(None).post(f"{address}/answer", {"outcome": "worked"}).status_code == 302
    newcomer = client_of(person("new", contributor=False))
    assert "Post the answer" not in html(newcomer, address)
    answer(newcomer, problem, status=403)
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize("number", ["0", "99999999", "9" * 30])
def test_a_problem_that_is_not_there_is_a_404(mai: User, number: str) -> None:
    client = client_of(mai)
    assert client.get(f"/board/{number}").status_code == 404
    for address in ("answer", "change", f"{number}/change"):
        assert client.post(f"/board/{number}/{address}", {"action": "delete"}).status_code == 404
    problem = asked(mai)
    assert client.post(f"/board/{problem.pk}/{number}/change").status_code == 404


# Who may do what.


ROLES = ("nobody", "other", "author", "editor", "foreign editor", "administrator")
MAY = {
    "solved": {"author", "editor", "administrator"},
    "open": {"author", "editor", "administrator"},
    "hide": {"editor", "administrator"},
    "show": {"editor", "administrator"},
    "no-mails": {"author"},
    "delete": {"author"},
    "explode": set(),
    "": set(),
}


def role(name: str, author: User) -> User | None:
    """Return who has a role towards a problem of Malawi."""
    return {
        "nobody": lambda: None,
        "other": lambda: person("other"),
        "author": lambda: author,
        "editor": lambda: person("ed", "Editors: MW", contributor=False),
        "foreign editor": lambda: person("far", "Editors: VN", "Editors"),
        "administrator": lambda: User.objects.create_superuser("root"),
    }[name]()


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("action", MAY)
def test_who_may_do_what_with_a_problem(mai: User, name: str, action: str) -> None:
    hidden = action == "show"
    problem = asked(
        mai, country=country("mw", "Malawi"), is_hidden=hidden, is_solved=action == "open"
    )
    before = Problem.objects.filter(pk=problem.pk).values().get()
    allowed = name in MAY[action]
    change(client_of(role(name, mai)), problem, action, status=302 if allowed else 404)
    after = Problem.objects.filter(pk=problem.pk).values().first()
    assert (after != before) == allowed


@pytest.mark.parametrize("name", ROLES)
def test_a_hidden_problem_is_there_for_author_and_editors_only(mai: User, name: str) -> None:
    malawi = country("mw", "Malawi")
    problem = asked(mai, "Marker question?", country=malawi, is_hidden=True)
    client = client_of(role(name, mai))
    sees = name in {"author", "editor", "administrator"}
    html(client, f"/board/{problem.pk}", status=200 if sees else 404)
    page = html(client, "/board/")
    assert ("Marker question?" in page) == sees
    assert ("Malawi" in page) == sees  # no filter tells of it either
    if name != "nobody":
        answer(client_of(person("somebody")), problem, status=404)


def test_any_editor_cares_for_what_belongs_to_no_country(mai: User) -> None:
    problem = asked(mai)
    editor = client_of(person("far", "Editors: VN"))
    change(editor, problem, "hide")
    html(client_of(None), f"/board/{problem.pk}", status=404)
    change(editor, problem, "show")
    html(client_of(None), f"/board/{problem.pk}")


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("delete", {"author"}),
        ("hide", {"editor", "administrator"}),
        ("show", {"editor", "administrator"}),
        ("explode", set()),
    ],
)
@pytest.mark.parametrize("name", ROLES)
def test_who_may_do_what_with_an_answer(
    mai: User, joe: User, name: str, action: str, allowed: set[str]
) -> None:
    problem = asked(joe, country=country("mw", "Malawi"))
    attempt = tried(problem, mai, "Marker comment.", is_hidden=action == "show")
    response = client_of(role(name, mai)).post(
        f"/board/{problem.pk}/{attempt.pk}/change", {"action": action}
    )
    assert response.status_code == (302 if name in allowed else 404)
    shown = "Marker comment." in html(client_of(None), f"/board/{problem.pk}")
    assert shown == ((action != "show") != (name in allowed))


def test_an_answer_to_another_problem_is_not_reached_by_this_one(mai: User) -> None:
    attempt = tried(asked(None, "Elsewhere?"), mai)
    address = f"/board/{asked(mai).pk}/{attempt.pk}/change"
    assert client_of(mai).post(address, {"action": "delete"}).status_code == 404
    assert Attempt.objects.exists()


def test_nobody_changes_anything_by_reading(mai: User) -> None:
    problem = asked(mai)
    attempt = tried(problem, mai)
    for address in ("answer", "change", f"{attempt.pk}/change"):
        response = client_of(mai).get(f"/board/{problem.pk}/{address}", {"action": "delete"})
        # After another language was chosen the form's address is opened: back to the question.
        assert response.status_code == (302 if address == "answer" else 405)
    assert client_of(mai).get(f"/board/{problem.pk}/answer", follow=True).status_code == 200
    assert Attempt.objects.count() == 1
    assert client_of(mai).post("/board/").status_code == 405


def test_what_a_deleted_account_wrote_stays_and_belongs_to_nobody(mai: User) -> None:
    problem = asked(mai)
    tried(problem, mai)
    mai.delete()
    page = html(client_of(None), f"/board/{problem.pk}")
    assert "<bdi>Mai</bdi>" not in page
    assert page.count("<bdi>A participant</bdi>") == 2
    change(client_of(None), problem, "delete", status=404)


# Workshops.


def test_an_organiser_takes_an_open_problem_into_the_agenda(mai: User, joe: User) -> None:
    forum, other = workshop("Forum", joe), workshop("Summit")
    problem = asked(mai, "Why mould?")
    assert "Take it up" not in html(client_of(mai), f"/board/{problem.pk}")
    page = html(client_of(joe), f"/board/{problem.pk}")
    assert f'<option value="{forum.pk}"' in page
    assert f'<option value="{other.pk}"' not in page
    for chosen in (str(other.pk), "", "x", "9" * 40):
        change(client_of(joe), problem, "take", workshop=chosen, status=404)
    change(client_of(mai), problem, "take", workshop=str(forum.pk), status=404)
    change(client_of(joe), problem, "take", workshop=str(forum.pk))
    assert "Why mould?" in html(client_of(None), str(forum.url))
    assert "Why mould?" not in html(client_of(None), str(other.url))
    assert ">Forum</a>" in html(client_of(None), f"/board/{problem.pk}")
    Problem.objects.update(is_hidden=True)
    assert "Why mould?" not in html(client_of(None), str(forum.url))
    Problem.objects.update(is_hidden=False)
    change(client_of(joe), problem, "drop", workshop=str(forum.pk))
    assert "Why mould?" not in html(client_of(None), str(forum.url))


def test_a_solved_problem_is_not_taken_up(mai: User) -> None:
    forum, problem = workshop("Forum", mai), asked(None, is_solved=True)
    assert "Take it up" not in html(client_of(mai), f"/board/{problem.pk}")
    change(client_of(mai), problem, "take", workshop=str(forum.pk), status=404)


def test_a_problem_never_tells_of_a_workshop_that_the_reader_may_not_open(mai: User) -> None:
    forum, problem = workshop("Secret forum", mai), asked(mai)
    problem.workshops.add(forum)
    close(forum)
    for client in (client_of(None), client_of(mai)):
        assert "Secret forum" not in html(client, f"/board/{problem.pk}")


# Where it is linked.


@pytest.mark.parametrize("address", ["/board/", "/compare/ask?q=honey"])
def test_the_board_is_reached_from_the_foot_and_from_asking_every_programme(address: str) -> None:
    page = html(client_of(None), address)
    assert '<a href="/board/">Problem board</a></li>' in page
    if address != "/board/":
        assert 'href="/board/ask?question=honey"' in page

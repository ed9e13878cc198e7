"""Asking the board: forms without JavaScript, what is known already, hostile input."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from knowledge.board.alike import problems_alike
from knowledge.models import CaseStudyPage, Problem, ProgrammePage, Theme
from tests.factories import work
from tests.knowledge.board.people import asked, client_of, country, html, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def mai() -> User:
    return person("mai")


@pytest.fixture
def client(mai: User) -> Client:
    return client_of(mai)


def post(client: Client, *, status: int = 302, **fields: Any) -> str:
    """Send the form; return where it leads, or the page."""
    response = client.post("/board/ask", {"action": "post", **fields})
    assert response.status_code == status
    return response.headers.get("Location") or response.content.decode()


def test_a_question_is_looked_at_corrected_and_posted_without_scripts(client: Client) -> None:
    programme = work(ProgrammePage, title="Hives", code="hives", text="Bees.")
    work(CaseStudyPage, title="Jars", text="Honey keeps in glass jars.", programme=programme)
    Theme.objects.create(code="grading", name="Grading")
    country("mw", "Malawi")
    assert "Ask the board" in html(client, "/board/ask")
    fields = {"question": "Comment garder le miel ?", "situation": "Il fermente dans nos bidons."}
    page = post(client, status=200, **fields, action="preview")
    assert "Programmes that answer: 1 of 1" in page
    assert "<mark>Honey keeps in glass jars.</mark>" in page
    assert "Your text reads as French" in page
    assert "Post it anyway" in page
    assert Problem.objects.count() == 0
    where = post(client, **fields, language="pt", country="mw", themes=["grading"])
    problem = Problem.objects.get()
    assert where == f"/board/{problem.pk}"
    assert (problem.question, problem.language) == ("Comment garder le miel ?", "pt")
    assert problem.country is not None
    assert (problem.country.code, [one.code for one in problem.themes.all()]) == ("mw", ["grading"])
    page = html(client_of(None), where)
    assert '<h1 lang="pt" dir="ltr">Comment garder le miel ?</h1>' in page
    assert "Il fermente dans nos bidons." in page
    assert "Asked by <bdi>Mai</bdi>" in page
    assert "mai@example.org" not in page


def test_where_nothing_is_known_the_page_says_so(client: Client) -> None:
    work(ProgrammePage, title="Hives", code="hives", text="Bees.")
    page = post(client, status=200, question="Zzyzx qwrtz?", action="preview")
    assert "Programmes that answer: 0 of 1" in page
    assert "Nothing found here yet" in page
    assert "Post it</button>" in page


def test_what_is_known_never_shows_a_work_that_the_asker_may_not_open(client: Client) -> None:
    programme = work(ProgrammePage, title="Hives", code="hives", text="Bees.")
    work(
        CaseStudyPage, title="Draft jars", text="Honey in jars.", programme=programme, publish=False
    )
    page = post(client, status=200, question="Who keeps honey in jars?", action="preview")
    assert "Draft jars" not in page
    assert "Honey in jars." not in page


def test_the_same_question_in_another_language_is_shown_first(client: Client, mai: User) -> None:
    alike = asked(mai, "Giữ mật ong thế nào?", language="vi")
    asked(mai, "Who grades bamboo?")
    hidden = asked(mai, "Old honey", is_hidden=True)
    page = post(client, status=200, question="honey", action="preview")
    assert f'href="/board/{alike.pk}"' in page
    assert f'href="/board/{hidden.pk}"' not in page
    assert "Who grades bamboo?" not in page
    assert [one.pk for one in problems_alike("miel", mai, but=alike.pk)] == []


def test_what_is_known_comes_while_one_asks_where_scripts_run(client: Client) -> None:
    work(ProgrammePage, title="Hives", code="hives", text="Bees make honey.")
    page = html(client, "/board/ask?question=honey", **{"HX-Request": "true"})
    assert "Bees make honey." in page
    assert "<html" not in page
    response = client_of(None).get("/board/ask?question=honey", headers={"HX-Request": "true"})
    assert response.status_code == 401


def test_a_question_of_the_search_page_is_taken_along(client: Client) -> None:
    page = html(client, "/search/?q=Zzyzx+%22q%22")
    assert 'href="/board/ask?question=Zzyzx%20%22q%22"' in page
    assert 'value="Zzyzx &quot;q&quot;"' in html(client, "/board/ask?question=Zzyzx%20%22q%22")


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        ("", "This field is required."),
        (" \t\n ", "This field is required."),
        ("\x00\x07\u202e", "This field is required."),
        ("?!… 12", "Write your question in words."),
        ("w" * 201, "at most 200 characters (it has 201)"),
    ],
)
def test_a_question_that_is_none_is_refused_with_a_reason(
    client: Client, question: str, fault: str
) -> None:
    for action in ("post", "preview"):
        assert fault in post(client, status=400, question=question, action=action)
    assert Problem.objects.count() == 0


def test_what_is_refused_loses_nothing_that_was_written(client: Client) -> None:
    page = post(client, status=400, question="q" * 300, situation="Our bees are ill.")
    assert "Our bees are ill." in page
    assert "q" * 300 in page
    assert "at most 2000" in post(client, status=400, question="Why?", situation="s" * 2001)


def test_controls_and_markup_do_no_harm(client: Client) -> None:
    hostile = "Why\x00 \x1b\u202e<script>alert(1)</script>\u2066?"
    where = post(client, question=hostile, situation=f"{hostile}\r\n{{% now %}}")
    problem = Problem.objects.get()
    assert problem.question == "Why <script>alert(1)</script>?"
    assert problem.situation == "Why <script>alert(1)</script>?\n{% now %}"
    for address in (where, "/board/", "/board/ask?question=%3Cscript%3Ealert(1)%00"):
        assert "<script>alert" not in html(client, address)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "zz"),
        ("country", "\x00"),
        ("country", "9" * 5000),
        ("themes", ["nothing"]),
        ("themes", ["\x00"]),
        ("language", "tlh"),
        ("language", "<b>"),
    ],
)
def test_a_choice_that_is_none_is_no_fault_of_the_server(
    client: Client, field: str, value: Any
) -> None:
    response = client.post("/board/ask", {"action": "post", "question": "Why?", field: value})
    assert response.status_code in {302, 400}


@pytest.mark.parametrize(
    ("question", "reader", "language"),
    [
        ("ทำอย่างไรไม่ให้ตะกร้าขึ้นรา", "en", "th"),
        ("Làm sao để giỏ tre không bị mốc?", "fr", "vi"),
        ("Comment éviter que les paniers en bambou moisissent ?", "en", "fr"),
        ("OVOP?", "sw", "sw"),
    ],
)
def test_the_language_of_a_question_is_found_out(
    client: Client, question: str, reader: str, language: str
) -> None:
    client.cookies["interface_language"] = reader
    post(client, question=question)
    assert Problem.objects.get().language == language


def test_nobody_writes_without_an_account_or_before_the_address_is_confirmed() -> None:
    response = client_of(None).get("/board/ask?question=Why")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/?next=/board/ask")
    response = client_of(None).post("/board/ask", {"action": "post", "question": "Why?"})
    assert response.headers["Location"] == "/accounts/login/?next=/board/ask"
    newcomer = client_of(person("new", contributor=False))
    assert "Confirm your address first" in post(newcomer, status=403, question="Why?")
    assert Problem.objects.count() == 0


def test_a_form_of_elsewhere_is_refused(mai: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mai)
    assert client.post("/board/ask", {"action": "post", "question": "Why?"}).status_code == 403


@override_settings(
    KNOWLEDGE={"INTERFACE_LANGUAGES": ["en", "fr"], "BOARD_POSTS_A_DAY": 2},
)
def test_one_person_writes_only_so_much_a_day(client: Client) -> None:
    where = post(client, question="Why one?")
    answer = {"outcome": "worked", "comment": "So."}
    assert client.post(f"{where}/answer", answer).status_code == 302
    client.post(f"{where}/change", {"action": "delete"})  # deleting gives nothing back
    page = post(client, status=429, question="Why three?")
    assert "as much as one may in a day" in page
    assert "Why three?" in page
    other = asked(None, "Why else?")
    assert client.post(f"/board/{other.pk}/answer", answer).status_code == 429
    assert other.attempts.count() == 0
    post(client_of(person("tam")), question="Why not?")
    assert Problem.objects.filter(question="Why not?").exists()


def test_what_is_wrong_with_a_field_is_beside_it_for_who_hears_the_page(client: Client) -> None:
    html = post(client, status=400, question="")
    described = re.findall(r'aria-describedby="([^"]*)"', html)
    assert any(one.endswith("question_error") for one in described)
    for one in " ".join(described).split():
        assert html.count(f'id="{one}"') == 1, one

"""What was written while the session had ended, or into a form that was too old, is not lost."""

import re
import time
from typing import Any

import pytest
from django.test import Client

from knowledge import unsent
from knowledge.models import Problem
from tests.knowledge.board.people import asked, client_of, html, person

pytestmark = pytest.mark.django_db

QUESTION = "How do we keep honey?"
FIELDS = {"question": QUESTION, "situation": "In jars.\nOf glass.", "action": "preview"}
HERE = {"origin": "http://testserver"}


def guarded() -> Client:
    return Client(enforce_csrf_checks=True, headers=HERE)


def fields_of(page: str) -> dict[str, str]:
    """Return the fields of the form that sends it once more."""
    form = page.partition("<main")[2].partition("</main>")[0]
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return dict(hidden + re.findall(r'<textarea name="([^"]+)"[^>]*>\n([^<]*)</textarea>', form))


def test_a_question_is_there_again_after_signing_in(client: Client) -> None:
    response = client.post("/board/ask", FIELDS)
    assert response.headers["Location"] == "/accounts/login/?next=/board/ask"
    client.force_login(person("mai"))
    for _time in range(2):  # loading the page again loses nothing
        page = html(client, "/board/ask")
        assert f'value="{QUESTION}"' in page
        assert "In jars.\nOf glass.</textarea>" in page
        assert "It is not sent yet." in page
    assert client.post("/board/ask", {**FIELDS, "action": "post"}).status_code == 302
    assert Problem.objects.get().question == QUESTION
    assert QUESTION not in html(client, "/board/ask")


def test_an_answer_is_there_again_after_signing_in(client: Client) -> None:
    problem = asked(None)
    fields = {"outcome": "partly", "comment": "We tried jars.", "find": "glass", "work": ""}
    client.post(f"/board/{problem.pk}/answer", fields)
    client.force_login(person("mai"))
    page = html(client, f"/board/{problem.pk}/answer")
    assert "We tried jars.</textarea>" in page
    assert 'value="glass"' in page
    assert re.search(r'value="partly"[^>]* checked', page)


def test_what_was_kept_is_for_its_own_address_and_its_own_browser(client: Client) -> None:
    client.post("/board/ask", FIELDS)
    mai = person("mai")
    client.force_login(mai)
    assert QUESTION not in html(client, "/share/", status=200)
    assert QUESTION not in html(client_of(mai), "/board/ask")
    client.logout()
    client.force_login(mai)
    assert QUESTION not in html(client, "/board/ask")


def test_nothing_is_kept_for_longer_than_an_hour(client: Client, monkeypatch: Any) -> None:
    client.post("/board/ask", FIELDS)
    client.force_login(person("mai"))
    later = time.time() + 3601
    monkeypatch.setattr(unsent.time, "time", lambda: later)
    assert QUESTION not in html(client, "/board/ask")


def test_what_is_larger_than_any_form_is_not_kept(client: Client) -> None:
    client.post("/board/ask", {**FIELDS, "situation": "x" * 20_000})
    assert "sessionid" not in client.cookies


def test_no_token_is_kept(client: Client) -> None:
    client.post("/board/ask", {**FIELDS, "csrfmiddlewaretoken": "secret"})
    assert "secret" not in str(dict(client.session))


def test_a_form_that_was_too_old_is_sent_once_more_with_all_that_was_written() -> None:
    client = guarded()
    client.force_login(person("mai"))
    response = client.post("/board/ask", {**FIELDS, "csrfmiddlewaretoken": "old"})
    assert response.status_code == 403
    fields = fields_of(response.content.decode())
    assert fields.items() >= FIELDS.items()
    assert fields["csrfmiddlewaretoken"] != "old"
    assert "Ask the board" in client.post("/board/ask", fields).content.decode()


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {}])
def test_what_another_site_sent_is_not_offered(headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    page = client.post("/board/ask", FIELDS).content.decode()
    assert QUESTION not in page


def test_a_password_is_not_shown_again() -> None:
    fields = {"login": "mai@example.org", "password": "a secret of mine"}
    response = guarded().post("/accounts/login/", fields)
    assert response.status_code == 403
    assert "secret" not in response.content.decode()


def test_what_was_written_is_no_markup_when_it_is_offered_again() -> None:
    fields = {"question": "</textarea><script>alert(1)</script> <b>"}
    page = guarded().post("/board/ask", fields).content.decode()
    assert "&lt;/textarea&gt;&lt;script&gt;" in page
    assert "<script>alert" not in page

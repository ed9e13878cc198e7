"""One question, every programme: each answers for itself or not at all."""

import csv
import io
import re

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from knowledge.models import CaseStudyPage, ProgrammePage
from tests.factories import work

pytestmark = pytest.mark.django_db

ADDRESS = "/compare/ask"


def programme(code: str, **fields: object) -> ProgrammePage:
    fields.setdefault("text", "A programme like others.")
    fields.setdefault("title", f"Programme {code}: more of its name")
    return work(ProgrammePage, code=code, slug=code, **fields)


def filed(programme: ProgrammePage, title: str, text: str, **fields: object) -> CaseStudyPage:
    return work(title=title, text=text, slug=title.lower(), programme=programme, **fields)


@pytest.fixture
def programmes() -> dict[str, ProgrammePage]:
    made = {code: programme(code) for code in ("ocop", "otop", "ovop")}
    filed(made["ocop"], "Hives", "## Mật\n\nMật ong bạc hà.", language="vi")
    filed(made["ocop"], "Combs", "Honey from combs.")
    filed(made["otop"], "Jars", "Honey in jars.")
    filed(made["ovop"], "Baskets", "Bamboo baskets.")
    return made


def columns(client: Client, **asked: object) -> dict[str, str]:
    """Return programme → what the page shows of it; nothing for one that does not answer."""
    html = client.get(ADDRESS, {"q": "honey", **asked}).content.decode()
    cells = re.findall(r"<h3 class=\"whose\">.*?</li>", html, re.DOTALL)
    silent = re.findall(r"<section class=\"silent\".*?</section>", html, re.DOTALL)
    names = re.findall(r"<li>(.*?)</li>", "".join(silent))
    texts = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in (*cells, *names)]
    found = {text[: len("Programme ocop")]: text for text in texts}
    return {name: text.removeprefix(name).strip() for name, text in sorted(found.items())}


def test_each_programme_answers_for_itself_or_says_that_it_has_nothing(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    found = columns(client)
    assert list(found) == ["Programme ocop", "Programme otop", "Programme ovop"]
    assert "Combs" in found["Programme ocop"]
    assert "2 works of this programme answer" in found["Programme ocop"]
    assert "Honey in jars." in found["Programme otop"]
    assert found["Programme ovop"] == ""


def test_a_question_in_one_language_brings_the_passage_in_another(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    CaseStudyPage.objects.get(title="Combs").delete()
    html = client.get(ADDRESS, {"q": "miel"}).content.decode()
    assert 'lang="vi"' in html
    assert "<mark>Mật ong bạc hà.</mark>" in html


def test_the_name_of_a_programme_in_the_question_makes_no_other_one_answer(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    assert "more of its name" in columns(client, q="otop")["Programme otop"]
    assert columns(client, q="otop lacquer")["Programme ovop"] == ""


def test_only_those_chosen_are_asked(client: Client, programmes: dict[str, ProgrammePage]) -> None:
    assert list(columns(client, programme=["ovop", "otop"])) == ["Programme otop", "Programme ovop"]
    assert len(columns(client, programme=["no-such"])) == 3


def test_a_programme_that_the_reader_may_not_open_does_not_exist_here(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    PageViewRestriction.objects.create(page=programmes["otop"], restriction_type="login")
    assert list(columns(client)) == ["Programme ocop", "Programme ovop"]
    assert "Programme otop" not in columns(client, programme=["otop"])
    html = client.get(ADDRESS, {"q": "honey", "programme": "otop"}).content.decode()
    assert "Programme otop" not in html


def test_a_work_that_the_reader_may_not_open_answers_nothing(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    jars = CaseStudyPage.objects.get(title="Jars")
    PageViewRestriction.objects.create(page=jars, restriction_type="login")
    assert columns(client)["Programme otop"] == ""


def test_the_table_has_a_row_for_each_programme_and_no_formula(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    jars = CaseStudyPage.objects.get(title="Jars")
    jars.title = '=HYPERLINK("http://example.org")'
    jars.save_revision().publish()
    response = client.get(ADDRESS, {"q": "honey", "format": "csv"})
    text = response.content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert response.headers["Content-Type"].startswith("text/csv")
    assert head[:2] == ["Programme", "Code"]
    assert [row[1] for row in rows] == ["ocop", "otop", "ovop"]
    assert rows[1][2] == "'" + jars.title
    assert rows[1][3].startswith("http://testserver/en/case-studies/")
    assert rows[2][2] == "Nothing found here yet"


def test_without_a_question_the_page_says_what_it_is_for(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    html = client.get(ADDRESS).content.decode()
    assert "each programme answers for itself" in html
    assert html.count('type="checkbox"') == 3
    assert client.get(ADDRESS, {"format": "csv"}).headers["Content-Type"].startswith("text/html")


def test_a_question_that_is_too_long_is_told_in_words(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    response = client.get(ADDRESS, {"q": "a" * 1001, "format": "csv"})
    assert response.status_code == 200
    assert "ask in at most 1,000 characters" in response.content.decode()


def test_a_portal_without_programmes_says_so(client: Client) -> None:
    assert "There is no programme here yet." in client.get(ADDRESS, {"q": "x"}).content.decode()


def test_results_lead_to_every_programme(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    html = client.get("/search/", {"q": "honey & water"}).content.decode()
    assert 'href="/compare/ask?q=honey%20%26%20water"' in html

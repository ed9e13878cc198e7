"""One question, every programme: each answers for itself or not at all."""

import csv
import io
import re

import pytest
from django.test import Client
from pytest_django import Settings
from wagtail.models import PageViewRestriction

from knowledge.compare import asking, dimensions
from knowledge.models import CaseStudyPage, Dimension, Fact, ProgrammeCell, ProgrammePage, Source
from portal.settings import base
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
    client: Client, programmes: dict[str, ProgrammePage], monkeypatch: pytest.MonkeyPatch
) -> None:
    # To the encoder of the tests, which hashes words, the bare name is near to a dimension.
    monkeypatch.setattr(asking, "dimensions_of", lambda text: [])
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
    assert {len(row) for row in rows} == {len(head)}
    assert [row[9] for row in rows] == ["Yes", "Yes", "Nothing found here yet"]
    assert head[9] == "Answer found"
    assert set(rows[2][2:9]) == {""}


def test_the_table_has_dates_for_programs_and_what_each_answer_rests_on(
    client: Client, of_scale: None
) -> None:
    gazette = Source.objects.create(title="Gazette", address="https://example.org/gazette")
    Fact.objects.create(code="VN-2", statement="Of VN-2.").sources.add(gazette)
    page = with_cell("ocop", "63 provinces.", dated="2018-05")
    filed(programme("otop"), "Jars", "Honey in jars [@VN-2].", dated="2023")
    text = client.get(ADDRESS, {"q": "honey", "format": "csv"}).content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    told = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
    assert told["ocop"]["Web address"] == f"http://testserver{page.url}#cells"
    assert [told[one]["Date"] for one in ("ocop", "otop")] == ["2018-05", "2023"]
    assert [told[one]["Facts"] for one in ("ocop", "otop")] == ["VN-1", "VN-2"]
    assert told["otop"]["Sources"] == "VN-2: https://example.org/gazette"
    assert told["otop"]["Statements"] == "VN-2: Of VN-2."


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


@pytest.fixture
def of_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question is about scale, and every passage as well."""
    Fact.objects.create(code="VN-1", statement="Of VN-1.")
    monkeypatch.setattr(asking, "dimensions_of", lambda text: [Dimension.SCALE])
    monkeypatch.setattr(
        "knowledge.compare.answering.nearest_dimensions", lambda text: [Dimension.SCALE]
    )


def with_cell(code: str, text: str, **fields: object) -> ProgrammePage:
    return programme(code, cells=[ProgrammeCell(aspect="scale", text=f"{text} [@VN-1]")], **fields)


def in_vietnamese(original: ProgrammePage) -> ProgrammePage:
    return with_cell(original.code, "63 tỉnh.", translation_of=original, language="vi")


@pytest.mark.usefixtures("of_scale")
def test_a_cell_that_only_another_language_version_has_is_shown_in_its_language(
    client: Client,
) -> None:
    page = in_vietnamese(programme("ocop"))
    html = client.get(ADDRESS, {"q": "sales"}).content.decode()
    assert re.search(r'<p lang="vi" dir="ltr">63 tỉnh\.', html)
    text = client.get(ADDRESS, {"q": "sales", "format": "csv"}).content.decode("utf-8-sig")
    _head, row = csv.reader(io.StringIO(text))
    assert row[2:5] == [page.title, f"http://testserver{page.url}#cells", "vi"]


@pytest.mark.usefixtures("of_scale")
def test_of_a_cell_in_several_languages_the_reader_s_is_shown(client: Client) -> None:
    in_vietnamese(with_cell("ocop", "63 provinces."))
    english = columns(client, q="sales")["Programme ocop"]
    assert "63 provinces." in english
    assert "63 tỉnh." not in english
    vietnamese = client.get(ADDRESS, {"q": "sales"}, headers={"accept-language": "vi"})
    assert "63 tỉnh." in vietnamese.content.decode()


@pytest.mark.usefixtures("of_scale")
def test_a_cell_that_is_not_in_the_reader_s_language_is_shown_in_that_of_the_table(
    client: Client,
) -> None:
    """Side by side in English, as in the table of the programmes, not in Vietnamese and Thai."""
    original = with_cell("ocop", "63 tỉnh.", language="vi")
    with_cell("ocop", "63 provinces.", translation_of=original, language="en")
    answer = client.get(ADDRESS, {"q": "sales"}, headers={"accept-language": "sw"})
    html = answer.content.decode()
    assert re.search(r'<p lang="en" dir="ltr">63 provinces\.', html)
    assert "63 tỉnh." not in html


def test_a_question_as_near_to_two_dimensions_is_told_both_the_nearer_first(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Fact.objects.create(code="VN-1", statement="Of VN-1.")
    cells = [ProgrammeCell(aspect=one, text=f"Of {one} [@VN-1].") for one in ("market", "training")]
    programme("ocop", cells=cells)
    near = {Dimension.TRAINING: 0.30, Dimension.MARKET: 0.27}
    monkeypatch.setattr(
        dimensions.index, "nearness", lambda *_: [near.get(one, 0.0) for one in dimensions.HINTS]
    )
    told = columns(client, q="sales")["Programme ocop"]
    assert told.index("Of training") < told.index("Of market")
    near[Dimension.MARKET] = 0.25  # less than 0.85 of the nearest
    assert "Of market" not in columns(client, q="sales")["Programme ocop"]
    near |= {Dimension.TRAINING: 0.12, Dimension.MARKET: 0.12}
    assert "Of training" not in columns(client, q="sales")["Programme ocop"]


@pytest.mark.usefixtures("of_scale")
def test_a_cell_of_a_version_that_the_reader_may_not_open_is_not_shown(client: Client) -> None:
    hidden = in_vietnamese(programme("ocop"))
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    assert columns(client, q="sales")["Programme ocop"] == ""
    text = client.get(ADDRESS, {"q": "sales", "format": "csv"}).content.decode("utf-8-sig")
    assert "tỉnh" not in text


@pytest.mark.usefixtures("of_scale")
@pytest.mark.parametrize("language", ["en", "vi"])
def test_what_the_cell_says_is_not_shown_again_as_a_passage(client: Client, language: str) -> None:
    page = with_cell("ocop", "Honey of 63 provinces.")
    with_cell("ocop", "Mật ong của 63 tỉnh.", translation_of=page, language="vi")
    question = {"en": "honey of 63 provinces", "vi": "mật ong của 63 tỉnh"}[language]
    html = client.get(ADDRESS, {"q": question}).content.decode()
    assert "Honey of 63 provinces." in html
    assert "<mark>" not in html


def test_a_passage_that_only_asks_is_no_answer_and_the_next_best_is_looked_at(
    client: Client, programmes: dict[str, ProgrammePage]
) -> None:
    jars = filed(programmes["ovop"], "Stalls", "Who sells honey?")
    assert columns(client)["Programme ovop"] == ""
    filed(programmes["ovop"], "Shops", "Honey is sold in the shops of ten towns by the road.")
    assert "Shops" in columns(client)["Programme ovop"]
    assert jars.title not in columns(client)["Programme ovop"]


def test_beside_a_cell_only_the_best_passage_is_looked_at(client: Client, of_scale: None) -> None:
    page = with_cell("ocop", "63 provinces.")
    filed(page, "Stalls", "Honey?")
    filed(page, "Shops", "Honey is sold in the shops of ten towns by the road.")
    found = columns(client)["Programme ocop"]
    assert "63 provinces." in found
    assert "Shops" not in found
    assert "answer" not in found


def test_where_nothing_is_found_the_search_leads_to_what_profiles_may_say(
    client: Client, settings: Settings
) -> None:
    """A short question is near to a dimension and to no passage."""
    settings.EMBEDDINGS = base.EMBEDDINGS
    html = client.get("/search/", {"q": "o que falhou"}).content.decode()
    assert "See what each programme says of: Criticism" in html
    assert "each programme says of" not in client.get("/search/", {"q": "xyzzy"}).content.decode()

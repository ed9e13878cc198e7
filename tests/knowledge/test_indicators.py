"""The ledger of indicators: every figure with its date, its source and its contradictions."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import translation
from wagtail.models import PageViewRestriction

from knowledge.indicators.chart import HEIGHT, WIDTH, chart_of, time_of
from knowledge.models import (
    Country,
    Fact,
    Indicator,
    IndicatorName,
    IndicatorValue,
    ProgrammePage,
    Source,
)
from knowledge.models.base import WorkPage
from knowledge.templatetags.knowledge_tags import figure, plain_number
from tests.factories import work

pytestmark = pytest.mark.django_db


def indicator(code: str = "sales", **fields: Any) -> Indicator:
    wanted = {"name": f"Name of {code}", "definition": "What is counted.", "unit": "products"}
    made: Indicator = Indicator.objects.create(code=code, **(wanted | fields))
    return made


def value(of: Indicator, amount: str, as_of: str = "", **fields: Any) -> IndicatorValue:
    fields.setdefault("fact", None)
    fact = fields.pop("fact") or Fact.objects.create(
        code=f"XX-{Fact.objects.count() + 1}", statement=f"It was {amount}."
    )
    made: IndicatorValue = IndicatorValue.objects.create(
        indicator=of, value=Decimal(amount), as_of=as_of, fact=fact, **fields
    )
    return made


def programme(code: str = "ocop", **fields: Any) -> WorkPage:
    fields.setdefault("title", f"Programme {code}")
    return work(ProgrammePage, code=code, slug=code, **fields)


def page(client: Client, address: str = "/indicators/", language: str = "en", **asked: Any) -> str:
    response = client.get(address, asked, headers={"accept-language": language})
    assert response.status_code == 200
    return str(response.content.decode())


def rows(client: Client, address: str, **asked: str) -> list[list[str]]:
    response = client.get(address, {"format": "csv", **asked})
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


# Numbers.


@pytest.mark.parametrize(
    ("language", "number", "shown"),
    [
        ("en", "6210.0000", "6,210"),
        ("en", "100", "100"),
        ("en", "65.5000", "65.5"),
        ("en", "0.0001", "0.0001"),
        ("en", "0.0000", "0"),
        ("en", "-1500.25", "-1,500.25"),
        ("en", "999999999", "999,999,999"),
        ("en", "2500000000", "2.5 billion"),
        ("th", "6210", "6,210"),
        ("ja", "6210", "6,210"),
        ("fr", "6210.5", "6\u202f210,5"),
        ("pt", "62100.5", "62\u00a0100,5"),
        ("fr", "237255000000", "237,255 milliards"),
        ("vi", "45000000000000", "45 nghìn tỷ"),
        ("th", "237255000000", "2.37255 แสนล้าน"),
        ("sw", "237255000000", "237,255,000,000"),
        ("vi", "65.5", "65,5"),
        ("ar", "65.5", "65.5"),
    ],
)
def test_a_number_is_written_as_the_reader_writes_it(
    language: str, number: str, shown: str
) -> None:
    with translation.override(language):
        assert plain_number(Decimal(number)) == shown


def test_a_number_of_a_chart_is_written_like_one_of_the_ledger() -> None:
    with translation.override("en"):
        assert [plain_number(one) for one in (1250.0, 0.1, 0.0)] == ["1,250", "0.1", "0"]


@pytest.mark.parametrize(
    ("language", "fields", "shown"),
    [
        ("en", {}, "6,210\u00a0products"),
        ("en", {"upper": Decimal(7000)}, "6,210 to 7,000\u00a0products"),
        ("en", {"bound": "over"}, "at least 6,210\u00a0products"),
        ("en", {"bound": "under"}, "under 6,210\u00a0products"),
        ("en", {"bound": "about"}, "about 6,210\u00a0products"),
        ("en", {"bound": "of a kind nobody knows"}, "6,210\u00a0products"),
        ("en", {"value": Decimal(1)}, "1\u00a0product"),
        ("fr", {"bound": "over"}, "au moins 6\u202f210\u00a0produits"),
        ("ar", {"value": Decimal(3), "upper": Decimal(5)}, "3 إلى 5\u00a0منتجات"),
        ("ar", {"value": Decimal(56)}, "56\u00a0منتجًا"),
        ("ar", {"value": Decimal(200)}, "200\u00a0منتج"),
        ("sw", {"value": Decimal(9)}, "bidhaa\u00a09"),
        ("ja", {"value": Decimal(9)}, "9品目"),
        ("vi", {"value": Decimal("4.5"), "bound": "over"}, "ít nhất 4,5\u00a0sản\u00a0phẩm"),
        ("vi", {"value": Decimal(3), "upper": Decimal(5)}, "3 đến 5\u00a0sản\u00a0phẩm"),
    ],
)
def test_a_figure_says_its_unit_its_range_and_how_exact_it_is(
    language: str, fields: dict[str, Any], shown: str
) -> None:
    one = IndicatorValue(
        **({"value": Decimal(6210)} | fields), indicator=Indicator(unit="products")
    )
    with translation.override(language):
        assert figure(one) == shown


def test_money_is_told_in_its_currency() -> None:
    one = IndicatorValue(value=Decimal(5), indicator=Indicator(unit="money", currency="VND"))
    assert figure(one) == "5\u00a0VND"


# The drawing.


@pytest.mark.parametrize(
    "series",
    [
        [],
        [("2020", 1.0, False)],
        [("", 1.0, False), ("", 2.0, False)],
        [("2020", 1.0, True), ("2020", 2.0, True)],
        [("2020", 1.0, False), ("", 2.0, False)],
    ],
)
def test_what_has_no_course_in_time_is_not_drawn(series: list[tuple[str, float, bool]]) -> None:
    assert chart_of(series) is None


def test_points_stand_in_the_order_of_their_dates() -> None:
    dates = ["2019-12-31", "2020-01-01", "2020-01-02", "2020-02", "2020", "2020-12", "2021-01"]
    shuffled = [*dates[3:], *dates[:3]]
    assert sorted(shuffled, key=time_of) == dates


def test_a_drawing_begins_at_zero_so_that_twice_as_much_is_twice_as_high() -> None:
    chart = chart_of([("2020", 40.0, False), ("2022", 80.0, False)])
    assert chart is not None
    (ground, zero), *_levels = chart.levels
    assert zero == 0
    low, high = (ground - point.y for point in chart.points)
    assert high == pytest.approx(2 * low)


def test_a_drawing_keeps_the_proportions_of_time() -> None:
    chart = chart_of([("2025", 3.0, False), ("2020", 1.0, False), ("2021", 2.0, False)])
    assert chart is not None
    assert [point.value for point in chart.points] == [1.0, 2.0, 3.0]
    first, second, last = (point.x for point in chart.points)
    assert (last - first) == pytest.approx(5 * (second - first))


def test_what_a_source_disputes_is_a_point_but_not_on_the_line() -> None:
    chart = chart_of([("2020", 1.0, False), ("2021", 9.0, True), ("2022", 2.0, False)])
    assert chart is not None
    assert [point.disputed for point in chart.points] == [False, True, False]
    assert len(chart.line.split()) == 2


@pytest.mark.parametrize(
    ("largest", "top"),
    [(0, 1), (0.3, 0.5), (1, 1), (2.3, 2.5), (6210, 10_000), (1000, 1000), (1001, 2000)],
)
def test_the_topmost_line_is_a_round_number_above_all_values(largest: float, top: float) -> None:
    chart = chart_of([("2020", 0.0, False), ("2021", largest, False)])
    assert chart is not None
    assert [level for _y, level in chart.levels] == pytest.approx([0, top / 2, top])


@pytest.mark.parametrize(
    "series",
    [
        [("2020", 0.0, False), ("2021", 0.0, True)],
        [("1961", 1.0, False), ("2024-12-31", 1e15, False)],
        [("2020-01-01", 0.0001, False), ("2020-01-02", 0.0002, False)],
    ],
)
def test_a_drawing_stays_within_its_frame(series: list[tuple[str, float, bool]]) -> None:
    chart = chart_of(series)
    assert chart is not None
    assert all(0 <= point.x <= WIDTH and 0 <= point.y <= HEIGHT for point in chart.points)
    assert all(0 <= x <= WIDTH for x, _year in chart.years)


def test_sixty_years_get_few_marks_in_their_order() -> None:
    chart = chart_of([("1961", 1.0, False), ("2024", 2.0, False)])
    assert chart is not None
    assert 2 <= len(chart.years) <= 7
    assert chart.years == sorted(chart.years)
    assert chart.years[0][1] == 1961


# Pages.


def test_the_list_shows_the_newest_value_and_counts_the_others(client: Client) -> None:
    sales = indicator(name="Products sold")
    value(sales, "6210", "2021-12")
    value(sales, "9000", "2023")
    value(sales, "77", "")
    html = page(client)
    assert "Products sold" in html
    assert "9,000\u00a0products" in html
    assert "6,210" not in html
    assert "77\u00a0products" not in html
    assert "3 values" in html


def test_values_that_contradict_the_newest_stand_beside_it(client: Client) -> None:
    sales = indicator()
    value(sales, "100", "2020")
    value(sales, "500", "2022", conflict="a")
    value(sales, "700", "2023", conflict="a")
    html = page(client)
    assert "500\u00a0products" in html
    assert "700\u00a0products" in html
    assert "100\u00a0products" not in html
    assert "sources disagree" in html


def test_a_value_without_a_date_is_shown_where_there_is_no_other(client: Client) -> None:
    value(indicator(), "42")
    assert "42\u00a0products" in page(client)
    assert "no date" in page(client, "/indicators/sales")


def test_one_indicator_shows_its_values_oldest_first_and_undated_last(client: Client) -> None:
    sales = indicator()
    for amount, as_of in (("4", ""), ("3", "2023-02"), ("1", "2019"), ("2", "2023-01-31")):
        value(sales, amount, as_of)
    assert [row[5] for row in rows(client, "/indicators/sales")[1:]] == ["1", "2", "3", "4"]


def test_one_indicator_shows_definition_drawing_statement_and_source(client: Client) -> None:
    country = Country.objects.create(code="vn", name="Viet Nam")
    sales = indicator(definition="All that was graded.", country=country, kind="target")
    fact = Fact.objects.create(code="VN-1", statement="They set 6,210.", status="weak")
    fact.sources.add(Source.objects.create(title="Decree", address="https://example.org/d"))
    value(sales, "6210", "2021", fact=fact)
    value(sales, "7000", "2022")
    html = page(client, "/indicators/sales")
    assert "All that was graded." in html
    assert "target" in html
    assert "Viet Nam" in html
    assert "They set 6,210." in html
    assert "weak source" in html
    assert 'href="https://example.org/d"' in html
    assert html.count("<circle") == 2


def test_a_disagreement_is_told_with_what_explains_it(client: Client) -> None:
    sales = indicator()
    value(sales, "5", "2020", conflict="a")
    value(sales, "6", "2020", conflict="a")
    sales.conflict_facts.add(Fact.objects.create(code="CF-1", statement="One counts twice."))
    sales.save()
    html = page(client, "/indicators/sales")
    assert "Sources disagree." in html
    assert "One counts twice." in html
    assert "Read with care:" not in html


def test_an_explanation_without_a_disagreement_is_a_word_of_care(client: Client) -> None:
    sales = indicator()
    value(sales, "5", "2020")
    sales.conflict_facts.add(Fact.objects.create(code="CF-1", statement="One counts twice."))
    sales.save()
    html = page(client, "/indicators/sales")
    assert "Read with care:" in html
    assert "Sources disagree." not in html


def test_an_indicator_that_has_no_value_yet_does_not_break_the_pages(client: Client) -> None:
    indicator(name="Empty so far")
    assert "Empty so far" in page(client)
    assert "<svg" not in page(client, "/indicators/sales")
    assert len(rows(client, "/indicators/sales")) == 1


def test_indicators_stand_under_their_programmes_those_of_none_last(client: Client) -> None:
    programme("otop")
    programme("ocop")
    indicator("a", programme="")
    indicator("b", programme="otop")
    indicator("c", programme="ocop")
    html = page(client)
    places = [html.index(f">Name of {code}<") for code in ("c", "b", "a")]
    assert places == sorted(places)
    assert "Of no single programme" in html


def test_a_portal_without_indicators_says_so(client: Client) -> None:
    assert "There is no indicator here yet." in page(client)
    assert client.get("/indicators/", {"format": "json"}).json() == []


def test_the_list_can_be_narrowed_to_one_programme(client: Client) -> None:
    programme("ocop")
    programme("otop")
    indicator("b", programme="otop")
    indicator("c", programme="ocop")
    html = page(client, programme="otop")
    assert "Name of b" in html
    assert "Name of c" not in html
    assert '<option value="otop" selected' in html
    assert '<option value="ocop"' in html
    value(Indicator.objects.get(code="b"), "1")
    value(Indicator.objects.get(code="c"), "1")
    assert [row[0] for row in rows(client, "/indicators/", programme="otop")[1:]] == ["b"]


@pytest.mark.parametrize("asked", ["no-such", "OCOP", "<script>alert(1)</script>", "a" * 5000])
def test_a_programme_that_nobody_knows_has_no_indicators(client: Client, asked: str) -> None:
    programme("ocop")
    indicator("c", programme="ocop")
    html = page(client, programme=asked)
    assert "There is no indicator here yet." in html
    assert "<script>alert" not in html


@pytest.mark.parametrize("code", ["no-such", "SALES", "9" * 300, "%3Cscript%3E", "a/b"])
def test_an_indicator_that_does_not_exist_is_a_404(client: Client, code: str) -> None:
    indicator()
    assert client.get(f"/indicators/{code}").status_code == 404


@pytest.mark.parametrize("address", ["/indicators/", "/indicators/sales"])
def test_the_ledger_is_only_read(client: Client, address: str) -> None:
    indicator()
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


@pytest.mark.parametrize("form", ["xml", "CSV", "\x00"])
@pytest.mark.parametrize("address", ["/indicators/", "/indicators/sales"])
def test_a_form_that_is_not_offered_is_refused_in_plain_words(
    client: Client, address: str, form: str
) -> None:
    indicator()
    response = client.get(address, {"format": form})
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == f"Unknown: format={form}. Known: csv, json.\n"
    assert client.get(address, {"format": ""}).headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_table_of_a_programme_that_does_not_exist_is_refused_and_one_of_no_figures_is_empty(
    client: Client, form: str
) -> None:
    programme("ocop")
    asked = {"format": form, "programme": "no-such"}
    response = client.get("/indicators/", asked)
    assert response.status_code == 400
    assert response.content.decode() == "Unknown: programme=no-such. Known: ocop.\n"
    assert client.get("/indicators/", asked | {"programme": "ocop"}).status_code == 200


@pytest.mark.parametrize("address", ["/indicators/", "/indicators/sales"])
def test_texts_of_editors_are_no_markup(client: Client, address: str) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    sales = indicator(name=hostile, definition=hostile)
    fact = Fact.objects.create(code="XX-1", statement=hostile)
    fact.sources.add(Source.objects.create(title=hostile, document="x"))
    value(sales, "1", "2020", fact=fact)
    value(sales, "2", "2021", conflict="a")
    sales.conflict_facts.add(fact)
    sales.save()
    html = page(client, address)
    assert "&lt;img src=x" in html
    assert "<img src=x" not in html


# Rights.


def hide(page: WorkPage, how: str) -> None:
    if how == "draft":
        page.unpublish()
    else:
        PageViewRestriction.objects.create(page=page, restriction_type=how)


@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_an_indicator_is_hidden_with_the_programme_that_it_belongs_to(
    client: Client, how: str
) -> None:
    hidden = programme("secret", title="Secret programme")
    programme("ocop")
    value(indicator("shown", programme="ocop"), "7", "2020")
    value(indicator("veiled", programme="secret"), "8888", "2020")
    hide(hidden, how)
    html = page(client)
    assert "Name of shown" in html
    assert "veiled" not in html
    assert "ecret" not in html
    assert [row[0] for row in rows(client, "/indicators/")[1:]] == ["shown"]
    found = client.get("/indicators/", {"format": "json"}).json()
    assert [one["code"] for one in found] == ["shown"]


@pytest.mark.parametrize("asked", [{}, {"format": "csv"}, {"format": "json"}])
@pytest.mark.parametrize("how", ["draft", "login", "groups"])
def test_a_hidden_indicator_answers_like_one_that_does_not_exist(
    client: Client, how: str, asked: dict[str, str]
) -> None:
    hide(programme("secret"), how)
    value(indicator("veiled", programme="secret"), "8888", "2020")
    assert client.get("/indicators/veiled", asked).status_code == 404
    hidden = client.get("/indicators/", {"programme": "secret", **asked}).content.decode()
    unknown = client.get("/indicators/", {"programme": "no-such", **asked}).content.decode()
    assert "veiled" not in hidden
    assert "8888" not in hidden
    if asked:
        assert hidden == unknown.replace("no-such", "secret")


def test_a_programme_of_a_group_shows_its_indicators_to_its_members(client: Client) -> None:
    group = Group.objects.create(name="Partners")
    user = User.objects.create_user("partner")
    restriction = PageViewRestriction.objects.create(
        page=programme("secret"), restriction_type="groups"
    )
    restriction.groups.add(group)
    indicator("veiled", programme="secret")
    client.force_login(user)
    assert "Name of veiled" not in page(client)
    user.groups.add(group)
    assert "Name of veiled" in page(client)
    assert client.get("/indicators/veiled").status_code == 200


def test_an_indicator_of_a_programme_that_has_no_page_is_not_shown(client: Client) -> None:
    indicator("stray", programme="no-page")
    assert "Name of stray" not in page(client)


# Languages.


def test_name_and_definition_are_those_of_the_readers_language(client: Client) -> None:
    sales = indicator(name="Sales", definition="In English.")
    IndicatorName.objects.create(
        indicator=sales, language="fr", name="Ventes", definition="En français."
    )
    assert "Ventes" in page(client, language="fr")
    html = page(client, "/indicators/sales", "fr")
    assert "En français." in html
    assert "In English." not in html
    assert "In English." in page(client, "/indicators/sales", "th")


@pytest.mark.parametrize(
    ("definition", "shown"),
    [
        ("ما يُحسب.", 'lang="ar" dir="rtl">ما يُحسب.'),
        ("", 'lang="en" dir="ltr">What is counted.'),
    ],
)
def test_a_definition_says_its_own_direction_on_a_page_from_right_to_left(
    client: Client, definition: str, shown: str
) -> None:
    sales = indicator()
    IndicatorName.objects.create(
        indicator=sales, language="ar", name="مبيعات", definition=definition
    )
    value(sales, "5", "2020")
    value(sales, "6", "2021")
    html = page(client, "/indicators/sales", "ar")
    assert '<html lang="ar" dir="rtl">' in html
    assert "<h1>مبيعات</h1>" in html
    assert shown in html
    assert '<figure class="chart" dir="ltr">' in html


# Tables and JSON.


def test_the_table_has_plain_numbers_and_the_places_where_they_were_read(client: Client) -> None:
    programme("ocop")
    sales = indicator(programme="ocop", name="Bán", unit="money", currency="VND")
    fact = Fact.objects.create(code="VN-1", statement="Statement.", status="unverified")
    fact.sources.add(Source.objects.create(publisher="A", title="A", address="https://a.example"))
    fact.sources.add(Source.objects.create(publisher="B", title="B", document="Paper 7"))
    value(sales, "1200000", "2021", upper=Decimal("1500000.5"), bound="about", fact=fact)
    response = client.get("/indicators/sales", {"format": "csv"})
    assert response.headers["Content-Type"].startswith("text/csv")
    assert 'filename="sales.csv"' in response.headers["Content-Disposition"]
    head, row = rows(client, "/indicators/sales")
    assert len(head) == len(row)
    assert dict(zip(head, row, strict=True)) == {
        "Code": "sales",
        "Programme": "ocop",
        "Indicator": "Bán",
        "Definition": "What is counted.",
        "Kind": "count",
        "Value": "1200000",
        "Up to": "1500000.5",
        "Exactness": "about",
        "Unit": "VND",
        "As of": "2021",
        "Disagreement": "",
        "Status": "unverified",
        "Fact": "VN-1",
        "Statement": "Statement.",
        "Sources": "https://a.example | Paper 7",
        "Read with care": "",
    }


def test_table_and_json_bring_what_explains_a_disagreement_or_a_trap(client: Client) -> None:
    for code in ("sales", "shops"):
        value(indicator(code), "5", "2020", conflict="a")
        value(Indicator.objects.get(code=code), "6", "2020", conflict="a")
    explaining = [
        Fact.objects.create(code=f"CF-{one}", statement=f"They count {one}.") for one in (1, 2)
    ]
    sales = Indicator.objects.get(code="sales")
    sales.conflict_facts.set(explaining)
    sales.save()
    head, *told = rows(client, "/indicators/")
    by_code = {row[0]: dict(zip(head, row, strict=True)) for row in told}
    assert by_code["sales"]["Read with care"] == "CF-1: They count 1. | CF-2: They count 2."
    assert by_code["shops"]["Read with care"] == ""
    assert {row[10] for row in told} == {"sales:a", "shops:a"}
    found = {one["code"]: one for one in client.get("/indicators/?format=json").json()}
    assert found["sales"]["explanations"] == [
        {"fact": "CF-1", "statement": "They count 1."},
        {"fact": "CF-2", "statement": "They count 2."},
    ]
    assert found["shops"]["explanations"] == []
    assert {one["disagreement"] for one in found["shops"]["values"]} == {"shops:a"}


def test_a_source_in_json_says_what_it_is_and_a_note_stands_once(client: Client) -> None:
    fact = Fact.objects.create(code="VN-1", statement="So it is.", note="Table 3.")
    fact.sources.add(
        Source.objects.create(
            publisher="A", title="Yearbook", address="https://a.example", dated="2021-02"
        ),
        Source.objects.create(title="Minutes", document="Minutes, p. 7"),
    )
    value(indicator(), "5", "2020", fact=fact)
    (only,) = client.get("/indicators/sales?format=json").json()[0]["values"]
    assert only["note"] == "Table 3."
    assert sorted(only["sources"], key=lambda one: one["title"]) == [
        {"title": "Minutes", "publisher": None, "date": None, "url": None,
         "document": "Minutes, p. 7"},
        {"title": "Yearbook", "publisher": "A", "date": "2021-02", "url": "https://a.example",
         "document": None},
    ]  # fmt: skip


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_no_cell_of_the_table_is_a_formula(client: Client, begin: str) -> None:
    sales = indicator(name=f"{begin}1+1", definition=f"{begin}cmd|'/c calc'!A0")
    value(sales, "1", fact=Fact.objects.create(code="XX-1", statement=f"{begin}SUM(A1)"))
    _head, row = rows(client, "/indicators/sales")
    assert [row[2], row[13]] == [f"'{begin}1+1", f"'{begin}SUM(A1)"]
    assert row[3].startswith("'")


def test_json_has_numbers_as_numbers_and_null_for_what_is_not_known(client: Client) -> None:
    sales = indicator(name="Doanh số", country=Country.objects.create(code="vn", name="Viet Nam"))
    value(sales, "6210.5", "", upper=Decimal(7000), bound="over", conflict="a")
    response = client.get("/indicators/sales", {"format": "json"})
    assert 'filename="sales.json"' in response.headers["Content-Disposition"]
    assert "Doanh số" in response.content.decode()
    (found,) = response.json()
    assert (found["programme"], found["country"], found["currency"]) == (None, "VN", None)
    (only,) = found["values"]
    assert only == {
        "value": 6210.5,
        "upper": 7000.0,
        "bound": "over",
        "as_of": None,
        "disagreement": "sales:a",
        "status": "sourced",
        "fact": "XX-1",
        "statement": "It was 6210.5.",
        "sources": [],
    }


def test_page_table_and_json_show_the_same_values(client: Client) -> None:
    sales = indicator()
    for amount, as_of in (("5", "2020"), ("5", "2020"), ("6", "")):
        value(sales, amount, as_of)
    (found,) = client.get("/indicators/", {"format": "json"}).json()
    assert len(found["values"]) == 3
    assert len(rows(client, "/indicators/")) == 1 + 3
    assert page(client, "/indicators/sales").count('<tr id="value-') == 3

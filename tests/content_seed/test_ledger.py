"""Small files in place of the shipped ones; what an editor made of an entry is never lost."""

import datetime as dt
from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from content_seed import ledger
from content_seed.ledger import load_ledger
from content_seed.parse import CollectionError
from knowledge.models import AmbiguousName, Country, Fact, Indicator, Transfer

pytestmark = pytest.mark.django_db

Files = dict[str, list[dict[str, Any]]]
Fault = Callable[[dict[str, Any]], object]

INDICATORS, LINEAGE, NAMES = "indicators/*.yaml", "lineage.yaml", "names.yaml"
ENTRIES: Mapping[str, dict[str, Any]] = {
    INDICATORS: {
        "code": "vn-products",
        "programme": "ocop-viet-nam",
        "country": "vn",
        "unit": "money",
        "currency": "VND",
        "kind": "target",
        "names": {"en": "Products", "vi": "Sản phẩm", "ar": "منتجات"},
        "definition": {"en": "Graded products.", "vi": "Sản phẩm đã phân hạng."},
        "values": [
            {"value": 4469, "as_of": 2021, "fact": "VN-1"},
            {"value": 100, "to": 120.5, "bound": "about", "fact": "VN-2", "conflict": "a"},
        ],
        "conflict_facts": ["VN-2", "VN-1"],
    },
    LINEAGE: {
        "origin": "ovop-oita",
        "heir": "otop-thailand",
        "year": 2001,
        "taken": {"en": "The idea [@VN-1].", "th": "แนวคิด [@VN-1]"},
        "changed": {"en": "A central body [@VN-2]."},
    },
    NAMES: {
        "name": "OCOP",
        "also": ["O.C.O.P.", 1048],
        "programmes": ["ocop-viet-nam", "fao-ocop"],
        "explain": {"en": "Two programmes [@VN-1].", "vi": "Hai chương trình [@VN-1]."},
    },
}


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """Return the files by pattern, one entry each; what a test writes into them is loaded."""
    files = {pattern: [deepcopy(entry)] for pattern, entry in ENTRIES.items()}
    monkeypatch.setattr(ledger, "_read", lambda pattern: iter(files[pattern]))
    for code in ("VN-1", "VN-2"):
        Fact.objects.create(code=code, statement="x")
    Country.objects.create(code="vn", name="Vietnam")
    return files


def told(model: type[models.Model]) -> dict[str, Any]:
    """Return what the one entry says, in the form of the file."""
    state: dict[str, Any] = ledger._FORMS[model][0](model._default_manager.get())
    return state


def rows() -> list[tuple[object, ...]]:
    """Return every row of the three kinds with its key, so that one made anew is seen."""
    relations = ((Indicator, "names"), (Indicator, "values"), (Transfer, "texts"), (AmbiguousName, "texts"))  # fmt: skip
    children = [
        (one.pk, child.pk)
        for model, relation in relations
        for one in model._default_manager.all()
        for child in getattr(one, relation).all()
    ]
    return [*children, *Indicator.objects.values_list("pk", "loaded_as", "changed_at")]


def test_an_indicator_arrives_with_all_it_says() -> None:
    load_ledger()
    indicator = Indicator.objects.get(code="vn-products")
    assert (indicator.name, indicator.programme) == ("Products", "ocop-viet-nam")
    assert (indicator.unit, indicator.currency, indicator.kind) == ("money", "VND", "target")
    assert indicator.country is not None
    assert indicator.country.code == "vn"
    assert (indicator.name_in("vi"), indicator.name_in("ar")) == ("Sản phẩm", "منتجات")
    assert {fact.code for fact in indicator.conflict_facts.all()} == {"VN-1", "VN-2"}
    first, second = indicator.values.all()
    assert (first.value, first.upper, first.as_of, first.fact.code) == (4469, None, "2021", "VN-1")
    assert (second.upper, second.bound, second.conflict) == (Decimal("120.5"), "about", "a")


def test_an_indicator_without_country_kind_or_conflict_is_a_plain_count(files: Files) -> None:
    (entry,) = files[INDICATORS]
    for key in ("country", "kind", "currency", "conflict_facts", "programme"):
        del entry[key]
    load_ledger()
    indicator = Indicator.objects.get()
    assert (indicator.country, indicator.kind, indicator.currency) == (None, "count", "")


def test_a_transfer_arrives_in_every_language_that_tells_a_part_of_it() -> None:
    load_ledger()
    assert told(Transfer) == {
        "year": 2001,
        "is_offer": False,
        "texts": [
            ["en", "The idea [@VN-1].", "A central body [@VN-2].", ""],
            ["th", "แนวคิด [@VN-1]", "", ""],
        ],
    }


def test_an_offer_needs_no_year(files: Files) -> None:
    files[LINEAGE][0].update(year=None, offer=True)
    load_ledger()
    assert (told(Transfer)["year"], told(Transfer)["is_offer"]) == (None, True)


def test_an_ambiguous_name_arrives_with_its_spellings_and_programmes_a_line_each() -> None:
    load_ledger()
    name = AmbiguousName.objects.get(name="OCOP")
    assert name.other_spellings.splitlines() == ["O.C.O.P.", "1048"]
    assert name.programmes.splitlines() == ["ocop-viet-nam", "fao-ocop"]
    assert name.texts.get(language="vi").explanation == "Hai chương trình [@VN-1]."


def test_a_second_run_changes_nothing() -> None:
    load_ledger()
    before = rows()
    load_ledger()
    assert rows() == before


def test_a_run_with_force_makes_no_entry_twice() -> None:
    load_ledger()
    load_ledger(force=True)
    assert [model._default_manager.count() for model in ledger._FORMS] == [1, 1, 1]
    assert len(told(Indicator)["values"]) == len(told(Transfer)["texts"]) == 2


CHANGES = [
    (INDICATORS, Indicator, {"unit": "people"}, ("unit", "people")),
    (LINEAGE, Transfer, {"year": 2003}, ("year", 2003)),
    (NAMES, AmbiguousName, {"also": ["OCOP!"]}, ("other_spellings", "OCOP!")),
]
"""Where the file is changed, and what the entry then says."""


@pytest.mark.parametrize(("pattern", "model", "change", "expected"), CHANGES)
def test_a_changed_file_renews_an_untouched_entry_in_its_place(
    files: Files,
    pattern: str,
    model: type[models.Model],
    change: dict[str, object],
    expected: tuple[str, object],
) -> None:
    load_ledger()
    key = model._default_manager.get().pk
    files[pattern][0].update(change)
    load_ledger()
    assert model._default_manager.get().pk == key
    assert told(model)[expected[0]] == expected[1]


@pytest.mark.parametrize(("pattern", "model", "change", "expected"), CHANGES)
def test_an_entry_renewed_once_is_renewed_again(
    files: Files,
    pattern: str,
    model: type[models.Model],
    change: dict[str, object],
    expected: tuple[str, object],
) -> None:
    load_ledger()
    original = told(model)
    files[pattern][0].update(change)
    load_ledger()
    files[pattern][0].update(deepcopy(ENTRIES[pattern]))
    load_ledger()
    assert told(model) == original


def edit_field(model: type[models.Model]) -> None:
    field = {Indicator: "definition", Transfer: "is_offer", AmbiguousName: "programmes"}[model]
    entry = model._default_manager.get()
    setattr(entry, field, True if model is Transfer else "by-an-editor")
    entry.save()


def edit_part(model: type[models.Model]) -> None:
    entry: Any = model._default_manager.get()
    entry.values.first().delete() if model is Indicator else entry.texts.first().delete()


@pytest.mark.parametrize("edit", [edit_field, edit_part])
@pytest.mark.parametrize(("pattern", "model", "change", "expected"), CHANGES)
def test_an_edited_entry_is_kept_until_forced(
    files: Files,
    edit: Callable[[type[models.Model]], None],
    pattern: str,
    model: type[models.Model],
    change: dict[str, object],
    expected: tuple[str, object],
) -> None:
    load_ledger()
    edit(model)
    edited = told(model)
    load_ledger()
    files[pattern][0].update(change)
    load_ledger()
    assert told(model) == edited
    load_ledger(force=True)
    field, value = expected
    assert told(model) == {**loaded_anew(model), field: value}


def loaded_anew(model: type[models.Model]) -> dict[str, Any]:
    """Return what the entry says that is made out of the file alone."""
    model._default_manager.all().delete()
    load_ledger(force=True)
    return told(model)


def test_a_force_that_found_an_edited_entry_leaves_it_to_the_file_again(files: Files) -> None:
    load_ledger()
    edit_field(Indicator)
    load_ledger(force=True)
    files[INDICATORS][0]["unit"] = "people"
    load_ledger()
    assert told(Indicator)["unit"] == "people"


def test_an_edited_entry_stops_no_other_from_being_renewed(files: Files) -> None:
    load_ledger()
    edit_field(Indicator)
    files[LINEAGE][0]["year"] = 2003
    load_ledger()
    assert told(Transfer)["year"] == 2003


def test_an_entry_that_an_editor_made_first_is_kept() -> None:
    AmbiguousName.objects.create(name="OCOP", programmes="mine")
    load_ledger()
    assert told(AmbiguousName) == {"other_spellings": "", "programmes": "mine", "texts": []}


def test_what_is_gone_from_an_entry_in_the_file_is_gone_from_it(files: Files) -> None:
    load_ledger()
    (entry,) = files[INDICATORS]
    del entry["names"]["ar"], entry["values"][0], entry["country"], entry["conflict_facts"]
    del files[LINEAGE][0]["taken"]["th"]
    load_ledger()
    indicator = told(Indicator)
    assert [name[0] for name in indicator["names"]] == ["vi"]
    assert [value[0] for value in indicator["values"]] == ["100"]
    assert (indicator["country"], indicator["conflict_facts"]) == ("", [])
    assert [text[0] for text in told(Transfer)["texts"]] == ["en"]


def test_values_stand_in_the_order_of_the_file(files: Files) -> None:
    values = [{"value": value, "fact": "VN-1"} for value in (30, 10, 20)]
    files[INDICATORS][0]["values"] = values
    load_ledger()
    files[INDICATORS][0]["values"] = values[::-1]
    load_ledger()
    assert [value[0] for value in told(Indicator)["values"]] == ["20", "10", "30"]


@pytest.mark.parametrize(
    ("value", "as_of"),
    [
        (0, None),
        (100, ""),
        (12.5, 2023),
        (0.1, "2023-02"),
        ("1234567.8900", dt.date(2023, 2, 24)),
        ("1e3", "2023-02-24"),
        (-5, None),
    ],
    ids=str,
)
def test_no_way_to_write_a_number_or_a_date_passes_for_an_edit(
    files: Files, value: object, as_of: object
) -> None:
    files[INDICATORS][0]["values"] = [{"value": value, "as_of": as_of, "fact": "VN-1"}]
    load_ledger()
    files[INDICATORS][0]["unit"] = "people"
    load_ledger()
    assert told(Indicator)["unit"] == "people"


def value(**fields: object) -> Fault:
    return lambda entry: entry["values"][0].update(fields)


@pytest.mark.parametrize(
    ("pattern", "fault", "named"),
    [
        (INDICATORS, lambda entry: entry.update(unit="villagers"), "vn-products.*villagers"),
        (INDICATORS, lambda entry: entry.update(kind="guess"), "vn-products.*guess"),
        (INDICATORS, lambda entry: entry.update(currency="vnd"), "vn-products"),
        (INDICATORS, lambda entry: entry.update(country="xx"), "vn-products"),
        (INDICATORS, lambda entry: entry.update(programme="two words"), "vn-products"),
        (INDICATORS, lambda entry: entry.update(code="two words"), "two words"),
        (INDICATORS, lambda entry: entry["names"].update(en=""), "vn-products.*name"),
        (INDICATORS, lambda entry: entry["names"].update(en="x" * 256), "vn-products.*name"),
        (INDICATORS, value(fact="XX-99"), "vn-products"),
        (INDICATORS, value(as_of="soon"), "vn-products.*as_of"),
        (INDICATORS, value(as_of="2023-02-30"), "vn-products.*as_of"),
        (INDICATORS, value(bound="perhaps"), "vn-products.*perhaps"),
        (INDICATORS, value(conflict="more letters"), "vn-products.*conflict"),
        (INDICATORS, value(value="1.23456"), "vn-products.*value"),
        (INDICATORS, value(value=10**24), "vn-products.*value"),
        (LINEAGE, lambda entry: entry.update(year=-1), "ovop-oita.*otop-thailand.*year"),
        (LINEAGE, lambda entry: entry.update(heir="<b>otop</b>"), "<b>otop</b>"),
        (LINEAGE, lambda entry: entry["taken"].update(en="No mark."), "ovop-oita.*taken"),
        (LINEAGE, lambda entry: entry["changed"].update(en="x [@XX-99]"), "ovop-oita.*XX-99"),
        (LINEAGE, lambda entry: entry["taken"].update(xx="x [@VN-1]"), "ovop-oita.*xx"),
        (LINEAGE, lambda entry: entry["taken"].update(th=""), "ovop-oita.*otop-thailand"),
        (NAMES, lambda entry: entry.update(name="O" * 101), "O{101}.*100"),
        (NAMES, lambda entry: entry.update(programmes=[]), "OCOP.*programmes"),
        (NAMES, lambda entry: entry["explain"].update(en="No mark."), "OCOP.*explanation"),
        (NAMES, lambda entry: entry["explain"].update(en="x [@XX-99]"), "OCOP.*XX-99"),
        (NAMES, lambda entry: entry["explain"].update(xx="x [@VN-1]"), "OCOP.*xx"),
    ],
)
def test_a_faulty_entry_is_named_and_not_loaded(
    files: Files, pattern: str, fault: Fault, named: str
) -> None:
    fault(files[pattern][0])
    with pytest.raises(CollectionError, match=named):
        load_ledger()
    models_of: dict[str, type[models.Model]] = {
        INDICATORS: Indicator,
        LINEAGE: Transfer,
        NAMES: AmbiguousName,
    }
    model = models_of[pattern]
    assert not model._default_manager.exists()


def test_an_entry_that_turns_faulty_leaves_what_was_loaded_before(files: Files) -> None:
    load_ledger()
    before = rows()
    files[INDICATORS][0]["values"][0]["fact"] = "XX-99"
    with pytest.raises(CollectionError, match="vn-products"):
        load_ledger()
    assert rows() == before


def test_one_fault_among_good_entries_is_the_one_that_is_named(files: Files) -> None:
    good = files[INDICATORS][0]
    files[INDICATORS] = [good, {**good, "code": "bad-one", "unit": "x"}, {**good, "code": "z"}]
    with pytest.raises(CollectionError, match="bad-one") as raised:
        load_ledger()
    assert "vn-products" not in str(raised.value)


@pytest.mark.parametrize("pattern", [INDICATORS, LINEAGE, NAMES])
def test_an_empty_file_takes_nothing_away(files: Files, pattern: str) -> None:
    load_ledger()
    before = rows()
    files[pattern].clear()
    load_ledger()
    assert rows() == before


@pytest.mark.parametrize("model", [Indicator, Transfer, AmbiguousName])
def test_what_an_editor_deleted_does_not_come_back_unless_forced(model: Any) -> None:
    load_ledger()
    model.objects.get().delete()
    load_ledger()
    assert not model.objects.exists()
    load_ledger(force=True)
    assert model.objects.count() == 1

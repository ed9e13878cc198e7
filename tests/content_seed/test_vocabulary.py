from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext

from content_seed import vocabulary
from content_seed.models import LoadedEntry
from content_seed.parse import read_table
from content_seed.vocabulary import (
    ensure_facts,
    load_evidence,
    load_vocabulary,
    loaded_country,
    places_of,
)
from knowledge.compare.dimensions import HINTS
from knowledge.models import (
    AmbiguousName,
    AmbiguousNameText,
    Country,
    Dimension,
    Fact,
    GlossaryName,
    GlossaryTerm,
    ProgrammeCell,
    ProgrammePage,
    Source,
    Theme,
    Transfer,
    TransferText,
)
from portal.settings.languages import INTERFACE_LANGUAGES
from tests.factories import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed() -> dict[str, dict[str, str]]:
    """Rows of our own in place of sources.tsv."""
    return {}


@pytest.fixture
def ledger(
    monkeypatch: pytest.MonkeyPatch, listed: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """A ledger of our own in place of facts.tsv."""
    rows: dict[str, dict[str, str]] = {}

    def add(code: str, source: str, status: str = "sourced", fact: str = "x") -> None:
        rows[code] = {"code": code, "fact": fact, "source": source, "status": status}

    add("VN-1", "https://a.example/one ; https://b.example/two-words.html")
    add("VN-2", "001_fe5f512257665e28.txt L4", "weak source")
    add("VN-3", "see VN-1; VN-2", "unverified")
    add("VN-4", "https://a.example/one, page 7")
    add("VN-5", "VN-5")
    add("VN-6", "personal knowledge of the project")
    add("VN-7", "(https://c.example/in-brackets).")

    def read(name: str) -> object:
        if name == "sources.tsv":
            return iter([{"address": address, **row} for address, row in listed.items()])
        return iter(rows.values()) if name == "facts.tsv" else read_table(name)

    monkeypatch.setattr(vocabulary, "read_table", read)
    return rows


def sources(code: str) -> set[str]:
    return {
        source.address or source.document for source in Fact.objects.get(code=code).sources.all()
    }


ONE, TWO, DOCUMENT = "https://a.example/one", "https://b.example/two-words.html", "001_fe5f512257665e28.txt"  # fmt: skip


@pytest.mark.usefixtures("ledger")
def test_a_fact_with_two_addresses_has_two_sources() -> None:
    load_evidence()
    assert sources("VN-1") == {ONE, TWO}


@pytest.mark.usefixtures("ledger")
def test_a_fact_that_refers_to_others_has_their_sources() -> None:
    load_evidence()
    assert sources("VN-3") == {ONE, TWO, DOCUMENT}


@pytest.mark.usefixtures("ledger")
def test_a_fact_that_refers_to_itself_has_none() -> None:
    load_evidence()
    assert sources("VN-5") == set()


@pytest.mark.usefixtures("ledger")
def test_one_place_is_one_source_however_many_facts_cite_it() -> None:
    load_evidence()
    assert Source.objects.filter(address=ONE).count() == 1
    assert sources("VN-4") == {ONE}


@pytest.mark.usefixtures("ledger")
def test_punctuation_around_an_address_is_not_part_of_it() -> None:
    load_evidence()
    assert sources("VN-7") == {"https://c.example/in-brackets"}


@pytest.mark.usefixtures("ledger")
def test_a_seed_document_is_described_as_the_list_says() -> None:
    load_evidence()
    source = Source.objects.get(document=DOCUMENT)
    assert source.title.startswith("News report on the forum to connect the global OCOP network")
    assert (source.publisher, source.dated, source.language) == ("Dân Việt, Trần Đáng", "2019-04-17", "vi")  # fmt: skip


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://a.org/wiki/Product_(Taiwan)", "https://a.org/wiki/Product_(Taiwan)"),
        ("https://a.org/one-(otop)-to-promote/en", "https://a.org/one-(otop)-to-promote/en"),
        ("(see https://a.org/one), p. 4", "https://a.org/one"),
        ("https://a.org/one (https://b.org/two).", "https://a.org/one"),
    ],
)
def test_brackets_of_an_address_stay_with_it(written: str, address: str) -> None:
    row = {"code": "XX-1", "fact": "", "source": written}
    assert next(places_of(row, {})) == address


@pytest.mark.usefixtures("ledger")
def test_a_web_address_describes_itself() -> None:
    load_evidence()
    source = Source.objects.get(address=TWO)
    assert (source.title, source.publisher) == ("two words", "b.example")


LISTED = {"title": "Hai từ", "publisher": "Báo B", "dated": "2019-04", "language": "vi"}


def told(address: str) -> dict[str, str]:
    return Source.objects.values(*LISTED).get(address=address)


@pytest.mark.usefixtures("ledger")
def test_a_web_address_is_described_as_it_is_listed(listed: dict[str, dict[str, str]]) -> None:
    listed[TWO] = LISTED
    load_evidence()
    assert told(TWO) == LISTED
    assert told(ONE)["title"] == "a.example"


@pytest.mark.usefixtures("ledger")
def test_a_source_from_before_it_was_listed_is_renamed_whoever_wrote_the_fact(
    listed: dict[str, dict[str, str]],
) -> None:
    load_evidence()
    Fact.objects.update(statement="An editor's.")
    listed[TWO] = LISTED
    load_evidence()
    assert told(TWO) == LISTED
    assert Source.objects.filter(address=TWO).count() == 1


@pytest.mark.usefixtures("ledger")
def test_a_source_gets_its_publisher_once_that_is_known(
    listed: dict[str, dict[str, str]],
) -> None:
    """A portal that was loaded before has the host in its place."""
    listed[TWO] = {**LISTED, "publisher": "b.example"}
    load_evidence()
    listed[TWO] = LISTED
    load_evidence()
    assert told(TWO) == LISTED
    listed[TWO] = {**LISTED, "publisher": "Nhà xuất bản"}
    load_evidence()
    assert told(TWO) == LISTED


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(("field", "value"), [*LISTED.items()])
def test_a_source_that_an_editor_described_stays_unless_forced(
    listed: dict[str, dict[str, str]], field: str, value: str
) -> None:
    load_evidence()
    Source.objects.filter(address=TWO).update(**{field: value})
    before = told(TWO)
    listed[TWO] = {**LISTED, "title": "Listed", "publisher": "Listed"}
    load_evidence()
    assert told(TWO) == before
    load_evidence(force=True)
    assert told(TWO) == listed[TWO]


@pytest.mark.usefixtures("ledger")
def test_the_status_is_taken_over() -> None:
    load_evidence()
    assert {fact.code: fact.status for fact in Fact.objects.filter(code__lte="VN-3")} == {
        "VN-1": "sourced",
        "VN-2": "weak",
        "VN-3": "unverified",
    }


def test_what_stands_beside_the_place_is_not_shown_as_part_of_it(
    ledger: dict[str, dict[str, str]],
) -> None:
    row = {"fact": "x", "status": "weak source"}
    ledger["MW-1"] = {**row, "code": "MW-1", "source": f"{ONE}, weak source"}
    ledger["MW-2"] = {**row, "code": "MW-2", "source": f"{DOCUMENT} L4, weak source"}
    ledger["MW-3"] = {**row, "code": "MW-3", "source": f"computed from {DOCUMENT}"}
    ledger["MW-4"] = {**row, "code": "MW-4", "source": f"computed from {DOCUMENT} L6"}
    load_evidence()
    notes = Fact.objects.filter(code__startswith="MW").order_by("code").values_list("note")
    assert [note for (note,) in notes] == ["", "L4", "", "L6"]


def test_what_no_source_says_is_a_remark_and_not_called_sourced(
    ledger: dict[str, dict[str, str]],
) -> None:
    compared = {"code": "CF-1", "fact": "VN-1 against VN-2: use VN-1.", "source": ""}
    ledger["CF-1"] = {**compared, "status": "sourced"}
    ledger["CF-2"] = {**compared, "code": "CF-2", "status": "unverified"}
    load_evidence()
    remark = Fact.objects.get(code="CF-1")
    assert (remark.status, remark.note) == ("remark", "")
    assert sources("CF-1") == {*sources("VN-1"), *sources("VN-2")}
    assert Fact.objects.get(code="CF-2").status == "unverified"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/news/new-criteria-for-ocop-items-post250231.vnp", "new criteria for ocop items"),
        ("/index.php", "example.org"),
        ("/archives/116179/", "example.org"),
        ("/2022/%E0%B8%A0%E0%B8%B2%E0%B8%9E%E0%B8%A3%E0%B8%A7%E0%B8%A1", "ภาพรวม"),
    ],
)
def test_an_address_that_holds_no_title_is_described_by_its_host(
    ledger: dict[str, dict[str, str]], path: str, title: str
) -> None:
    ledger["VN-1"]["source"] = f"https://www.example.org{path}"
    load_evidence()
    source = Source.objects.get(address=ledger["VN-1"]["source"])
    assert (source.title, source.publisher) == (title, "example.org")
    assert str(source) == (title if title == "example.org" else f"example.org: {title}")


@pytest.mark.usefixtures("ledger")
def test_what_else_the_ledger_says_of_the_place_becomes_a_note() -> None:
    load_evidence()
    notes = dict(Fact.objects.values_list("code", "note"))
    assert notes["VN-1"] == ""
    assert notes["VN-2"] == "L4"
    assert notes["VN-4"] == "page 7"
    assert notes["VN-6"] == "personal knowledge of the project"


def test_a_second_run_renews_what_changed_and_nothing_else(
    ledger: dict[str, dict[str, str]],
) -> None:
    load_evidence()
    before = dict(Fact.objects.values_list("code", "pk"))
    ledger["VN-1"]["fact"], ledger["VN-1"]["source"] = "y", "https://d.example/new"
    ledger["VN-2"]["status"] = "sourced"
    load_evidence()
    assert dict(Fact.objects.values_list("code", "pk")) == before
    assert Fact.objects.get(code="VN-1").statement == "y"
    assert sources("VN-1") == {"https://d.example/new"}
    assert Fact.objects.get(code="VN-2").status == "sourced"


def test_a_corrected_address_alone_is_taken_over(ledger: dict[str, dict[str, str]]) -> None:
    load_evidence()
    ledger["VN-1"]["source"] = "https://d.example/corrected"
    load_evidence()
    assert sources("VN-1") == {"https://d.example/corrected"}


def test_an_unknown_status_is_refused(ledger: dict[str, dict[str, str]]) -> None:
    ledger["VN-1"]["status"] = "rumour"
    with pytest.raises(KeyError, match="rumour"):
        load_evidence()


def test_vocabulary_has_a_name_in_each_language_once_however_often_it_is_loaded() -> None:
    load_vocabulary()
    load_vocabulary()
    assert Country.objects.count() == len(list(read_table("countries.tsv")))
    assert Theme.objects.count() == len(list(read_table("themes.tsv")))
    theme = Theme.objects.get(code="grading")
    assert theme.name_in("vi") == "Đánh giá, phân hạng sao"
    assert theme.name_in("xx") == theme.name == "Grading and stars"
    assert theme.names.count() == 17


def test_every_glossary_row_becomes_a_term_of_its_own() -> None:
    load_vocabulary()
    rows = list(read_table("glossary.tsv"))
    assert GlossaryTerm.objects.count() == len(rows)
    assert not any(
        name.name == "" for term in GlossaryTerm.objects.all() for name in term.names.all()
    )


def test_every_glossary_row_has_a_spanish_name() -> None:
    """Spanish questions are asked, though the interface has no Spanish."""
    load_vocabulary()
    assert [term.code for term in GlossaryTerm.objects.exclude(names__language="es")] == []
    assert GlossaryTerm.objects.get(code="traceability").name_in("es") == "trazabilidad"


def test_a_term_gets_the_names_that_the_glossary_has_got_since_but_none_again() -> None:
    load_vocabulary()
    GlossaryName.objects.filter(language="es").delete()
    GlossaryTerm.objects.get(code="tambon-sub-district").delete()
    LoadedEntry.objects.filter(kind="GlossaryName", key__endswith=" es").delete()  # as if never
    GlossaryName.objects.filter(term__code="traceability", language="vi").delete()
    load_vocabulary()
    traceability = GlossaryTerm.objects.get(code="traceability")
    assert traceability.names.filter(language="es").get().name == "trazabilidad"
    assert not traceability.names.filter(language="vi").exists()
    GlossaryName.objects.filter(language="es").delete()
    load_vocabulary()
    assert not GlossaryName.objects.filter(language="es").exists()


@pytest.fixture
def glossary(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One term of our own in place of glossary.tsv."""
    row = {"en": "commune", "fr": "commune", "lo": "ກຸ່ມບ້ານ", "sw": "kata"}

    def read(name: str) -> list[dict[str, str]]:
        return [dict(row)] if name == "glossary.tsv" else list(read_table(name))

    monkeypatch.setattr(vocabulary, "read_table", read)
    return row


def names_of_the_term() -> dict[str, str]:
    return dict(GlossaryName.objects.values_list("language", "name"))


def test_a_name_that_the_glossary_changed_is_renewed_but_never_an_editors(
    glossary: dict[str, str],
) -> None:
    load_vocabulary()
    GlossaryName.objects.filter(language="sw").update(name="shehia")
    GlossaryName.objects.filter(language="fr").delete()
    glossary.update(lo="ຕາແສງ", sw="kata (Tanzania)", fr="commune rurale")
    load_vocabulary()
    assert names_of_the_term() == {"lo": "ຕາແສງ", "sw": "shehia"}
    glossary.update(lo="ຕາແສງ (ຫວຽດນາມ)", sw="shehia")
    load_vocabulary()
    glossary["sw"] = "kata"
    load_vocabulary()
    assert names_of_the_term() == {"lo": "ຕາແສງ (ຫວຽດນາມ)", "sw": "shehia"}


def test_a_name_from_before_it_was_noted_how_it_was_loaded_is_renewed_from_then_on(
    glossary: dict[str, str],
) -> None:
    load_vocabulary()
    GlossaryName.objects.filter(language="sw").update(name="shehia")
    LoadedEntry.objects.update(loaded_as="")
    load_vocabulary()
    glossary.update(lo="ຕາແສງ", sw="kata (Tanzania)")
    load_vocabulary()
    assert names_of_the_term() == {"fr": "commune", "lo": "ຕາແສງ", "sw": "shehia"}


def test_what_programmes_are_called_is_known_in_every_language_of_the_interface() -> None:
    """A question that names OCOP or OTOP in full finds what is told of it in other languages."""
    named = [row for row in read_table("glossary.tsv") if row["en"].startswith("One ")]
    assert len(named) == 5
    assert [row["en"] for row in named if not all(row[one] for one in INTERFACE_LANGUAGES)] == []


def test_the_lao_interface_calls_things_as_the_glossary_and_the_ledger_do() -> None:
    """Officials tell a programme from a project, and the facts beside these words do too."""
    lao = {row["en"]: row["lo"] for row in read_table("glossary.tsv")}
    with translation.override("lo"):
        assert lao["commune"] in str(HINTS[Dimension.SCALE])
        assert lao["national target programme"].startswith(gettext("Programme"))
        assert lao["pilot project"].startswith(gettext("projects"))


def test_a_country_has_other_names_and_keeps_those_of_an_editor() -> None:
    load_vocabulary()
    thailand = Country.objects.get(code="th")
    assert {"Thai", "thaïlandais", "تايلاندي"} <= set(thailand.other_names.splitlines())
    thailand.other_names = "Siam"
    thailand.save()
    load_vocabulary()
    assert Country.objects.get(code="th").other_names == "Siam"


@pytest.mark.parametrize(
    ("name", "code"),
    [("พม่า", "mm"), ("臺灣", "tw"), ("Mô-dăm-bích", "mz"), ("Uchina", "cn"), ("East Timor", "tl")],
)
def test_a_country_is_known_by_what_people_call_it_too(name: str, code: str) -> None:
    load_vocabulary()
    assert name in Country.objects.get(code=code).other_names.splitlines()


def translated(code: str) -> str:
    with translation.override("fr"):
        return Fact.objects.get(code=code).told


@pytest.fixture
def in_french(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Translations of our own in place of the files."""
    statements = {"VN-1": "Un.", "VN-9": "Neuf."}
    monkeypatch.setattr(vocabulary, "languages", lambda: ["fr"])
    monkeypatch.setattr(vocabulary, "read_statements", lambda _: list(statements.items()))
    return statements


@pytest.mark.usefixtures("ledger")
def test_the_ledger_brings_translations_and_renews_its_own(in_french: dict[str, str]) -> None:
    load_evidence()
    assert translated("VN-1") == "Un."
    in_french["VN-1"] = "Un, corrigé."
    load_evidence()
    assert translated("VN-1") == "Un, corrigé."


@pytest.mark.usefixtures("ledger", "in_french")
def test_a_translation_that_an_editor_changed_stays_unless_forced() -> None:
    load_evidence()
    one = Fact.objects.get(code="VN-1").translations.get()
    one.statement = "Une."
    one.save()
    load_evidence()
    assert translated("VN-1") == "Une."
    load_evidence(force=True)
    assert translated("VN-1") == "Un."


def test_a_translation_by_an_editor_of_what_the_ledger_no_longer_says_is_replaced(
    ledger: dict[str, dict[str, str]], in_french: dict[str, str]
) -> None:
    load_evidence()
    one = Fact.objects.get(code="VN-1").translations.get()
    one.statement = "Une."
    one.save()
    ledger["VN-1"]["fact"], in_french["VN-1"] = "corrected", "Corrigé."
    load_evidence()
    assert translated("VN-1") == "Corrigé."


@pytest.mark.usefixtures("in_french")
def test_a_statement_of_an_editor_is_not_given_the_translation_of_another(
    ledger: dict[str, dict[str, str]],
) -> None:
    load_evidence()
    Fact.objects.filter(code="VN-1").update(statement="Another.")
    load_evidence()
    assert translated("VN-1") == "Another."


@pytest.mark.parametrize("model", [Country, Theme, GlossaryTerm])
def test_what_an_editor_deleted_does_not_come_back_unless_forced(model: Any) -> None:
    load_vocabulary()
    one = model.objects.earliest("pk")
    model.objects.filter(pk=one.pk).delete()
    load_vocabulary()
    assert not model.objects.filter(code=one.code).exists()
    load_vocabulary(force=True)
    assert model.objects.get(code=one.code).names.exists()


def test_a_country_that_is_named_comes_back_and_no_other() -> None:
    load_vocabulary()
    Country.objects.filter(code__in=["vn", "th"]).delete()
    assert loaded_country("vn").other_names
    assert not Country.objects.filter(code="th").exists()


@pytest.mark.usefixtures("ledger", "in_french")
def test_a_fact_that_an_editor_deleted_does_not_come_back_unless_forced() -> None:
    load_evidence()
    Fact.objects.get(code="VN-1").delete()
    load_evidence()
    assert not Fact.objects.filter(code="VN-1").exists()
    assert sources("VN-3") == {ONE, TWO, DOCUMENT}
    load_evidence(force=True)
    assert translated("VN-1") == "Un."


CITING: dict[str, Callable[[], object]] = {
    "page": lambda: work(text="Honey [@VN-2; @VN-1]."),
    "page not published": lambda: work(text="Honey [@VN-1].", publish=False),
    "cell": lambda: ProgrammeCell.objects.create(
        page=work(ProgrammePage), aspect="finance", text="Loans [@VN-1]."
    ),
    "lineage": lambda: TransferText.objects.create(
        transfer=Transfer.objects.create(origin="a", heir="b"), language="en", result="Ten [@VN-1]."
    ),
    "name": lambda: AmbiguousNameText.objects.create(
        name=AmbiguousName.objects.create(name="A"), language="en", explanation="Two [@VN-1]."
    ),
}


@pytest.mark.usefixtures("ledger", "in_french")
@pytest.mark.parametrize("cite", CITING.values(), ids=CITING)
def test_a_deleted_fact_comes_back_where_something_cites_it_still(
    cite: Callable[[], object],
) -> None:
    """Else its figure would stand there without a number that leads to evidence."""
    load_evidence()
    cite()
    Fact.objects.filter(code__in=["VN-1", "VN-4"]).delete()
    load_evidence()
    assert sources("VN-1") == {ONE, TWO}
    assert translated("VN-1") == "Un."
    assert not Fact.objects.filter(code="VN-4").exists()


@pytest.mark.usefixtures("ledger")
def test_a_longer_code_brings_no_fact_back() -> None:
    load_evidence()
    Fact.objects.create(code="VN-12", statement="x")
    work(text="Honey [@VN-12].")
    Fact.objects.get(code="VN-1").delete()
    load_evidence()
    assert not Fact.objects.filter(code="VN-1").exists()


@pytest.mark.usefixtures("ledger")
def test_facts_of_what_is_being_loaded_are_there() -> None:
    load_evidence()
    Fact.objects.filter(code__in=["VN-1", "VN-4"]).delete()
    ensure_facts(["VN-1", "VN-2"])
    assert Fact.objects.filter(code="VN-1").exists()
    assert not Fact.objects.filter(code="VN-4").exists()

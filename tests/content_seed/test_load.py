"""A small collection, loaded into the real tree, vocabulary and ledger once for the module."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Locale, Page, Site

from content_seed import ledger
from content_seed.load import LoadReport, load_collection
from content_seed.models import LoadedEntry, LoadedPage
from content_seed.parse import CollectionError, VersionFile, WorkFile, read_table
from content_seed.vocabulary import _fingerprint
from embeddings.models import Passage
from knowledge.differences import differences
from knowledge.models import (
    CaseStudyPage,
    Country,
    Fact,
    HomePage,
    Indicator,
    IndicatorValue,
    PolicyPage,
    ProgrammePage,
    Theme,
)
from knowledge.sync import drain_pending

pytestmark = [pytest.mark.long, pytest.mark.django_db]


def version(
    language: str, title: str, text: str = "## A\n\nHoney [@VN-21].", **extra: str
) -> VersionFile:
    return VersionFile(language=language, title=title, summary="S.", markdown=text, extra=extra)


def work(slug: str, kind: str, *versions: VersionFile, **fields: object) -> WorkFile:
    values = {
        "programme": "ocop",
        "country": "vn",
        "dated": "2023",
        "dated_fact": "VN-21",
        "themes": ("grading",),
        "original": versions[0].language,
        "facts": frozenset({"VN-21"}),
        **fields,
    }
    return WorkFile(
        slug=slug, kind=kind, versions={one.language: one for one in versions}, **values
    )


PROGRAMME = work(
    "ocop",
    "programme",
    version("vi", "OCOP vi", unit="xã", lead_body="Bộ"),
    version("en", "OCOP en"),
    profile={"started": 2018, "aliases": ["OCOP", "Mỗi xã một sản phẩm"]},
)
OLD = work(
    "old", "policy", version("vi", "1048 vi"), version("en", "1048 en"), policy={"number": 1048}
)
NEW = work(
    "new",
    "policy",
    version("vi", "148 vi", issuer="Thủ tướng"),
    version("en", "148 en"),
    policy={"number": "148/QĐ-TTg", "replaces": ["old"]},
)
CASE = work("honey", "case_study", version("vi", "Mật ong"), country="", dated="2024-05")
WORKS = [PROGRAMME, OLD, NEW, CASE]
NAMES = ["ocop.vi", "ocop.en", "old.vi", "old.en", "new.vi", "new.en", "honey.vi"]


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker: object) -> Iterator[LoadReport]:
    """Load once; every test runs in a transaction on top of it, undone afterwards."""
    from django.test import TestCase

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        atomics = TestCase._enter_atomics()
        try:
            yield load_collection(works=WORKS)
        finally:
            TestCase._rollback_atomics(atomics)


@pytest.fixture(autouse=True)
def first(_loaded: LoadReport, db: None) -> LoadReport:
    return _loaded


def counts(report: LoadReport) -> tuple[int, int, int, int]:
    return len(report.created), len(report.updated), len(report.unchanged), len(report.kept)


def page(slug: str, language: str) -> Page:
    return Page.objects.get(slug=slug, locale__language_code=language).specific


def changed(slug: str, title: str) -> list[WorkFile]:
    """The collection with another title of one Vietnamese text."""
    return [
        replace(one, versions={**one.versions, "vi": replace(one.versions["vi"], title=title)})
        if one.slug == slug
        else one
        for one in WORKS
    ]


def test_a_first_run_creates_every_version_the_original_first(first: LoadReport) -> None:
    assert counts(first) == (7, 0, 0, 0)
    assert first.created == NAMES


def test_versions_of_a_work_share_their_key_and_know_the_original() -> None:
    vi, en = page("new", "vi"), page("new", "en")
    assert vi.translation_key == en.translation_key
    # The same on every installation: feeds, calendars and citations name works by it.
    assert str(vi.translation_key) == "3367273a-c62c-5f3b-b2d5-25467020646d"
    assert (vi.is_original, en.is_original) == (True, False)
    assert vi.live
    assert vi.latest_revision_id is not None


def test_every_field_arrives() -> None:
    programme = page("ocop", "vi")
    assert isinstance(programme, ProgrammePage)
    assert (programme.code, programme.started, programme.unit, programme.lead_body) == ("ocop", 2018, "xã", "Bộ")  # fmt: skip
    assert programme.other_names == "OCOP\nMỗi xã một sản phẩm"
    policy = page("new", "vi")
    assert isinstance(policy, PolicyPage)
    assert (policy.number, policy.issuer, policy.dated) == ("148/QĐ-TTg", "Thủ tướng", "2023")
    assert policy.country.code == "vn"
    assert [theme.code for theme in policy.themes.all()] == ["grading"]
    assert policy.collection_slug == "new"
    case = page("honey", "vi")
    assert isinstance(case, CaseStudyPage)
    assert (case.country, case.dated) == (None, "2024-05")
    assert [fact.code for fact in case.cited_facts] == ["VN-21"]


def test_a_work_belongs_to_the_programme_page_of_its_language_else_to_the_original() -> None:
    assert page("new", "en").programme.title == "OCOP en"
    assert page("honey", "vi").programme.title == "OCOP vi"


def test_policies_are_linked_in_every_language() -> None:
    assert [one.title for one in page("new", "vi").replaces.all()] == ["1048 vi"]
    assert [one.title for one in page("new", "en").replaces.all()] == ["1048 en"]
    assert list(page("old", "vi").replaces.all()) == []


def test_every_content_language_has_a_home_page_and_four_lists(client: Client) -> None:
    assert Locale.objects.count() == HomePage.objects.count() == 18
    for language in ("en", "vi", "lo", "ar", "am"):
        for path in ("", "programmes/", "policies/", "lessons/", "case-studies/"):
            assert client.get(f"/{language}/{path}").status_code == 200, (language, path)
    site = Site.objects.get(is_default_site=True)
    assert site.root_page.specific.examples


def test_pages_are_indexed_when_the_loader_returns() -> None:
    keys = set(Passage.objects.values_list("document_key", flat=True))
    assert keys == {f"page:{one.page_id}" for one in LoadedPage.objects.all()}
    assert len(keys) == 7


def test_a_second_run_changes_nothing() -> None:
    before = list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id"))
    passages = list(Passage.objects.values_list("pk", flat=True))
    assert counts(load_collection(works=WORKS)) == (0, 0, 7, 0)
    assert list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id")) == before
    assert list(Passage.objects.values_list("pk", flat=True)) == passages


def test_a_changed_file_updates_its_page_only() -> None:
    report = load_collection(works=changed("honey", "Mật ong bạc hà"))
    assert (counts(report), report.updated) == ((0, 1, 6, 0), ["honey.vi"])
    assert page("honey", "vi").title == "Mật ong bạc hà"
    assert counts(load_collection(works=changed("honey", "Mật ong bạc hà"))) == (0, 0, 7, 0)


def test_a_new_work_is_added() -> None:
    added = work("tre", "case_study", version("vi", "Tre"))
    report = load_collection(works=[*WORKS, added])
    assert report.created == ["tre.vi"]
    assert counts(report) == (1, 0, 7, 0)


def edit(slug: str) -> None:
    edited = page(slug, "vi")
    edited.title = "By an editor"
    edited.save_revision().publish()


def test_an_editors_change_is_kept_even_when_the_file_changes() -> None:
    edit("honey")
    assert counts(load_collection(works=WORKS)) == (0, 0, 6, 1)
    report = load_collection(works=changed("honey", "From the file"))
    assert report.kept == ["honey.vi"]
    assert page("honey", "vi").title == "By an editor"


def test_an_editors_unpublished_draft_is_kept_too() -> None:
    edited = page("honey", "vi")
    edited.title = "Draft of an editor"
    edited.save_revision()
    assert load_collection(works=changed("honey", "From the file")).kept == ["honey.vi"]


def test_an_unpublished_page_is_not_published_again() -> None:
    page("honey", "vi").unpublish()
    assert load_collection(works=changed("honey", "From the file")).kept == ["honey.vi"]
    assert not page("honey", "vi").live


def test_force_overwrites_an_editors_change() -> None:
    edit("honey")
    report = load_collection(works=WORKS, force=True)
    assert report.updated == ["honey.vi"]
    assert page("honey", "vi").title == "Mật ong"
    assert counts(load_collection(works=WORKS)) == (0, 0, 7, 0)


def test_a_deleted_page_stays_away_unless_forced() -> None:
    page("honey", "vi").delete()
    report = load_collection(works=WORKS)
    assert (report.kept, counts(report)) == (["honey.vi"], (0, 0, 6, 1))
    assert not Page.objects.filter(slug="honey").exists()
    assert load_collection(works=WORKS, force=True).created == ["honey.vi"]
    assert page("honey", "vi").live
    assert counts(load_collection(works=WORKS)) == (0, 0, 7, 0)


def test_an_editors_vocabulary_and_names_are_left_alone() -> None:
    from knowledge.models import Theme

    Theme.objects.filter(code="grading").update(name="My name")
    load_collection(works=WORKS)
    assert Theme.objects.get(code="grading").name == "My name"


def test_a_relation_taken_out_of_the_file_is_taken_off_the_page() -> None:
    unlinked = replace(NEW, policy={"number": "148/QĐ-TTg"})
    load_collection(works=[PROGRAMME, OLD, unlinked, CASE])
    assert list(page("new", "vi").replaces.all()) == []


def with_cells(of: WorkFile, cells: dict[str, str]) -> list[WorkFile]:
    """The collection with other cells in one Vietnamese text."""
    versions = {**of.versions, "vi": replace(of.versions["vi"], cells=cells)}
    return [replace(one, versions=versions) if one is of else one for one in WORKS]


def cells(slug: str, language: str = "vi") -> dict[str, str]:
    return {cell.aspect: cell.text for cell in page(slug, language).cells.all()}


@pytest.mark.parametrize(
    ("of", "first", "second"), [(PROGRAMME, "scale", "law"), (NEW, "levels", "open")]
)
def test_cells_stand_on_the_page_of_their_language_until_they_are_gone_from_the_file(
    of: WorkFile, first: str, second: str
) -> None:
    both = {first: "Five [@VN-21].", second: "None [@VN-21]."}
    load_collection(works=with_cells(of, both))
    assert (cells(of.slug), cells(of.slug, "en")) == (both, {})
    load_collection(works=with_cells(of, {first: "Six [@VN-21]."}))
    assert cells(of.slug) == {first: "Six [@VN-21]."}
    load_collection(works=WORKS)
    assert cells(of.slug) == {}


@pytest.mark.parametrize(
    ("of", "given", "message"),
    [
        (PROGRAMME, {"levels": "Five [@VN-21]."}, r"ocop\.vi.*levels"),
        (NEW, {"scale": "Five [@VN-21]."}, r"new\.vi.*scale"),
        (NEW, {"levels": "Five."}, r"new\.vi"),
        (NEW, {"levels": "Five [@XX-99]."}, r"new\.vi.*XX-99"),
        (NEW, {"levels": ""}, r"new\.vi"),
        (CASE, {"levels": "Five [@VN-21]."}, "honey"),
    ],
)
def test_a_faulty_cell_names_the_text_and_nothing_is_loaded(
    of: WorkFile, given: dict[str, str], message: str
) -> None:
    good = work("tre", "case_study", version("vi", "Tre"))
    with pytest.raises(CollectionError, match=message):
        load_collection(works=[good, *with_cells(of, given)])
    assert not Page.objects.filter(slug="tre").exists()


def test_no_entry_of_the_shipped_ledger_passes_for_edited() -> None:
    """Else a corrected file would never reach it."""
    entries: list[tuple[Any, Any]] = [
        (one, describe)
        for model, (describe, _) in ledger._FORMS.items()
        for one in model._default_manager.all()
    ]
    patterns = ("indicators/*.yaml", "lineage.yaml", "names.yaml")
    assert len(entries) == sum(len(list(ledger._read(pattern))) for pattern in patterns)
    assert [
        str(one) for one, describe in entries if one.loaded_as != ledger._fingerprint(describe(one))
    ] == []


def older_wording(*, by_editor: bool) -> None:
    fact = Fact.objects.get(code="VN-21")
    fact.statement = "An older wording."
    if not by_editor:
        fact.loaded_as = _fingerprint(fact)
    fact.save()
    drain_pending()
    assert differences() == []


def test_a_fact_corrected_in_the_ledger_reaches_the_index_before_the_loader_returns() -> None:
    older_wording(by_editor=False)
    load_collection(works=WORKS)
    assert Fact.objects.get(code="VN-21").statement != "An older wording."
    assert differences() == []


def test_a_fact_that_an_editor_changed_stays_unless_forced() -> None:
    older_wording(by_editor=True)
    load_collection(works=WORKS)
    assert Fact.objects.get(code="VN-21").statement == "An older wording."
    load_collection(works=WORKS, force=True)
    assert Fact.objects.get(code="VN-21").statement != "An older wording."


def test_policies_an_editor_deleted_do_not_stop_the_loader() -> None:
    for page in PolicyPage.objects.filter(collection_slug="old"):
        page.delete()
    load_collection(works=[PROGRAMME, OLD, replace(NEW, dated="2022"), CASE])
    new = PolicyPage.objects.get(collection_slug="new", locale__language_code="vi")
    assert (new.dated, new.replaces.count()) == ("2022", 0)


def test_progress_runs_from_nothing_to_all() -> None:
    calls: list[tuple[int, int, str]] = []
    load_collection(works=WORKS, progress=lambda *call: calls.append(call))
    assert calls[0] == (0, 7, "vocabulary")
    assert calls[-1] == (7, 7, "index")
    assert [what for _, _, what in calls[1:-1]] == NAMES


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"themes": ("grading", "nothing")}, "honey.*nothing"),
        ({"programme": "nowhere"}, "honey.*nowhere"),
    ],
)
def test_a_reference_to_nothing_names_the_work(fault: dict[str, object], message: str) -> None:
    other = replace(CASE, slug="honey-two", **fault)
    with pytest.raises(CollectionError, match=message):
        load_collection(works=[*WORKS, other])


def test_a_chain_to_nothing_names_the_policy() -> None:
    with pytest.raises(CollectionError, match="missing"):
        load_collection(works=[*WORKS[:2], replace(NEW, policy={"replaces": ["missing"]}), CASE])


def test_a_faulty_collection_loads_nothing() -> None:
    """The door's promise: "Raises CollectionError when a file is faulty; nothing is loaded then"."""
    good = work("tre", "case_study", version("vi", "Tre"))
    bad = work("bad", "case_study", version("vi", "Bad"), themes=("nothing",))
    with pytest.raises(CollectionError):
        load_collection(works=[*WORKS, good, bad])
    assert not Page.objects.filter(slug="tre").exists()


def test_a_citation_of_an_unknown_fact_is_a_fault_of_the_collection() -> None:
    bad = work("bad", "case_study", version("vi", "Bad", "x [@XX-99]."), facts=frozenset({"XX-99"}))
    with pytest.raises(CollectionError, match="bad"):
        load_collection(works=[*WORKS, bad])


def test_a_language_the_portal_does_not_have_is_a_fault_of_the_collection() -> None:
    bad = work("bad", "case_study", version("vi", "Bad"), version("xx", "Bad"))
    with pytest.raises(CollectionError, match="bad"):
        load_collection(works=[*WORKS, bad])


def test_the_ledger_is_loaded_with_the_collection() -> None:
    assert Fact.objects.count() == len(list(read_table("facts.tsv")))


def test_what_a_new_work_names_is_there_though_an_editor_deleted_it() -> None:
    """But for its theme: without one it only says less."""
    Indicator.objects.filter(country__code="th").delete()
    Country.objects.get(code="th").delete()
    Theme.objects.get(code="tourism").delete()
    Fact.objects.filter(code__in=["TH-03", "TH-05"]).delete()
    text = version("th", "ใหม่", "## A\n\nHoney [@TH-03].")
    fields = {
        "dated_fact": "TH-03",
        "facts": frozenset({"TH-03"}),
        "themes": ("tourism", "grading"),
    }
    load_collection(works=[*WORKS, work("late", "case_study", text, country="th", **fields)])
    late = page("late", "th")
    assert late.country.code == "th"
    assert [fact.code for fact in late.cited_facts] == ["TH-03"]
    assert [theme.code for theme in late.themes.all()] == ["grading"]
    assert not Fact.objects.filter(code="TH-05").exists()
    assert not Theme.objects.filter(code="tourism").exists()


def test_a_theme_that_no_file_has_is_a_fault() -> None:
    faulty = work("late", "case_study", version("vi", "Mới"), themes=("no-such-theme",))
    with pytest.raises(CollectionError, match="unknown themes no-such-theme"):
        load_collection(works=[*WORKS, faulty])


def test_an_indicator_that_is_renewed_has_its_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Indicator.objects.filter(country__code="vn").order_by("code").first()
    code, cited = found.code, [value.fact.code for value in found.values.all()]
    found.delete()
    Fact.objects.filter(code__in=cited).exclude(code="VN-21").filter(
        code__in=set(cited) - set(IndicatorValue.objects.values_list("fact__code", flat=True))
    ).delete()
    LoadedEntry.objects.filter(kind="Indicator", key=code).delete()  # new in the collection
    load_collection(works=WORKS)
    renewed = Indicator.objects.get(code=code)
    assert [value.fact.code for value in renewed.values.all()] == cited

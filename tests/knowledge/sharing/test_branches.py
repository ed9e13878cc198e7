"""Branches, groups, workflows and collections of the countries."""

from django.contrib.auth.models import User
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Workflow,
    WorkflowPage,
)

from knowledge.models import Country, CountryMaterialsPage, StoredFile
from knowledge.sharing.branches import (
    editors_group,
    ensure_branch,
    ensure_editors_groups,
    materials_collection,
    put_under_review,
)


def viet_nam() -> Country:
    return Country.objects.get(code="vn")


def test_a_branch_is_made_once_a_language() -> None:
    first, again = ensure_branch(viet_nam(), "en"), ensure_branch(viet_nam(), "en")
    thai = ensure_branch(viet_nam(), "th")
    assert first.pk == again.pk
    assert (thai.translation_key, thai.locale.language_code) == (first.translation_key, "th")
    assert (first.live, first.title, first.slug) == (True, "Viet Nam", "vn")


def test_international_materials_have_a_branch_of_their_own() -> None:
    branch = ensure_branch(None, "fr")
    assert (branch.country, branch.slug) == (None, "international")
    assert editors_group(None).name == "Editors: international"


def test_one_group_and_one_workflow_serve_all_branches_of_a_country() -> None:
    branches = [ensure_branch(viet_nam(), language) for language in ("en", "th", "vi")]
    group = editors_group(viet_nam())
    assert group.name == "Editors: VN"
    workflows = WorkflowPage.objects.filter(page__in=branches).values_list("workflow", flat=True)
    assert (len(workflows), len(set(workflows))) == (3, 1)
    assert Workflow.objects.get(pk=workflows[0]).name == "Review by editors of VN"
    for branch in branches:
        granted = GroupPagePermission.objects.filter(group=group, page=branch)
        assert {one.permission.codename for one in granted} == {
            "add_page", "change_page", "publish_page",
        }  # fmt: skip


def test_an_editor_may_act_on_own_branches_only(editor: User) -> None:
    own, foreign = (
        ensure_branch(viet_nam(), "en"),
        ensure_branch(Country.objects.get(code="mw"), "en"),
    )
    assert own.permissions_for_user(editor).can_publish()
    assert own.permissions_for_user(editor).can_add_subpage()
    assert not foreign.permissions_for_user(editor).can_edit()
    assert not own.get_parent().permissions_for_user(editor).can_edit()
    assert editor.has_perm("wagtailadmin.access_admin")


def test_files_of_a_country_are_its_editors(editor: User) -> None:
    collection = materials_collection(viet_nam())
    assert materials_collection(viet_nam()) == collection
    assert (
        GroupCollectionPermission.objects.filter(
            group=editors_group(viet_nam()), collection=collection
        ).count()
        == 3
    )
    assert Collection.objects.filter(name="Materials: VN").count() == 1
    assert StoredFile.objects.count() == 0


def test_groups_of_all_countries_can_be_made_beforehand_and_again() -> None:
    ensure_editors_groups()
    before = (Workflow.objects.count(), CountryMaterialsPage.objects.count())
    ensure_editors_groups()
    assert (Workflow.objects.count(), CountryMaterialsPage.objects.count()) == before
    assert before[1] == 0


def test_what_an_administrator_arranged_stays() -> None:
    branch = ensure_branch(viet_nam(), "en")
    other = Workflow.objects.create(name="Our own way")
    WorkflowPage.objects.filter(page=branch).update(workflow=other)
    put_under_review(branch, viet_nam())
    assert ensure_branch(viet_nam(), "en").get_workflow() == other

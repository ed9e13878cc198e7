"""Where materials stand in the tree, and who reviews them: the editors of the country.

A country has a branch below the materials of each language it is written to, one group, one
workflow and one collection of files.
"""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.documents.models import Document
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from knowledge.models import Country, CountryMaterialsPage, MaterialIndexPage, ReviewTask

_INTERNATIONAL = "international"
_GROUP_PREFIX = "Editors: "
_ON_PAGES = ("add", "change", "publish")
_ON_FILES = ("add", "change", "choose")


def ensure_branch(country: Country | None, language: str) -> CountryMaterialsPage:
    """Return the branch of a country in a content language, made on first use.

    Args:
        country: None for what belongs to no single country.
        language: One of the languages for which the tree has a list of materials.
    """
    with transaction.atomic():
        # Two first submissions at once must not make two branches.
        lists = MaterialIndexPage.objects.select_for_update(of=("self",))
        parent = lists.filter(locale__language_code=language).order_by("path")[0]
        branch: CountryMaterialsPage | None
        branch = CountryMaterialsPage.objects.child_of(parent).filter(country=country).first()
        if branch is None:
            branch = _new_branch(parent, country)
        put_under_review(branch, country)
    return branch


def _new_branch(parent: MaterialIndexPage, country: Country | None) -> CountryMaterialsPage:
    language = parent.locale.language_code
    with translation.override(language):
        title = country.name_in(language) if country else _("International")
    slug = country.code if country else _INTERNATIONAL
    branch = CountryMaterialsPage(title=title, slug=slug, country=country, locale=parent.locale)
    other = CountryMaterialsPage.objects.filter(country=country).first()
    if other is not None:
        branch.translation_key = other.translation_key
    parent.add_child(instance=branch)
    branch.save_revision().publish()
    return branch


def open_languages() -> list[str]:
    """Return the content languages that have a list of materials."""
    codes = MaterialIndexPage.objects.values_list("locale__language_code", flat=True)
    return sorted(set(codes))


def put_under_review(page: Page, country: Country | None) -> None:
    """Let the editors of a country review, change and publish what stands under a page.

    A page that has a workflow is left as an administrator arranged it.
    """
    if WorkflowPage.objects.filter(page_id=page.pk).exists():
        return
    group = editors_group(country)
    for action in _ON_PAGES:
        permission = Permission.objects.get(
            content_type__app_label="wagtailcore", codename=f"{action}_page"
        )
        GroupPagePermission.objects.get_or_create(
            group=group, page_id=page.pk, permission=permission
        )
    WorkflowPage.objects.get_or_create(
        page_id=page.pk, defaults={"workflow": _review_workflow(country, group)}
    )


def editors_group(country: Country | None) -> Group:
    """Return the group of a country's editors, made on first use with its workflow and files.

    Whoever is in it may enter the admin, and add, change and publish on the country's branches.
    """
    group, created = Group.objects.get_or_create(name=f"{_GROUP_PREFIX}{_code(country)}")
    if created:
        group.permissions.add(
            Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
        )
        collection = materials_collection(country)
        for action in _ON_FILES:
            permission = Permission.objects.get(
                content_type__app_label=Document._meta.app_label, codename=f"{action}_document"
            )
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=collection, permission=permission
            )
        _review_workflow(country, group)
    return group


def ensure_editors_groups() -> None:
    """Make the groups of all countries, so that an administrator can put people into them."""
    for country in (None, *Country.objects.all()):
        editors_group(country)


def materials_collection(country: Country | None) -> Collection:
    """Return the collection of a country's files, made on first use."""
    root = Collection.get_first_root_node()
    name = f"Materials: {_code(country)}"
    existing: Collection | None = root.get_children().filter(name=name).first()
    return existing or root.add_child(name=name)


def _review_workflow(country: Country | None, group: Group) -> Workflow:
    task = ReviewTask.objects.filter(groups=group, active=True).first()
    workflow = (
        Workflow.objects.filter(workflow_tasks__task=task, active=True).first() if task else None
    )
    if workflow is not None:
        return workflow
    name = f"Review by editors of {_code(country)}"
    if task is None:
        task = ReviewTask.objects.create(name=name)
        task.groups.add(group)
    workflow = Workflow.objects.create(name=name)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow


def _code(country: Country | None) -> str:
    return country.code.upper() if country else _INTERNATIONAL

"""Works of the collection → pages."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from wagtail.models import Locale

from content_seed.markdown import body_from_markdown
from content_seed.parse import CollectionError, VersionFile, WorkFile, optional_date
from content_seed.tree import Tree
from content_seed.vocabulary import ensure_facts, loaded_country, theme_codes
from content_seed.workshops import check_workshops, fill_workshop, workshop_fields
from knowledge.models import (
    CaseStudyPage,
    Fact,
    LessonPage,
    PolicyCell,
    PolicyPage,
    ProgrammeCell,
    ProgrammePage,
    Theme,
    WorkshopPage,
)
from knowledge.models.base import WorkPage

_WORKS = uuid.UUID("5f2b6c8e-3a41-5d7f-9c60-7be1d2a48f13")
"""Namespace of their keys. Feeds, calendars and citations name works by these: they must be the same
on every installation and after every new beginning."""
_LICENCE = "CC-BY-4.0"
"""Of all texts of the collection."""
_RELATIONS = ("amends", "replaces")
_MODELS: dict[str, type[WorkPage]] = {
    model.kind: model
    for model in (ProgrammePage, PolicyPage, LessonPage, CaseStudyPage, WorkshopPage)
}
_CELLS: dict[str, type[ProgrammeCell | PolicyCell]] = {
    "programme": ProgrammeCell,
    "policy": PolicyCell,
}


def build_page(tree: Tree, work: WorkFile, version: VersionFile) -> WorkPage:
    """Create and publish the page of one language version; translations share its key."""
    model = _MODELS[work.kind]
    if (work.kind, version.language) not in tree.indexes:
        raise CollectionError(f"{work.slug}: {version.language} is no content language")
    page = model(
        slug=work.slug,
        locale=Locale.objects.get(language_code=version.language),
        collection_slug=work.slug,
    )
    sibling = model.objects.filter(collection_slug=work.slug).first()
    named = uuid.uuid5(_WORKS, f"{work.kind}/{work.slug}")
    page.translation_key = sibling.translation_key if sibling else named
    _fill(page, work, version)
    tree.indexes[work.kind, version.language].add_child(instance=page)
    page.save_revision(clean=False).publish()  # adding it has just looked it through
    return page


def update_page(page: WorkPage, work: WorkFile, version: VersionFile) -> None:
    """Bring a page to the state of its files and publish it."""
    _fill(page, work, version)
    page.save_revision().publish()


def _themes(work: WorkFile) -> list[Theme]:
    """Return the themes of a work but for those that an editor deleted."""
    themes = {theme.code: theme for theme in Theme.objects.filter(code__in=work.themes)}
    if missing := set(work.themes) - set(themes) - theme_codes():
        raise CollectionError(f"{work.slug}: unknown themes {', '.join(sorted(missing))}")
    return list(themes.values())


def _fill(page: WorkPage, work: WorkFile, version: VersionFile) -> None:
    ensure_facts(work.facts)
    page.title = page.draft_title = version.title
    page.summary = version.summary
    page.body = page._meta.get_field("body").to_python(
        body_from_markdown(version.markdown, name=f"{work.slug}.{version.language}")
    )
    page.dated = work.dated
    page.dated_fact = Fact.objects.filter(code=work.dated_fact).first()
    page.country = loaded_country(work.country) if work.country else None
    page.is_original = version.language == work.original
    page.licence = _LICENCE
    page.themes.set(_themes(work))
    for name, value in _special_fields(work, version).items():
        setattr(page, name, value)
    _fill_cells(page, version.cells)
    if isinstance(page, WorkshopPage):
        fill_workshop(page, work, version)


def _fill_cells(page: WorkPage, cells: Mapping[str, str]) -> None:
    model = _CELLS.get(page.kind)
    if model is None:
        if cells:
            raise CollectionError(f"{page.collection_slug}: a {page.kind} has no cells")
        return
    made = [model(page=page, aspect=aspect, text=text) for aspect, text in cells.items()]
    for cell in made:
        cell.clean_fields(exclude={"page"})
        cell.clean()
    relation: Any = page
    relation.cells = made


def _special_fields(work: WorkFile, version: VersionFile) -> dict[str, Any]:
    if work.kind == "programme":
        return {
            "code": work.slug,
            "started": work.profile.get("started"),
            "other_names": "\n".join(map(str, work.profile.get("aliases", ()))),
            "unit": version.extra.get("unit", ""),
            "lead_body": version.extra.get("lead_body", ""),
        }
    fields: dict[str, Any] = {"programme": _programme(work, version.language)}
    if work.kind == "policy":
        fields |= {
            "number": str(work.policy.get("number", "")),
            "issuer": version.extra.get("issuer", ""),
            "issued": optional_date(work.policy.get("issued")),
            "in_force_from": optional_date(work.policy.get("in_force_from")),
            "in_force_until": optional_date(work.policy.get("in_force_until")),
        }
    if work.kind == "workshop":
        fields |= workshop_fields(work)
    return fields


def _programme(work: WorkFile, language: str) -> ProgrammePage | None:
    """Return the programme in the best language; None when an editor has deleted it."""
    pages = list(ProgrammePage.objects.filter(code=work.programme).select_related("locale"))
    if not pages:
        return None
    best: ProgrammePage = min(pages, key=lambda page: _by_language(page, language))
    return best


def check_references(works: Sequence[WorkFile]) -> None:
    """Raise CollectionError when a work names a programme, policy or event that no file has."""
    programmes = {work.slug for work in works if work.kind == "programme"}
    policies = {work.slug for work in works if work.kind == "policy"}
    for work in works:
        if work.programme not in programmes:
            raise CollectionError(f"{work.slug}: no programme {work.programme!r}")
        for relation in _RELATIONS:
            for slug in work.policy.get(relation, ()):
                if slug not in policies:
                    raise CollectionError(f"{work.slug}: no policy {slug!r} in the collection")
    check_workshops(works)


def link_policies(works: Sequence[WorkFile], *, kept: Collection[str] = ()) -> None:
    """Set what each policy amends or replaces, in every language version; needs all pages.

    Pages named in `kept` ("slug.language") stay as their editor left them, and what an editor
    deleted is not linked to.
    """
    for work in works:
        if work.kind != "policy":
            continue
        for page in PolicyPage.objects.filter(collection_slug=work.slug):
            if f"{work.slug}.{page.language}" in kept:
                continue
            changed = [_link(page, name, work.policy.get(name, ())) for name in _RELATIONS]
            if any(changed):
                page.save()


def _link(page: PolicyPage, relation: str, slugs: Sequence[str]) -> bool:
    found = [_policy(slug, page.language) for slug in slugs]
    targets = [target for target in found if target is not None]
    field = getattr(page, relation)
    if {target.pk for target in targets} == set(field.values_list("pk", flat=True)):
        return False
    field.set(targets)
    return True


def _policy(slug: str, language: str) -> PolicyPage | None:
    pages = list(PolicyPage.objects.filter(collection_slug=slug).select_related("locale"))
    if not pages:
        return None
    best: PolicyPage = min(pages, key=lambda page: _by_language(page, language))
    return best


def _by_language(page: WorkPage, language: str) -> tuple[bool, bool]:
    return page.language != language, not page.is_original

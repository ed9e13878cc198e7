"""The site's skeleton: a home page and an index page for each kind in every content language."""

from dataclasses import dataclass

from django.conf import settings
from wagtail.models import Locale, Page, Site

from content_seed.parse import read_table
from knowledge.models import (
    CaseStudyIndexPage,
    HomePage,
    LessonIndexPage,
    MaterialIndexPage,
    PolicyIndexPage,
    ProgrammeIndexPage,
    WorkshopIndexPage,
)

_INDEXES = {
    "programme": (ProgrammeIndexPage, "programmes"),
    "policy": (PolicyIndexPage, "policies"),
    "lesson": (LessonIndexPage, "lessons"),
    "case_study": (CaseStudyIndexPage, "case-studies"),
    "material": (MaterialIndexPage, "materials"),
    "workshop": (WorkshopIndexPage, "workshops"),
}
_EXAMPLES = "examples.tsv"


@dataclass(frozen=True, slots=True)
class Tree:
    """Index pages by (kind, language)."""

    indexes: dict[tuple[str, str], Page]


def ensure_tree() -> Tree:
    """Create what is missing of the skeleton and return it."""
    titles = {row["kind"]: row for row in read_table("index_titles.tsv")}
    home = HomePage.objects.filter(locale__language_code="en").first() or _first_home(
        titles["home"]
    )
    indexes: dict[tuple[str, str], Page] = {}
    for kind, (model, slug) in _INDEXES.items():
        page = model.objects.descendant_of(home).first()
        if page is None:
            page = model(title=titles[kind]["en"], slug=slug, locale=home.locale)
            home.add_child(instance=page)
            page.save_revision().publish()
        indexes[kind, "en"] = page
    for language, _ in settings.LANGUAGES:
        if language == "en":
            continue
        locale = Locale.objects.get(language_code=language)
        _translated(home, locale, titles["home"][language], slug=f"home-{language}")
        for kind in _INDEXES:
            source = indexes[kind, "en"]
            indexes[kind, language] = _translated(
                source, locale, titles[kind][language], slug=source.slug
            )
    return Tree(indexes=indexes)


def _first_home(titles: dict[str, str]) -> HomePage:
    root = Page.get_first_root_node()
    locale = Locale.objects.get(language_code="en")
    home = HomePage(
        title=titles["en"],
        slug="home-en",
        locale=locale,
        examples=[
            {"type": "example", "value": {"language": row["language"], "question": row["question"]}}
            for row in read_table(_EXAMPLES)
        ],
    )
    root.add_child(instance=home)
    home.save_revision().publish()
    site = Site.objects.filter(is_default_site=True).first()
    welcome = site.root_page if site else None
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "root_page": home, "site_name": titles["en"]},
    )
    if welcome is not None and type(welcome.specific) is Page and welcome.depth > 1:
        welcome.delete()  # Wagtail's "Welcome" page of a new site
    return home


def _translated(source: Page, locale: Locale, title: str, *, slug: str) -> Page:
    existing = source.get_translation_or_none(locale)
    if existing is not None:
        return existing.specific
    page = source.specific.copy_for_translation(locale, copy_parents=True)
    page.title, page.draft_title, page.slug = title, title, slug
    page.save_revision().publish()
    return page

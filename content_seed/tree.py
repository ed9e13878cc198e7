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
        home_there = _home_in(locale, home, titles["home"][language])
        for kind in _INDEXES:
            indexes[kind, language] = _index_in(
                locale, home_there, indexes[kind, "en"], titles[kind][language]
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


def _home_in(locale: Locale, home: HomePage, title: str) -> HomePage:
    existing = home.get_translation_or_none(locale)
    if existing is not None:
        found: HomePage = existing.specific
        return found
    page: HomePage = home.copy_for_translation(locale)
    page.title, page.draft_title, page.slug = title, title, f"home-{locale.language_code}"
    page.save_revision().publish()
    page.refresh_from_db()  # with the address that another slug has given it
    return page


def _index_in(locale: Locale, home: HomePage, source: Page, title: str) -> Page:
    existing = source.get_translation_or_none(locale)
    if existing is not None:
        return existing.specific
    page = source.specific_class(
        title=title, slug=source.slug, locale=locale, translation_key=source.translation_key
    )
    home.add_child(instance=page)
    page.save_revision(clean=False).publish()  # adding it has just looked it through
    return page

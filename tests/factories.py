"""Builders of pages for tests: a small tree, and published works in it."""

from typing import Any

from wagtail.models import Locale, Page, Site

from content_seed.markdown import body_from_markdown
from knowledge.models import (
    CaseStudyIndexPage,
    CaseStudyPage,
    HomePage,
    LessonIndexPage,
    LessonPage,
    PolicyIndexPage,
    PolicyPage,
    ProgrammeIndexPage,
    ProgrammePage,
    WorkshopIndexPage,
    WorkshopPage,
)
from knowledge.models.base import WorkPage

INDEXES = {
    ProgrammePage: (ProgrammeIndexPage, "programmes"),
    PolicyPage: (PolicyIndexPage, "policies"),
    LessonPage: (LessonIndexPage, "lessons"),
    CaseStudyPage: (CaseStudyIndexPage, "case-studies"),
    WorkshopPage: (WorkshopIndexPage, "workshops"),
}


def home_page(language: str = "en") -> HomePage:
    """Return the home page of a language, made on first use."""
    locale, _ = Locale.objects.get_or_create(language_code=language)
    existing = HomePage.objects.filter(locale=locale).first()
    if existing is not None:
        return existing
    english = HomePage.objects.filter(locale__language_code="en").first()
    page = HomePage(title=f"Home {language}", slug=f"home-{language}", locale=locale)
    if english is not None:
        page.translation_key = english.translation_key
    elif language != "en":
        page.translation_key = home_page("en").translation_key
    Page.get_first_root_node().add_child(instance=page)
    if language == "en":
        Site.objects.all().delete()
        Site.objects.create(hostname="localhost", root_page=page, is_default_site=True)
    return page


def index_page(model: type[WorkPage], language: str = "en") -> Page:
    """Return the index page that works of a type stand under, made on first use."""
    index_model, slug = INDEXES[model]
    home = home_page(language)
    existing = index_model.objects.child_of(home).first()
    if existing is not None:
        return existing
    page = index_model(title=slug, slug=slug, locale=home.locale)
    home.add_child(instance=page)
    return page


def work(
    model: type[WorkPage] = CaseStudyPage,
    *,
    title: str = "A work",
    text: str = "Some text.",
    language: str = "en",
    publish: bool = True,
    parent: Page | None = None,
    translation_of: WorkPage | None = None,
    **fields: Any,
) -> WorkPage:
    """Return a page of a work; `text` is Markdown. Published through a revision, as editors do."""
    parent = parent or index_page(model, language)
    slug = fields.pop("slug", f"work-{Page.objects.count()}")
    themes = fields.pop("themes", ())
    fields.setdefault("summary", "A summary.")
    if model is ProgrammePage:
        fields.setdefault("code", slug)
    page = model(
        title=title,
        slug=slug,
        locale=Locale.objects.get(language_code=language),
        live=False,
        is_original=translation_of is None,
        **fields,
    )
    page.body = page._meta.get_field("body").to_python(body_from_markdown(text, name=slug))
    if translation_of is not None:
        page.translation_key = translation_of.translation_key
    parent.add_child(instance=page)
    if themes:
        page.themes.set(themes)
    if publish:
        page.save_revision().publish()
        page.refresh_from_db()
    return page

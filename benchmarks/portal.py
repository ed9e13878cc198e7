"""A portal of any size to measure: real pages with real passages, written in bulk.

What is indexed is what `rebuild_index` would index; `tests/benchmarks` compares them.
"""

import os
import random
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PASSAGES_A_PAGE = 10
TENTH, HUNDREDTH = {"theme": ["grading"]}, {"country": ["mw"]}
"""Filters that about a tenth and a hundredth of the pages pass."""
_PAGES_AT_ONCE = 400
_MOST_FOR_WAGTAIL = 200_000
"""Passages up to which Wagtail's own index is filled too; it takes longer than all the rest."""
_SEED = 148


def use(directory: Path, settings: str = "portal.settings.dev") -> None:
    """Set Django up with its database and index in a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    os.environ["PORTAL_VAR_DIR"] = str(directory)
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def fill(count: int) -> dict[str, float]:
    """Make a portal of so many passages on top of the starter collection; return what it cost."""
    from django.core.management import call_command
    from tqdm import tqdm

    from benchmarks.corpus import passages
    from embeddings.models import Passage

    call_command("migrate", verbosity=0)
    call_command("load_collection", verbosity=0)
    writer = _Writer()
    written = Passage.objects.count()
    texts = iter(passages(count - written))
    with tqdm(total=count, initial=written, desc="Portal", unit="passage", disable=None) as bar:
        while written < count and (batch := _pages_of(texts, _PAGES_AT_ONCE)):
            added = writer.write(batch)
            written += added
            bar.update(added)
    if writer.encoded and written <= _MOST_FOR_WAGTAIL:
        call_command("update_index", verbosity=0)  # Wagtail's own search, to compare with
    return {"encode_per_s": writer.encoded / max(writer.encoding_s, 1e-9)}


def _pages_of(texts: Iterator[Any], pages: int) -> list[tuple[str, list[str]]]:
    """Return (language, passages) of some pages; a page is in one language."""
    by_language: dict[str, list[str]] = {}
    for text in islice(texts, pages * PASSAGES_A_PAGE):
        by_language.setdefault(text.language, []).append(text.text)
    return [
        (language, known[at : at + PASSAGES_A_PAGE])
        for language, known in sorted(by_language.items())
        for at in range(0, len(known), PASSAGES_A_PAGE)
    ]


class _Writer:
    def __init__(self) -> None:
        from embeddings.store import encoder_in_force
        from knowledge.models import (
            CaseStudyIndexPage,
            Country,
            LessonIndexPage,
            ProgrammePage,
            Theme,
        )

        self.encoder = encoder_in_force()
        self.numbers = random.Random(_SEED)  # noqa: S311
        self.encoded, self.encoding_s = 0, 0.0
        self.indexes = {
            (model.__name__, page.locale.language_code): page
            for model in (CaseStudyIndexPage, LessonIndexPage)
            for page in model.objects.select_related("locale")
        }
        self.children = {page.pk: page.numchild for page in self.indexes.values()}
        self.countries = {country.code: country for country in Country.objects.all()}
        self.themes = {theme.code: theme for theme in Theme.objects.all()}
        self.programmes = list(
            ProgrammePage.objects.filter(is_original=True, live=True).order_by("code")
        )

    def write(self, batch: Sequence[tuple[str, list[str]]]) -> int:
        """Write and index some pages; return how many passages they have."""
        from django.db import transaction
        from wagtail.models import Page

        from embeddings import store
        from embeddings.models import Passage

        made = [self._make(language, texts) for language, texts in batch]
        with transaction.atomic():
            Page.objects.bulk_create([_bare(page) for page, _, _ in made])
            ids = dict(
                Page.objects.filter(path__in=[page.path for page, _, _ in made]).values_list(
                    "path", "pk"
                )
            )
            documents = []
            for page, themes, _ in made:
                page.pk = page.id = page.page_ptr_id = ids[page.path]
                page.save_base(raw=True, force_insert=True)
                documents.append(_document(page, themes))
            self._link_themes(made)
            rows = [row for document in documents for row in store.rows_of(document)]
            began = time.perf_counter()
            store.encode(rows, self.encoder)
            self.encoding_s += time.perf_counter() - began
            self.encoded += len(rows)
            Passage.objects.bulk_create(rows, batch_size=500)
            store.append_changes(store.lock_state(), [one.key for one in documents])
            self._count_children()
        return len(rows)

    def _make(self, language: str, texts: list[str]) -> tuple[Any, list[Any], list[str]]:
        """Return a page that is not saved, its themes, and its passages."""
        from django.utils import timezone
        from wagtail.models import Page

        from content_seed.markdown import body_from_markdown
        from knowledge.models import CaseStudyPage, LessonPage

        numbers = self.numbers
        model = numbers.choice([CaseStudyPage, LessonPage])
        parent = self.indexes.get((f"{model.__name__.removesuffix('Page')}IndexPage", language))
        parent = parent or self.indexes[f"{model.__name__.removesuffix('Page')}IndexPage", "en"]
        self.children[parent.pk] += 1
        slug = f"measured-{self.children[parent.pk]}"
        summary, *sections = texts
        body = "\n\n".join(f"## {number}\n\n{text}" for number, text in enumerate(sections, 1))
        country = "mw" if numbers.random() < 0.01 else numbers.choice(sorted({*self.countries} - {"mw"}))  # fmt: skip
        themes = [numbers.choice(sorted({*self.themes} - {"grading"}))]
        if numbers.random() < 0.1:
            themes.append("grading")
        now = timezone.now()
        page = model(
            title=" ".join(summary.split()[:8])[:80],
            draft_title=slug,
            slug=slug,
            path=Page._get_path(  # noqa: SLF001 – as treebeard numbers children
                parent.path, parent.depth + 1, self.children[parent.pk]
            ),
            depth=parent.depth + 1,
            url_path=f"{parent.url_path}{slug}/",
            locale=parent.locale,
            translation_key=uuid.UUID(int=numbers.getrandbits(128)),
            live=True,
            first_published_at=now,
            last_published_at=now,
            summary=summary,
            body=body_from_markdown(body, name=slug),
            dated=str(numbers.randint(1990, 2026)),
            country=self.countries[country],
            programme=numbers.choice(self.programmes),
            collection_slug="",
        )
        return page, [self.themes[code] for code in themes], texts

    def _link_themes(self, made: Sequence[tuple[Any, list[Any], list[str]]]) -> None:
        links: dict[Any, list[Any]] = {}
        for page, themes, _ in made:
            through = type(page).themes.through
            name = type(page)._meta.model_name
            links.setdefault(through, []).extend(
                through(**{f"{name}_id": page.pk, "theme_id": theme.pk}) for theme in themes
            )
        for through, rows in links.items():
            through.objects.bulk_create(rows)

    def _count_children(self) -> None:
        from wagtail.models import Page

        for pk, children in self.children.items():
            Page.objects.filter(pk=pk).update(numchild=children)


def _bare(page: Any) -> Any:
    """Return the row that a page of any type has in the table of all pages."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Page

    fields = [field.attname for field in Page._meta.concrete_fields if not field.primary_key]
    values = {name: getattr(page, name) for name in fields}
    values["content_type_id"] = ContentType.objects.get_for_model(type(page)).pk
    return Page(**values)


def _document(page: Any, themes: list[Any]) -> Any:
    """Return the page as `knowledge.documents` would, without asking the database again."""
    from embeddings.types import SourceDocument
    from knowledge.documents import document_key

    facets = {
        "kind": [page.kind],
        "programme": [page.programme.code],
        "country": [page.country.code],
        "theme": [theme.code for theme in themes],
        "language": [page.language],
        "year": [page.year],
        "collection_slug": [],
    }
    return SourceDocument(
        key=document_key(page.pk),
        work=str(page.translation_key),
        language=page.language,
        title=page.title,
        sections=tuple(page.sections()),
        facets=facets,
        dated=page.dated,
        scope=page.path,
    )

"""A portal of any size to measure: real pages with real passages, written in bulk.

What is indexed is what `rebuild_index` would index; `tests/benchmarks` compares them.
"""

import gc
import logging
import os
import random
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.corpus import ROOT, Text, passages

TEXTS_A_PAGE = 10
TENTH, HUNDREDTH = {"theme": ["grading"]}, {"country": ["mw"]}
"""Filters that about a tenth and a hundredth of the pages pass."""
_PAGES_AT_ONCE = 400
_MOST_A_PAGE = 20
"""Passages of a page whose texts are long; near the end, so many fewer pages are written at once."""
_SLUG = "measured-"
_MOST_FOR_WAGTAIL = 200_000
"""Passages up to which Wagtail's own index is filled too; it takes longer than all the rest."""
_SEED = 148


@contextmanager
def scratch(keep: Path | None = None) -> Iterator[Path]:
    """Set Django up with a database and an index of their own; yield their directory.

    With DATABASE_URL the database is a new one of that PostgreSQL server, never the one it names.

    Args:
        keep: Directory that is left as it is at the end and used again; None for one that goes.
    """
    directory = keep or Path(tempfile.mkdtemp(prefix="portal-"))
    server = os.environ.pop("DATABASE_URL", "")
    if server.startswith("postgres"):
        os.environ["DATABASE_URL"] = _own_database(server, directory)
    else:
        server = ""
    use(directory)
    try:
        yield directory
    finally:
        if keep is None:
            _discard(server, directory)


def use(directory: Path) -> None:
    """Set Django up with its index, and its database unless DATABASE_URL has it, in a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    os.environ["PORTAL_VAR_DIR"] = str(directory.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["PYTHONPATH"] = str(ROOT)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    import django

    django.setup()
    logging.disable(logging.INFO)


def settle() -> None:
    """Do what `portal/gunicorn.conf.py` does before it forks the workers that serve."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()


def _own_database(server: str, directory: Path) -> str:
    """Return the address of the database of a directory, made where there is none."""
    import psycopg  # not at the top: its memory would count as the portal's
    from psycopg import sql

    name = _database_name(directory)
    with psycopg.connect(server, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _discard(server: str, directory: Path) -> None:
    from django.db import connections

    connections.close_all()
    shutil.rmtree(directory, ignore_errors=True)
    if server:
        import psycopg
        from psycopg import sql

        name = sql.Identifier(_database_name(directory))
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _database_name(directory: Path) -> str:
    return f"benchmark_{directory.resolve().name}".lower()[:63]


def fill(count: int) -> None:
    """Make a portal of at least so many passages out of the starter collection and many more texts.

    One that has fewer is filled further.
    """
    from django.core.management import call_command
    from tqdm import tqdm

    from embeddings.models import Passage

    call_command("migrate", verbosity=0)
    if not Passage.objects.exists():
        call_command("load_collection", verbosity=0, stdout=StringIO())
    written = Passage.objects.count()
    if written >= count:
        return
    texts = islice(passages(count), _count_used_texts(), None)
    writer = _Writer()
    with tqdm(total=count, initial=written, desc="Portal", unit="passage", disable=None) as bar:
        while written < count:
            wanted = -(-(count - written) // _MOST_A_PAGE)
            batch = _pages_of(texts, min(_PAGES_AT_ONCE, wanted))
            if not batch:
                break
            added = writer.write(batch)
            written += added
            bar.update(added)
    if written <= _MOST_FOR_WAGTAIL:
        call_command("update_index", verbosity=0, stdout=StringIO())  # Wagtail's, to compare with


def _count_used_texts() -> int:
    """Return how many texts the pages have that were written here before."""
    from knowledge.models import CaseStudyPage, LessonPage

    bodies = (
        body.raw_data
        for model in (CaseStudyPage, LessonPage)
        for body in model.objects.filter(slug__startswith=_SLUG).values_list("body", flat=True)
    )
    return sum(1 + sum(block["type"] == "heading" for block in body) for body in bodies)


def _pages_of(texts: Iterator[Text], pages: int) -> list[tuple[str, list[str]]]:
    """Return (language, passages) of some pages; a page is in one language."""
    by_language: dict[str, list[str]] = {}
    for text in islice(texts, pages * TEXTS_A_PAGE):
        by_language.setdefault(text.language, []).append(text.text)
    return [
        (language, known[at : at + TEXTS_A_PAGE])
        for language, known in sorted(by_language.items())
        for at in range(0, len(known), TEXTS_A_PAGE)
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
        self.numbers = random.Random(_SEED + _count_used_texts())  # noqa: S311
        self.indexes = {
            (model.__name__, page.locale.language_code): page
            for model in (CaseStudyIndexPage, LessonIndexPage)
            for page in model.objects.select_related("locale")
        }
        self.children = {page.pk: page.numchild for page in self.indexes.values()}
        self.countries = {country.code: country for country in Country.objects.all()}
        self.themes = {theme.code: theme for theme in Theme.objects.all()}
        self.other_countries = sorted({*self.countries} - {*HUNDREDTH["country"]})
        self.other_themes = sorted({*self.themes} - {*TENTH["theme"]})
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
            Page.objects.bulk_create([_bare(page) for page, _ in made])
            ids = dict(
                Page.objects.filter(path__in=[page.path for page, _ in made]).values_list(
                    "path", "pk"
                )
            )
            documents = []
            for page, themes in made:
                page.pk = page.id = page.page_ptr_id = ids[page.path]
                page.save_base(raw=True, force_insert=True)
                documents.append(_document(page, themes))
            self._link_themes(made)
            rows = [row for document in documents for row in store.rows_of(document)]
            store.encode(rows, self.encoder)
            Passage.objects.bulk_create(rows, batch_size=500)
            store.append_changes(store.lock_state(), [one.key for one in documents])
            self._count_children()
        return len(rows)

    def _make(self, language: str, texts: list[str]) -> tuple[Any, list[Any]]:
        """Return a page that is not saved, and its themes."""
        from django.utils import timezone
        from wagtail.models import Page

        from content_seed.markdown import body_from_markdown
        from knowledge.models import CaseStudyPage, LessonPage

        numbers = self.numbers
        model = numbers.choice([CaseStudyPage, LessonPage])
        parent = self.indexes.get((f"{model.__name__.removesuffix('Page')}IndexPage", language))
        parent = parent or self.indexes[f"{model.__name__.removesuffix('Page')}IndexPage", "en"]
        self.children[parent.pk] += 1
        slug = f"{_SLUG}{self.children[parent.pk]}"
        summary, *sections = texts
        body = "\n\n".join(f"## {number}\n\n{text}" for number, text in enumerate(sections, 1))
        country = "mw" if numbers.random() < 0.01 else numbers.choice(self.other_countries)
        themes = [numbers.choice(self.other_themes)]
        if numbers.random() < 0.1:
            themes.append("grading")
        now = timezone.now()
        title = " ".join(summary.split()[:8])[:80]
        page = model(
            title=title,
            draft_title=title,
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
        return page, [self.themes[code] for code in themes]

    def _link_themes(self, made: Sequence[tuple[Any, list[Any]]]) -> None:
        links: dict[Any, list[Any]] = {}
        for page, themes in made:
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

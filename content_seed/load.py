"""The door: put the starter collection into the site, once or again.

Running it twice changes nothing. A page that an editor has touched since it was loaded is left
alone unless `force` is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.models import Locale, Page

from content_seed.ledger import load_ledger
from content_seed.models import LoadedPage
from content_seed.pages import build_page, check_references, link_policies, update_page
from content_seed.parse import CollectionError, VersionFile, WorkFile, read_collection
from content_seed.tree import Tree, ensure_tree
from content_seed.vocabulary import load_evidence, load_vocabulary
from embeddings.errors import EncoderUnavailable
from knowledge.rights import AnonymousReader
from knowledge.search.similar import duplicates_of
from knowledge.sharing.branches import ensure_editors_groups
from knowledge.sync import drain_pending


@dataclass(slots=True)
class LoadReport:
    """What a run did, by "slug.language"."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Changed or deleted by an editor, so left alone."""
    repeating: list[tuple[str, str]] = field(default_factory=list)
    """(what was created, title of a work in the same language that it repeats)."""


def load_collection(
    *,
    force: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
    works: Sequence[WorkFile] | None = None,
) -> LoadReport:
    """Load vocabulary, evidence, the page tree and all works; return what was done.

    `progress` is called with (done, total, what comes next). Raises CollectionError when a file
    is faulty; nothing is loaded then.
    """
    works = read_collection() if works is None else works
    versions = [(work, version) for work in works for version in _original_first(work)]
    check_references(works)
    progress = progress or _silent
    report = LoadReport()
    with transaction.atomic():
        progress(0, len(versions), "vocabulary")
        for code, _ in settings.LANGUAGES:
            Locale.objects.get_or_create(language_code=code)
        load_vocabulary(force=force)
        load_evidence(force=force)
        load_ledger(force=force)
        tree = ensure_tree()
        ensure_editors_groups()
        for done, (work, version) in enumerate(versions):
            progress(done, len(versions), f"{work.slug}.{version.language}")
            try:
                _load_version(tree, work, version, report, force=force)
            except ValidationError as error:
                name = f"{work.slug}.{version.language}"
                raise CollectionError(f"{name}: {'; '.join(error.messages)}") from error
        link_policies(works, kept=report.kept)
        progress(len(versions), len(versions), "index")
    drain_pending()
    _look_for_duplicates(report)
    return report


def _look_for_duplicates(report: LoadReport) -> None:
    """Note which of the new pages say what another work says already."""
    for name in report.created:
        slug, language = name.rsplit(".", maxsplit=1)
        loaded = LoadedPage.objects.get(slug=slug, language=language)
        if loaded.page is None:
            continue
        try:
            repeated = duplicates_of(loaded.page.specific, AnonymousReader())
        except EncoderUnavailable:
            return  # the pages wait to be indexed; so does this
        report.repeating += [(name, work.title) for work in repeated]


def _original_first(work: WorkFile) -> list[VersionFile]:
    return sorted(
        work.versions.values(),
        key=lambda version: (version.language != work.original, version.language),
    )


def _load_version(
    tree: Tree, work: WorkFile, version: VersionFile, report: LoadReport, *, force: bool
) -> None:
    name = f"{work.slug}.{version.language}"
    fingerprint = work.fingerprint(version.language)
    loaded = LoadedPage.objects.filter(slug=work.slug, language=version.language).first()
    page = loaded.page.specific if loaded and loaded.page else None
    if loaded is None or (page is None and force):
        page = build_page(tree, work, version)
        report.created.append(name)
    elif page is None or (_touched(page, loaded) and not force):
        report.kept.append(name)
        return
    elif loaded.fingerprint == fingerprint and not _touched(page, loaded):
        report.unchanged.append(name)
        return
    else:
        update_page(page, work, version)
        report.updated.append(name)
    page.refresh_from_db()
    LoadedPage.objects.update_or_create(
        slug=work.slug,
        language=version.language,
        defaults={
            "fingerprint": fingerprint,
            "page_id": page.pk,
            "revision_id": page.latest_revision_id,
        },
    )


def _touched(page: Page, loaded: LoadedPage) -> bool:
    return not page.live or page.latest_revision_id != loaded.revision_id


def _silent(done: int, total: int, what: str) -> None:
    """Report nothing."""

"""From what was gathered to a document: each work in one or two languages, with its references."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from embeddings.passages import PassageText, split_into_passages
from knowledge.blocks import raw_text
from knowledge.briefs.basket import Basket, Item
from knowledge.citing import apa, publisher_for, reference_to
from knowledge.export import Part, licence_of, parts_of
from knowledge.listing import full_pages
from knowledge.models import Fact
from knowledge.models.base import WorkPage
from knowledge.models.evidence import facts_cited
from knowledge.rights import readable_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A work in one language."""

    language: str
    title: str
    summary: str
    parts: Sequence[Part]
    """The whole text; empty where only title and summary are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One gathered work."""

    item: Item
    number: int
    """Where the item stands in the basket."""
    page: WorkPage
    """The version that was gathered."""
    versions: Sequence[Version]
    """In the chosen languages; the gathered one where the work has none of them."""
    notices: Sequence[str]
    """What must be known before it is relied on."""
    reference: str
    licence: str
    facts: Sequence[Fact]
    """What the passage, or else the text, rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefDocument:
    """All of it."""

    title: str
    publisher: str
    """The portal's name."""
    languages: Sequence[str]
    entries: Sequence[Entry]


def document_of(
    basket: Basket, request: HttpRequest, *, languages: Sequence[str] = (), whole: bool = False
) -> BriefDocument:
    """Return the document; what the visitor may no longer open is left out.

    Args:
        basket: What was gathered.
        request: Whose rights count.
        languages: One or two content languages; none for each work as it was gathered.
        whole: With the whole texts.
    """
    readable = readable_pages(request)
    gathered = readable.filter(pk__in={one.page for one in basket.items})
    works = set(gathered.values_list("translation_key", flat=True))
    ids = readable.filter(translation_key__in=works).values_list("pk", flat=True)
    pages = {page.pk: page for page in full_pages(ids)}
    entries = [
        _entry(item, number, pages, request, languages, whole=whole)
        for number, item in enumerate(basket.items)
        if item.page in pages
    ]
    return BriefDocument(
        title=basket.title,
        publisher=publisher_for(request),
        languages=languages,
        entries=entries,
    )


def languages_of(basket: Basket, request: HttpRequest) -> list[str]:
    """Return the languages in which some gathered work can be had."""
    readable = readable_pages(request)
    gathered = readable.filter(pk__in={one.page for one in basket.items})
    works = set(gathered.values_list("translation_key", flat=True))
    rows = readable.filter(translation_key__in=works)
    return sorted(set(rows.values_list("locale__language_code", flat=True)))


def _entry(
    item: Item,
    number: int,
    pages: dict[int, WorkPage],
    request: HttpRequest,
    languages: Sequence[str],
    *,
    whole: bool,
) -> Entry:
    page = pages[item.page]
    same = {
        one.language: one for one in pages.values() if one.translation_key == page.translation_key
    }
    chosen = [same[language] for language in languages if language in same] or [page]
    cited = page if item.passage else chosen[0]
    quoted = _passage(page, item.passage) if item.passage else None
    texts = [raw_text(page.body)] if whole or not item.passage else []
    texts += [f"[@{code}]" for code in quoted.cited] if quoted else []
    return Entry(
        item=item,
        number=number,
        page=page,
        versions=[
            Version(
                language=one.language,
                title=one.title,
                summary=one.summary,
                parts=parts_of(one) if whole else (),
            )
            for one in chosen
        ],
        notices=cited.notices_for(request),
        reference=apa(reference_to(cited, request)),
        licence=licence_of(cited),
        facts=facts_cited(texts),
    )


def _passage(page: WorkPage, wanted: str) -> PassageText | None:
    """Return the passage of a page that reads so, None where it has none."""
    plain = " ".join(wanted.split())
    passages = split_into_passages(list(page.sections()))
    return next((one for one in passages if " ".join(one.text.split()) == plain), None)


def stands_in(page: WorkPage, passage: str) -> bool:
    """Return whether a passage is really of this page, so that a brief quotes nothing else."""
    return _passage(page, passage) is not None

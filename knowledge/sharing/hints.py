"""What a contributor and a reviewer should know before a material is published."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from wagtail.models import Page

from embeddings.errors import EncoderUnavailable
from embeddings.language import detect_language
from knowledge.models import FilePart, MaterialPage, StoredFile
from knowledge.models.base import WorkPage
from knowledge.rights import readable_pages
from knowledge.search.results import ResultCard
from knowledge.search.service import search_knowledge
from knowledge.search.similar import duplicates_of
from knowledge.sharing.branches import open_languages

_LONGEST_SAMPLE = 4000
"""Letters of a material's files that tell its language."""
_LONGEST_QUESTION = 300
_ALIKE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Only of works that the person who asks may open."""

    repeated: Sequence[WorkPage] = field(default_factory=list)
    """Works in the same language of which it says much again."""
    alike: Sequence[ResultCard] = field(default_factory=list)
    """Materials in other languages that may be the same work."""
    language: str = ""
    """What the text reads as; empty when that cannot be said."""


def files_of(copy: MaterialPage) -> list[StoredFile]:
    """Return the files of a working copy in their order."""
    return [one.file for one in copy.files.all()]


def read_as(copy: MaterialPage) -> str:
    """Return the content language that title and files read as, empty when that is unclear."""
    found = files_read_as(copy) or detect_language(f"{copy.title}. {copy.summary}")
    return found if found in open_languages() else ""


def files_read_as(copy: MaterialPage) -> str:
    """Return the content language of the files alone, empty while they are not read yet."""
    texts: list[str] = []
    parts = FilePart.objects.filter(file__in=[one.pk for one in files_of(copy)])
    for text in parts.exclude(text="").order_by("file_id", "number").values_list("text", flat=True):
        texts.append(text)
        if sum(map(len, texts)) >= _LONGEST_SAMPLE:
            break
    text = " ".join(texts)[:_LONGEST_SAMPLE]
    found = detect_language(text) if text.strip() else ""
    return found if found in open_languages() else ""


def hints_for(copy: MaterialPage, request: HttpRequest) -> Hints:
    """Return what is near to a working copy among the works that the asking person may open."""
    try:
        repeated = [
            work
            for work in duplicates_of(copy, request)
            if work.translation_key != copy.translation_key
        ]
    except EncoderUnavailable:
        repeated = []
    question = f"{copy.title}. {copy.summary}"[:_LONGEST_QUESTION]
    found = search_knowledge(
        question,
        reader=request,
        filters={"kind": [MaterialPage.kind]},
        limit=2 * _ALIKE,
        facets=False,
        only_good=True,
    )
    alike = [
        card
        for card in found.cards
        if card.language != copy.language and card.work != str(copy.translation_key)
    ]
    return Hints(repeated=repeated, alike=alike[:_ALIKE], language=read_as(copy))


def original_for(copy: MaterialPage, request: HttpRequest, page_id: int) -> MaterialPage | None:
    """Return the material that a working copy may be a translation of, None where it may not.

    Args:
        copy: The translation.
        request: Of whoever asks; they must be able to open the other.
        page_id: Of the other.
    """
    page = readable_pages(request).filter(pk=page_id).first()
    original = MaterialPage.objects.filter(pk=page.pk).first() if page else None
    if original is None or original.pk == copy.pk or original.locale_id == copy.locale_id:
        return None
    taken = Page.objects.filter(
        translation_key=original.translation_key, locale_id=copy.locale_id
    ).exclude(pk=copy.pk)
    return None if taken.exists() else original

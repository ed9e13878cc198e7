"""Pages whose text reads as another language than the one they say."""

from dataclasses import dataclass

from django.http import HttpRequest

from knowledge.desk.texts import language_read, texts_at_desk
from knowledge.desk.works import DeskWork, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class MismatchRow:
    """A page in another language than it says."""

    work: DeskWork
    version: Version
    reads_as: str


def pages_in_other_language(request: HttpRequest) -> list[MismatchRow]:
    """Return those pages among what somebody may edit or open, by title of the work."""
    works, texts = texts_at_desk(request)
    places = {key: place for place, key in enumerate(works)}
    found = (
        (text, language_read(f"{text.summary}\n{text.text}", text.version.language))
        for text in sorted(texts, key=lambda text: (places[text.key], text.version.pk))
    )
    return [
        MismatchRow(work=works[text.key], version=text.version, reads_as=reads_as)
        for text, reads_as in found
        if reads_as is not None
    ]

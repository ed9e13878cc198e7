"""Where in a file a passage stands, as an address and in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.models.files import FilePart

_LONGEST_SENTENCE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """A page, slide or sheet of a file."""

    file_id: int
    number: int
    label: str
    """For example "Slide 7", in the reader's language."""
    title: str
    """Of the file."""

    def url_on(self, page_id: int, sentence: str = "") -> str:
        """Return the address of its text, on a page that shows the file, a sentence marked."""
        address = reverse("file_part", args=[page_id, self.file_id, self.number])
        if not sentence:
            return address
        return f"{address}?{urlencode({'mark': sentence[:_LONGEST_SENTENCE]})}"


def places_of(written: Iterable[str]) -> dict[str, FilePlace]:
    """Return place as the index keeps it ("file/number") → place; unknown ones are left out."""
    wanted = Q()
    for one in set(written):
        file_id, _slash, number = one.partition("/")
        if file_id.isdecimal() and number.isdecimal():
            wanted |= Q(file_id=int(file_id), number=int(number))
    if not wanted:
        return {}
    parts = FilePart.objects.filter(wanted).select_related("file").defer("text")
    return {
        str(part): FilePlace(
            file_id=part.file_id, number=part.number, label=label_of(part), title=part.file.title
        )
        for part in parts
    }


def label_of(part: FilePart) -> str:
    """Return what a reader calls a part: "Page 3", "Slide 7", "Sheet “Costs”"."""
    if part.kind == FilePart.Kind.SLIDE:
        return _("Slide %(number)s") % {"number": part.number}
    if part.kind == FilePart.Kind.PICTURE:
        return _("Picture")
    if part.kind == FilePart.Kind.SHEET:
        if part.name:
            return _("Sheet “%(name)s”") % {"name": part.name}
        return _("Table")
    return _("Page %(number)s") % {"number": part.number}
